package norm

import (
	"bytes"
	"unicode/utf8"

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
	var short [96]byte
	b := AppendKey(short[:0], kind, parts...)
	if len(parts) == 1 && string(b) == parts[0] {
		return parts[0]
	}
	return string(b)
}

// AppendKey appends Key(kind, parts...).
func AppendKey(dst []byte, kind KeyKind, parts ...string) []byte {
	part := func(i int) string {
		if i < len(parts) {
			return parts[i]
		}
		return ""
	}
	start := len(dst)
	switch kind {
	case KeyEmail:
		return appendEmailKey(dst, part(0))
	case KeyExternalID:
		dst = append(appendFold(dst, part(0)), keySeparator...)
		id := len(dst)
		if dst = appendExternalID(dst, part(1)); len(dst) == id {
			return dst[:start]
		}
	case KeyName:
		if dst = appendFold(dst, part(0)); len(dst) > start {
			dst = appendFold(append(dst, keySeparator...), part(1))
		}
	case KeyPerson:
		dst = append(appendFoldName(dst, part(0)), keySeparator...)
		last := len(dst)
		if dst = appendFoldName(dst, part(1)); len(dst) == last {
			return dst[:start]
		}
		dst = appendFoldName(append(dst, keySeparator...), part(2))
	default:
		return appendFold(dst, part(0))
	}
	return dst
}

// EmailKey is the folded address with its domain in IDNA ASCII (rule 5.1,
// UTS 46 non-transitional): Jerry@BÜCHER.example and
// jerry@xn--bcher-kva.example are one mailbox.
func EmailKey(s string) string {
	var short [64]byte
	return unlessSame(appendEmailKey(short[:0], s), s)
}

func appendEmailKey(dst []byte, s string) []byte {
	start := len(dst)
	dst = appendFold(dst, s)
	at := bytes.LastIndexByte(dst[start:], '@')
	if at < 0 {
		return dst
	}
	dst = dst[:start+len(bytes.TrimRight(dst[start:], ". "))] // the root of the domain name system
	address := dst[start:]
	if asciiOnly(address) || !validDomain(string(address[at+1:])) {
		return dst
	}
	domain, err := idnaKey().ToASCII(string(address[at+1:]))
	if err != nil {
		return dst
	}
	return append(dst[:start+at+1], domain...)
}

func asciiOnly(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func idnaKey() *idna.Profile {
	return idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false))
}

// appendExternalID folds an id of another system. Salesforce's ids of 15 characters
// tell upper from lower case; they become the form of 18, whose last three
// characters hold the cases (Salesforce: "15-character to 18-character id"),
// so that folding merges the two forms and never two records.
func appendExternalID(dst []byte, s string) []byte {
	dst = appendFold(dst, s)
	if salesforceID(s) {
		dst = appendFold(dst, salesforceSuffix(s))
	}
	return dst
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
func Hash[T string | []byte](kind KeyKind, key T) uint64 {
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
