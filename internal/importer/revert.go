package importer

import (
	"slices"
	"strings"

	"github.com/leadport/leadport/internal/lead"
)

// revertValue takes back one field: what it should be now, given what is right
// without the change, what stood before it, what it wrote, and what stands now. whole is false
// where something was changed since and is kept (rule 9.1).
func revertValue(f *lead.Field, right, before, wrote, now string) (value string, whole bool) {
	switch {
	case now == wrote:
		return right, true
	case f.List():
		return revertList(f, right, wrote, now)
	case f.Kind == lead.LongText && strings.HasPrefix(wrote, before):
		if rest, ok := cutBlock(now, strings.TrimLeft(wrote[len(before):], "\n")); ok {
			return rest, true
		}
	case f.Kind == lead.LongText && wrote != "" && strings.HasPrefix(now, wrote):
		return right + now[len(wrote):], true // something was added behind it
	}
	return now, now == right
}

// cutBlock takes a block that an import appended out of a comment, wherever it
// stands now; ok is false if it is not there as it was written.
func cutBlock(text, block string) (rest string, ok bool) {
	const gap = "\n\n"
	if block == "" {
		return text, false
	}
	for end := len(text); ; {
		at := strings.LastIndex(text[:end], block)
		if at < 0 {
			return text, false
		}
		before, after := text[:at], text[at+len(block):]
		whole := (before == "" || strings.HasSuffix(before, gap)) && (after == "" || strings.HasPrefix(after, gap))
		switch {
		case !whole:
			end = at + len(block) - 1
			continue
		case before == "":
			return strings.TrimPrefix(after, gap), true
		}
		return strings.TrimSuffix(before, gap) + after, true
	}
}

// revertList takes a list back element by element.
func revertList(f *lead.Field, before, wrote, now string) (string, bool) {
	b, w, n := lead.DecodeList(f.Parts, before), lead.DecodeList(f.Parts, wrote), lead.DecodeList(f.Parts, now)
	whole := true
	for _, written := range w {
		old, at := byID(b, written.ID), byID(n, written.ID)
		if old >= 0 && slices.Equal(b[old].Values, written.Values) {
			continue // the change left it alone
		}
		switch {
		case at < 0: // gone already
		case !slices.Equal(n[at].Values, written.Values):
			whole = whole && old >= 0 && slices.Equal(n[at].Values, b[old].Values)
		case old < 0:
			n = slices.Delete(n, at, at+1)
		default:
			n[at] = b[old]
		}
	}
	for at, old := range b {
		if byID(w, old.ID) < 0 && byID(n, old.ID) < 0 {
			n = slices.Insert(n, min(at, len(n)), old)
		}
	}
	return lead.EncodeList(f.Parts, n), whole
}

func byID(list []lead.Element, id int64) int {
	return slices.IndexFunc(list, func(e lead.Element) bool { return e.ID == id })
}
