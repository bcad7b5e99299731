package norm

import (
	"regexp/syntax"
	"strconv"
	"strings"
	"sync"

	"github.com/nyaruka/phonenumbers"
)

// libphonenumber decides with regular expressions and takes some 20 µs for a
// number. Most numbers need none of them: which prefixes a country's rules can
// touch at all is known beforehand. A dialPlan holds that, made from the
// library's own metadata; a number that the rules could touch in a way that
// only they can tell goes to the library. So the outcome is the library's in
// every case, and a test compares the two.

// dialPlan is what the fast path has to know of one region.
type dialPlan struct {
	calling string    // country calling code
	lengths uint32    // bit n: a national number of n digits is possible
	longest int       // of these
	trunk   string    // national prefix where it is plain digits, else ""
	strips  [100]bool // first two digits: the national prefix's rule can match
	valid   [100]bool // first two digits: a valid national number can begin so
	abroad  [100]bool // first two digits: the international prefix can match
}

type dialPlans struct {
	region  map[string]*dialPlan // ISO 3166-1 alpha-2
	calling [1000]*dialPlan      // country calling code → its main region's plan
}

// plans are made on first use (about 10 ms).
var plans = sync.OnceValue(buildPlans)

func buildPlans() *dialPlans {
	p := &dialPlans{region: make(map[string]*dialPlan, 256)}
	collection, err := phonenumbers.MetadataCollection()
	if err != nil {
		return p // every number goes to the library
	}
	for _, m := range collection.GetMetadata() {
		d := newDialPlan(m)
		code := int(m.GetCountryCode())
		if d == nil || code <= 0 || code >= len(p.calling) {
			continue
		}
		region := m.GetId()
		if region != "001" {
			p.region[region] = d
		}
		if main := phonenumbers.GetRegionCodeForCountryCode(code); main == region {
			p.calling[code] = d
		}
	}
	return p
}

func newDialPlan(m *phonenumbers.PhoneMetadata) *dialPlan {
	general := m.GetGeneralDesc()
	if general.GetNationalNumberPattern() == "" {
		return nil
	}
	d := &dialPlan{calling: strconv.Itoa(int(m.GetCountryCode()))}
	for _, n := range general.GetPossibleLength() {
		if n > 0 && n < 32 {
			d.lengths |= 1 << n
			d.longest = max(d.longest, int(n))
		}
	}
	for _, n := range general.GetPossibleLengthLocalOnly() {
		if n > 0 && n < 32 {
			d.lengths &^= 1 << n
		}
	}
	prefix := m.GetNationalPrefixForParsing()
	if number(prefix) >= 0 && m.GetNationalPrefixTransformRule() == "" {
		d.trunk = prefix
	}
	ok := beginnings(general.GetNationalNumberPattern(), &d.valid)
	if prefix != "" {
		ok = ok && beginnings(prefix, &d.strips)
	}
	if idd := m.GetInternationalPrefix(); idd != "" {
		ok = ok && beginnings(idd, &d.abroad)
	}
	if !ok {
		return nil
	}
	return d
}

// beginnings marks each pair of digits that a match of pattern, anchored at
// the start, can begin with, or that stands behind a shorter match. It walks
// the compiled program as Thompson's simulation does; assertions count as
// fulfilled.
func beginnings(pattern string, pairs *[100]bool) bool {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return false
	}
	prog, err := syntax.Compile(re.Simplify())
	if err != nil {
		return false
	}
	start, done := closure(prog, []int{prog.Start})
	for first := range 10 {
		one, done1 := closure(prog, step(prog, start, rune('0'+first)))
		for second := range 10 {
			two, done2 := closure(prog, step(prog, one, rune('0'+second)))
			pairs[first*10+second] = done || done1 || done2 || len(two) > 0
		}
	}
	return true
}

func step(prog *syntax.Prog, from []int, r rune) []int {
	var to []int
	for _, pc := range from {
		if in := &prog.Inst[pc]; in.MatchRune(r) {
			to = append(to, int(in.Out))
		}
	}
	return to
}

