package importer

import (
	"strings"

	"github.com/leadport/leadport/internal/norm"
	"github.com/leadport/leadport/internal/table"
)

// Rule is one kind of issue: its stable code, what it says and how to mend it.
// Text, Remedy and Command may name {value}, {detail} and {heading}.
type Rule struct {
	Code     string
	Severity Severity
	Text     string
	Remedy   string
	// Command is the remedy on the command line, where it differs.
	Command string
	// LeftOut: the cell's value is not imported, which cells_not_imported counts.
	LeftOut bool
	// Value: a finding about a value, which --strict makes an error.
	Value bool
}

// Rules is every kind of issue there is; docs/issues.md is generated from it.
func Rules() []Rule {
	return []Rule{
		// The record as the file has it (rules 1.4, 1.5).
		{Code: table.TooManyCells, Severity: Error, Text: "The record has more cells than there are headings.", Remedy: "Put quotes around the cell that holds the delimiter, or remove the surplus cell."},
		{Code: table.UnclosedQuote, Severity: Error, Text: "A quote is opened and never closed.", Remedy: "Close the quote, or double it if it belongs to the text."},
		{Code: table.RowTooLong, Severity: Error, Text: "The record is longer than a record can be.", Remedy: "Look for a missing line break or quote near this line."},
		{Code: table.CellTooLong, Severity: Error, Text: "A cell is longer than 1 MiB.", Remedy: "Shorten the cell, or look for a missing quote near this line."},
		{Code: table.BadRecord, Severity: Error, Text: "This is not a JSON object.", Remedy: "Mend the JSON on this line."},
		{Code: table.Undecodable, Severity: Error, Text: "Bytes {detail} are no text in this file's encoding.", Remedy: "Choose another encoding, or mend the cell.", Command: "Choose another encoding with --encoding, or mend the cell."},
		{Code: "row.missing_cells", Severity: Warning, Text: "The record has fewer cells than there are headings; the missing ones count as blank.", Remedy: "Check that no delimiter is missing on this line."},
		{Code: table.OtherDialect, Severity: Info, Text: "This record has another delimiter or quote than the rest; it was read by its own."},
		{Code: table.StrayQuote, Severity: Info, Text: "A quote inside a quoted cell is not doubled; it was read as it stands."},
		{Code: table.FormulaBlank, Severity: Warning, Text: "A formula in this record has no saved value; its cell counts as blank.", Remedy: "Open the workbook in Excel, save it, and upload it again."},

		// The file.
		{Code: "heading.repeated", Severity: Warning, Text: "The heading {value} occurs more than once; this column is not imported.", Remedy: "Rename the heading in the file, or choose a field for the column.", Command: "Rename it, or map it with --map."},
		{Code: "column.not_imported", Severity: Info, Text: "Column {value} has data and is not imported.", Remedy: "Choose a field for the column, or keep it in the comments.", Command: "Map it with --map '{value}=FIELD', or keep it with --map '{value}=comments'."},
		{Code: "columns.not_imported", Severity: Info, Text: "{detail} columns with data are not imported: {value}.", Remedy: "Choose fields for those you need.", Command: "Map those you need with --map 'HEADING=FIELD'."},
		{Code: "column.missing", Severity: Warning, Text: "The recipe maps a column {value}, which this file does not have.", Remedy: "Correct the heading in the file or in the recipe."},
		{Code: "fix.set_aside", Severity: Warning, Text: "A correction of {value} was set aside: the cell no longer holds that text.", Remedy: "Look at the cell again."},
		{Code: "file.imported_before", Severity: Warning, Text: "This very file was imported {detail}.", Remedy: "Look at that import first.", Command: "Look at that import first: leadport imports."},

		// Cells (rules 3.1–3.4, 4.2, 4.3).
		{Code: norm.CodeExcelError, Severity: Warning, Text: "{value} is an error of the spreadsheet; the cell counts as blank.", Remedy: "Mend the formula in the spreadsheet and export again.", LeftOut: true, Value: true},
		{Code: norm.CodePlaceholder, Severity: Info, Text: "{value} stands for nothing; the cell counts as blank.", Remedy: "Keep such values if they mean something here.", Command: "Keep such values with --keep-placeholders."},
		{Code: norm.CodeExcelScientific, Severity: Warning, Text: "{value}: the spreadsheet has lost digits of this number.", Remedy: "Format the column as text in the spreadsheet, then export again.", LeftOut: true, Value: true},
		{Code: "cell.lost_zeros", Severity: Warning, Text: "{value} is shorter than the other codes in its column: the spreadsheet has probably taken leading zeros away.", Remedy: "Format the column as text in the spreadsheet and type the zeros again.", Value: true},
		{Code: norm.CodeTextTooLong, Severity: Warning, Text: "The text is too long: {detail}.", Remedy: "Shorten it, or map the column to the comments.", LeftOut: true, Value: true},
		{Code: norm.CodeEmailInvalid, Severity: Warning, Text: "{value} is not an e-mail address.", Remedy: "Correct the address.", LeftOut: true, Value: true},
		{Code: norm.CodeEmailMended, Severity: Info, Text: "Read as {detail}."},
		{Code: norm.CodeEmailSuspect, Severity: Warning, Text: "{value} looks mistyped.", Remedy: "Take over the suggestion, or leave it as it is.", Command: "Take over the suggestions with --accept-suggestions.", Value: true},
		{Code: norm.CodePhoneUnparsed, Severity: Warning, Text: "{value} is not a phone number; it is kept as written.", Remedy: "Correct the number.", Value: true},
		{Code: norm.CodePhoneNoCountry, Severity: Warning, Text: "The country of {value} is not known; the number is kept as written.", Remedy: "Say which country local numbers are from.", Command: "Say which country local numbers are from: --country US.", Value: true},
		{Code: norm.CodeURLInvalid, Severity: Warning, Text: "{value} is not a web address.", Remedy: "Write it as https://example.com.", LeftOut: true, Value: true},
		{Code: norm.CodeURLSchemeAdded, Severity: Info, Text: "Read as {detail}."},
		{Code: norm.CodeIntegerInvalid, Severity: Warning, Text: "{value} is not a whole number.", Remedy: "Correct the number.", LeftOut: true, Value: true},
		{Code: norm.CodeIntegerRange, Severity: Warning, Text: "{value} is a range, not one number.", Remedy: "Take the lower or the upper number for the whole column.", Command: "Take a bound for the whole column: --range '{heading}=lower' or upper.", LeftOut: true, Value: true},
		{Code: norm.CodeIntegerTooSmall, Severity: Warning, Text: "{value} is less than the field allows.", Remedy: "Correct the number.", LeftOut: true, Value: true},
		{Code: norm.CodeIntegerTooBig, Severity: Warning, Text: "{value} is more than the field can hold.", Remedy: "Correct the number.", LeftOut: true, Value: true},
		{Code: norm.CodeNumberAmbiguous, Severity: Warning, Text: "{value} can be read in two ways.", Remedy: "Say which mark is the decimal one.", Command: "Say which mark is the decimal one: --decimal . or --decimal ,", LeftOut: true, Value: true},
		{Code: norm.CodeDecimalInvalid, Severity: Warning, Text: "{value} is not a number.", Remedy: "Correct the number.", LeftOut: true, Value: true},
		{Code: norm.CodeBoolInvalid, Severity: Warning, Text: "{value} is neither yes nor no.", Remedy: "Write yes or no.", LeftOut: true, Value: true},
		{Code: norm.CodeDateInvalid, Severity: Warning, Text: "{value} is not a date.", Remedy: "Write it as 2026-08-22.", LeftOut: true, Value: true},
		{Code: norm.CodeDateAmbiguous, Severity: Warning, Text: "{value} can be read as two dates.", Remedy: "Say how dates are written.", Command: "Say how dates are written: --dates dmy, mdy or ymd.", LeftOut: true, Value: true},
		{Code: norm.CodeDateOrder, Severity: Warning, Text: "{value} does not fit the order of the other dates in its column; read as {detail}.", Remedy: "Check the date.", Value: true},
		{Code: norm.CodeDateTwoDigit, Severity: Info, Text: "The year has two digits; read as {detail}."},
		{Code: norm.CodeDateTimeGap, Severity: Info, Text: "That hour did not exist in its time zone; read as {detail}."},
		{Code: norm.CodeCountryUnknown, Severity: Warning, Text: "The country {value} is not known.", Remedy: "Write its name or ISO code, for example US.", LeftOut: true, Value: true},
		{Code: "country.missing", Severity: Warning, Text: "The address has no country.", Remedy: "Say the country for addresses without one.", Command: "Say the country for addresses without one: --country US."},
		{Code: norm.CodeRegionUnknown, Severity: Warning, Text: "{value} is no region of {detail}; it is kept as text.", Remedy: "Write the region's code, for example US-NY.", Value: true},
		{Code: norm.CodeRegionElsewhere, Severity: Warning, Text: "The region {value} does not lie in {detail}.", Remedy: "Correct the region or the country.", LeftOut: true, Value: true},
		{Code: "address.no_content", Severity: Warning, Text: "The address has only a label or a name, so there is nothing to store.", Remedy: "Add a street, a city or a country.", LeftOut: true},
		{Code: "choice.unknown", Severity: Warning, Text: "The value {value} is not a valid choice.", Remedy: "Say what it means.", Command: "Say what it means: --value '{heading}:{value}=ANSWER'.", LeftOut: true, Value: true},
		{Code: "status.unknown", Severity: Error, Text: "The value {value} is not a valid choice.", Remedy: "Say what it means: a status, or keep it as a tag.", Command: "Say what it means: --value '{heading}:{value}=new' (or another status, tag: to keep it as a tag, add: to add it)."},
		{Code: "owner.unknown", Severity: Error, Text: "There is no user {value}.", Remedy: "Say who owns these leads, or add the person.", Command: "Say who owns these leads: --value '{heading}:{value}=USERNAME', or add the user."},
		{Code: "owner.not_assignable", Severity: Error, Text: "You may not assign leads to {value}.", Remedy: "Choose an owner you may assign to.", Command: "Choose an owner you may assign to: --value '{heading}:{value}=USERNAME'."},
		{Code: "contact.unknown", Severity: Warning, Text: "There is no contact {value}.", Remedy: "Create the contact first; the link is left empty.", LeftOut: true},
		{Code: "opportunity.unknown", Severity: Warning, Text: "There is no opportunity {value}.", Remedy: "Create the opportunity first; the link is left empty.", LeftOut: true},
		{Code: "account.unknown", Severity: Warning, Text: "There is no account {value}.", Remedy: "Let missing accounts be created, or create it first.", LeftOut: true},
		{Code: "organization.other", Severity: Warning, Text: "{value} is not this installation's organization.", Remedy: "Leave the cell blank.", LeftOut: true},
		{Code: "expr.failed", Severity: Warning, Text: "The column's expression fails for this record: {detail}.", Remedy: "Correct the expression in the recipe.", LeftOut: true, Value: true},
		{Code: "name.missing", Severity: Error, Text: "There is neither a name, a company, an e-mail nor a phone, so there is no lead.", Remedy: "Fill in one of them."},
		{Code: "required.cleared", Severity: Error, Text: "{heading} cannot be cleared.", Remedy: "Give it a value."},
		{Code: "id.not_integer", Severity: Warning, Text: "{value} is not an Id of this installation.", Remedy: "Import the column as External Id.", Command: "Import the column as External Id: --map '{heading}=external_id'.", LeftOut: true},

		// Matching (rules 5.2–5.8) and merging (6.5).
		{Code: "id.unknown", Severity: Warning, Text: "There is no lead with Id {value}; the record is treated as one without an Id.", Remedy: "If the Ids are another system's, import the column as External Id.", Command: "If the Ids are another system's: --map '{heading}=external_id'."},
		{Code: "id.contradicted", Severity: Error, Text: "Id {value} is {detail}.", Remedy: "Say whether they are the same.", Command: "Say whether they are the same: --decide id.contradicted=same, separate or skip."},
		{Code: "match.ambiguous", Severity: Error, Text: "Several leads fit: {detail}.", Remedy: "Add an Id, or merge the leads first."},
		{Code: "match.split", Severity: Error, Text: "The record's keys point at different leads: {detail}.", Remedy: "Correct the e-mail or external id, or merge the leads first."},
		{Code: "match.other_person", Severity: Error, Text: "The e-mail belongs to someone with another last name: {detail}.", Remedy: "Say whether it is the same person.", Command: "Say whether it is the same person: --decide match.other_person=same, separate or skip."},
		{Code: "match.refused", Severity: Warning, Text: "A lead with the same name or mailbox was found, but it is not the same one; the record makes a new lead.", Remedy: "Check the new lead."},
		{Code: "duplicate.possible", Severity: Warning, Text: "This may be {detail}.", Remedy: "Look at both; nothing was merged."},
		{Code: "duplicate.in_file", Severity: Error, Text: "The record is about the same lead as {detail}.", Remedy: "Remove one of the two."},
		{Code: "changed.since_check", Severity: Error, Text: "The lead was changed since the check: {detail}.", Remedy: "Check the file again."},
		{Code: "changed.since_export", Severity: Error, Text: "The field was changed here since the export.", Remedy: "Say which side holds.", Command: "Say which side holds: --decide changed.since_export=file or keep."},
		{Code: "erase.blank", Severity: Warning, Text: "The cell is blank now; the lead keeps its value.", Remedy: "Erase such values if the blank is meant.", Command: "Erase such values with --decide erase.blank=erase."},

		// Why a record is skipped.
		{Code: "skip.deleted", Severity: Warning, Text: "The lead was deleted on {detail}.", Remedy: "Bring such leads in as new if you want them back.", Command: "Bring such leads in as new: --decide skip.deleted=new."},
		{Code: "skip.no_right", Severity: Warning, Text: "You may not do this with this lead.", Remedy: "Ask its owner or an administrator."},
	}
}

