package norm

import (
	"strings"

	"golang.org/x/net/idna"
)

// KeyKind says what a key identifies. The numbers are part of the database
// format: they are hashed, never reuse one.
type KeyKind uint8

const (
	KeyEmail      KeyKind = 1 // address
	KeyExternalID KeyKind = 2 // system, id
	KeyName       KeyKind = 3 // lead name, company
	KeyPhone      KeyKind = 4 // phone as Phone returns it
	KeyAccount    KeyKind = 5 // account name
	KeyTag        KeyKind = 6 // tag
	KeyUser       KeyKind = 7 // user name, e-mail or full name
	KeyPerson     KeyKind = 8 // first name, last name, company: possible duplicates (5.8)
)

// keySeparator stands between the parts of a key; Fold leaves none inside one.
const keySeparator = "\x1f"

// Key makes every match key of the program (rule 5.1): parts folded and
// joined. It returns "" where the part that identifies is blank: a lead
// without a name has no name key. Two values are the same thing exactly if
// their keys are equal.
func Key(kind KeyKind, parts ...string) string {
	part := func(i int) string {
		if i < len(parts) {
			return parts[i]
		}
		return ""
	}
	switch kind {
	case KeyEmail:
		return EmailKey(part(0))
	case KeyExternalID:
		id := externalID(part(1))
		if id == "" {
			return ""
		}
		return Fold(part(0)) + keySeparator + id
	case KeyName:
		name := Fold(part(0))
		if name == "" {
			return ""
		}
		return name + keySeparator + Fold(part(1))
	case KeyPerson:
		last := FoldName(part(1))
		if last == "" {
			return ""
		}
		return FoldName(part(0)) + keySeparator + last + keySeparator + FoldName(part(2))
	default:
		return Fold(part(0))
	}
}

// EmailKey is the folded address with its domain in IDNA ASCII (rule 5.1,
// UTS 46 non-transitional): Jerry@BÜCHER.example and
// jerry@xn--bcher-kva.example are one mailbox.
func EmailKey(s string) string {
	s = Fold(s)
	at := strings.LastIndexByte(s, '@')
	if at < 0 {
		return s
	}
	s = strings.TrimRight(s, ". ") // the root of the domain name system
	if isASCII(s) || !validDomain(s[at+1:]) {
		return s
	}
	domain, err := idnaKey().ToASCII(s[at+1:])
	if err != nil {
		return s
	}
	return s[:at+1] + domain
}

func idnaKey() *idna.Profile {
	return idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false))
}

// externalID folds an id of another system. Salesforce's ids of 15 characters
// tell upper from lower case; they become the form of 18, whose last three
// characters hold the cases (Salesforce: "15-character to 18-character id"),
// so that folding merges the two forms and never two records.
func externalID(s string) string {
	if salesforceID(s) {
		s += salesforceSuffix(s)
	}
	return Fold(s)
}

func salesforceID(s string) bool {
	if len(s) != 15 {
		return false
	}
	digits, letters := 0, 0
	for i := 0; i < len(s); i++ {
		switch {
		case isDigit(s[i]):
			digits++
		case isLetter(s[i]):
			letters++
		default:
			return false
		}
	}
	return digits > 0 && letters > 0
}

func salesforceSuffix(s string) string {
	var suffix [3]byte
	for chunk := range suffix {
		bits := 0
		for i := range 5 {
			if s[chunk*5+i]-'A' < 26 {
				bits |= 1 << i
			}
		}
		suffix[chunk] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[bits]
	}
	return string(suffix[:])
}

// Hash is the 64 bits that the database stores and indexes for a key:
// FNV-1a (Fowler, Noll, Vo) over the kind's number and the key's bytes, then
// the finalizer of MurmurHash3 (Appleby), which spreads short keys over all
// bits. It is part of the database format and never changes; keys of equal
// hash are compared as text.
func Hash(kind KeyKind, key string) uint64 {
	const prime = 1099511628211
	h := uint64(14695981039346656037)
	h = (h ^ uint64(kind)) * prime
	for i := 0; i < len(key); i++ {
		h = (h ^ uint64(key[i])) * prime
	}
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	h ^= h >> 33
	return h
}