// closure follows what consumes nothing; done reports that a match is among
// it.
func closure(prog *syntax.Prog, from []int) (to []int, done bool) {
	seen := make([]bool, len(prog.Inst))
	for len(from) > 0 {
		pc := from[len(from)-1]
		from = from[:len(from)-1]
		if seen[pc] {
			continue
		}
		seen[pc] = true
		switch in := &prog.Inst[pc]; in.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			from = append(from, int(in.Out), int(in.Arg))
		case syntax.InstCapture, syntax.InstNop, syntax.InstEmptyWidth:
			from = append(from, int(in.Out))
		case syntax.InstMatch:
			done = true
		case syntax.InstFail:
		default:
			to = append(to, pc)
		}
	}
	return to, done
}

// dial reads s as the library would, or reports that only it can tell.
func dial(s, region string) (e164 string, ok bool) {
	base, ext := s, ""
	if i := strings.Index(s, ";ext="); i > 0 {
		base, ext = s[:i], s[i:]
		if n := len(ext) - len(";ext="); n < 1 || n > 7 || number(ext[len(";ext="):]) < 0 {
			return "", false
		}
	}
	var buf [20]byte
	digits, plus, ok := dialled(base, buf[:0])
	if !ok || len(digits) < 5 {
		return "", false
	}
	p := plans()
	if !plus && digits[0] == '0' && digits[1] == '0' {
		plus, digits = true, digits[2:]
	}
	plan := p.region[region]
	switch {
	case plus:
		if plan = p.callingPlan(digits); plan == nil {
			return "", false
		}
		digits = digits[len(plan.calling):]
	case plan == nil || plan.abroad[begin(digits)]:
		return "", false
	case strings.HasPrefix(string(digits), plan.calling):
		// "1-585-255-1127": too long for a national number, so it begins with
		// the country's own code.
		rest := digits[len(plan.calling):]
		if len(digits) <= plan.longest || len(rest) < 2 || plan.strips[begin(rest)] {
			return "", false
		}
		if plan = p.callingPlan(digits); plan == nil {
			return "", false
		}
		digits = rest
	}
	if len(digits) < 2 {
		return "", false
	}
	if first := begin(digits); plan.strips[first] {
		if plan.trunk == "" || plan.valid[first] || !strings.HasPrefix(string(digits), plan.trunk) {
			return "", false
		}
		digits = digits[len(plan.trunk):]
		if !plan.possible(digits) {
			return "", false
		}
	}
	main := p.callingPlan([]byte(plan.calling))
	if main == nil || !main.possible(digits) || main.strips[begin(digits)] {
		return "", false // the last: E.164 read again could come out shorter
	}
	n := 1 + len(plan.calling) + len(digits)
	if len(base) == n && base[0] == '+' {
		return s, true // canonical already: nothing but +, code and digits fits
	}
	out := make([]byte, 0, n+len(ext))
	out = append(out, '+')
	out = append(out, plan.calling...)
	out = append(out, digits...)
	return string(append(out, ext...)), true
}

// dialled gives the digits of a number written with nothing but blanks and
// the usual marks between them, and whether a + was in front.
func dialled(s string, digits []byte) (_ []byte, plus, ok bool) {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case isDigit(c):
			if len(digits) == cap(digits) {
				return nil, false, false
			}
			digits = append(digits, c)
		case c == '+':
			if plus || len(digits) > 0 {
				return nil, false, false
			}
			plus = true
		case c == ' ', c == '-', c == '.', c == '(', c == ')', c == '/':
		default:
			return nil, false, false
		}
	}
	return digits, plus, true
}

func begin(digits []byte) int { return int(digits[0]-'0')*10 + int(digits[1]-'0') }

// callingPlan finds the plan of the country calling code that digits begin
// with; no code begins another (ITU-T E.164).
func (p *dialPlans) callingPlan(digits []byte) *dialPlan {
	code := 0
	for i := 0; i < len(digits) && i < 3; i++ {
		code = code*10 + int(digits[i]-'0')
		if code == 0 {
			return nil
		}
		if d := p.calling[code]; d != nil {
			return d
		}
	}
	return nil
}

func (d *dialPlan) possible(digits []byte) bool {
	return len(digits) < 32 && d.lengths&(1<<len(digits)) != 0
}