// rule returns a rule by its code; an unknown code is a mistake of the program
// and gives a rule that says only the code.
func (t ruleTable) rule(code string) *Rule {
	if r := t[code]; r != nil {
		return r
	}
	return &Rule{Code: code, Severity: Error, Text: code}
}

type ruleTable map[string]*Rule

// newRuleTable indexes the rules with what a recipe makes of them: codes that
// are errors, and --strict (rule 4.2).
func newRuleTable(errors []string, strict bool) ruleTable {
	list := Rules()
	t := make(ruleTable, len(list))
	for i := range list {
		r := &list[i]
		if strict && r.Value && r.Severity == Warning {
			r.Severity = Error
		}
		for _, code := range errors {
			if code == r.Code {
				r.Severity = Error
			}
		}
		t[r.Code] = r
	}
	return t
}

// fill makes a message from a template.
func fill(text, value, detail, heading string) string {
	if !strings.Contains(text, "{") {
		return text
	}
	return strings.NewReplacer("{value}", quoted(value), "{detail}", detail, "{heading}", heading).Replace(text)
}

// CommandRemedy is an issue's remedy for who sits at the command line: with the
// flag that answers it, where there is one. A value stands as it is between
// single quotes.
func CommandRemedy(i *Issue) string {
	for _, r := range Rules() {
		if r.Code == i.Code && r.Command != "" {
			return strings.NewReplacer("{value}", shellQuoted(i.Value), "{heading}", shellQuoted(i.Heading)).Replace(r.Command)
		}
	}
	return i.Remedy
}

// shellQuoted makes a text fit between single quotes on a command line.
func shellQuoted(s string) string { return strings.ReplaceAll(s, "'", `'\''`) }

// quoted shortens what a message shows of a cell.
func quoted(s string) string {
	const most = 80
	if r := []rune(s); len(r) > most {
		s = string(r[:most-1]) + "…"
	}
	return `"` + s + `"`
}
