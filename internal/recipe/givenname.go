package recipe

import "strings"

// givenNames are common first names of many countries, folded: enough that in
// any list of persons a good share is known, which no list of companies or
// deals reaches. Gathered by hand from births statistics of the last sixty
// years.
func givenNames() map[string]bool {
	out := make(map[string]bool, 400)
	for _, name := range strings.Fields(givenNameList) {
		out[name] = true
	}
	return out
}

const givenNameList = `
aaron abdul adam adrian agnes agnieszka ahmed aisha alan albert alejandro alessandro alex alexander alexandra alfred ali alice
alicia amanda amelie amina amy ana anastasia anders andre andrea andreas andrew andrzej angela anita anja ann anna anne annika anthony antoine
antonio anton arjun arthur astrid barbara beata beatrice ben benjamin bernard bernd bjorn brian bruno camille carla carlos carmen caroline catherine
cecile celine charles charlotte chen chiara chris christian christina christine christoph christopher claire claude claudia clemens craig cristina
daniel daniela david deborah denis dennis diana diego dieter dirk dmitri dominik donald dorothy eduardo edward elena elif elisabeth elizabeth ella
elodie emil emily emma emmanuel enrique eric erik esther eva eve ewa fabian fabio fatima felix fernando filip florence florian francesca francesco
francois frank franz fred frederic gabriel gabriela gary george georg gerald gerard giulia giovanni giuseppe gloria grace greg gregory greta guillaume gustav hannah
hans harald harry hassan heather heidi heike helen helena helene helga henri henrik henry hiroshi hugo ibrahim ines ingrid irene isabel isabella
ivan jacek jack jacob jacques jakub james jan jana jane janet jason javier jean jeff jennifer jens jeremy jerry jessica jill joan joanna joao joe joel
johan johann johannes john jonas jonathan jorge jose joseph juan julia julian julie juliette jun jurgen justin kamil kai karen karin karl karolina
katarzyna kate katherine kathrin katja keith kelly kenji kenneth kevin khalid kim klaus krzysztof kumar kurt laila lars laura laurent lea lee lena leo
leon lewis li liam lily linda lisa liu louis louise lucas lucia lucy luigi luis luisa lukas lukasz magdalena maja manuel marc marcel marcin marco marcus
margaret maria mariana marie mario marion mark markus marta martha martin martina mary mateusz matteo matthew matthias max mehmet mei melanie
michael michal michel michele miguel mike mohamed mohammed monica monika murat nadia nancy natalia nathalie nicholas nicole nicolas nick nils nina noah noor nora
olga oliver olivia olivier omar oscar otto pablo paolo pascal patricia patrick paul paula pauline pawel pedro peter petra philip philipp philippe pierre
pieter piotr priya rachel rafael rahul rainer ralf raj rebecca renate ricardo richard rita robert roberto roger roland ronald rosa roy ruth ryan sabine
said sally sam samantha samuel sandra sanjay sara sarah scott sean sebastian serge sergio sharon simon simone sofia sophia sophie stefan stefanie stephan stephanie
stephen steve steven sue susan susanne sven svetlana sylvie takashi tamara tanja tatiana teresa theo thierry thomas thorsten tim timothy tobias tom tomasz tony ulrich
ursula uwe valentina vanessa vera veronica victor victoria vincent vladimir walter wang wei wendy werner will willem william wolfgang yannick yuki yusuf yves zhang zoe`
