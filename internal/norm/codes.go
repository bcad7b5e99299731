package norm

// Codes of findings. They are stable: recipes, the API and the documentation
// name them. The value beside a code is what the function returned with it.
const (
	CodeExcelError      = "cell.excel_error"      // #N/A, #REF! …; absent
	CodePlaceholder     = "cell.placeholder"      // "-", "n/a" …; absent
	CodeExcelScientific = "cell.excel_scientific" // 4.91521E+11: digits are lost; left out

	CodeTextTooLong = "text.too_long" // left out

	CodeEmailInvalid = "email.invalid" // left out; often with a suggestion
	CodeEmailMended  = "email.mended"  // kept in its mended form
	CodeEmailSuspect = "email.suspect" // kept; its domain looks mistyped, with a suggestion

	CodePhoneUnparsed  = "phone.unparsed"   // kept as written
	CodePhoneNoCountry = "phone.no_country" // kept as written

	CodeURLInvalid     = "url.invalid"      // left out
	CodeURLSchemeAdded = "url.scheme_added" // kept with https://

	CodeIntegerInvalid  = "integer.invalid"       // left out
	CodeIntegerRange    = "integer.range"         // "50-100"; left out, bounds in the suggestion
	CodeIntegerTooSmall = "integer.too_small"     // left out
	CodeIntegerTooBig   = "integer.too_big"       // left out
	CodeNumberAmbiguous = "number.ambiguous"      // "1,200" without a decimal mark; left out
	CodeDecimalInvalid  = "decimal.invalid"       // left out
	CodeBoolInvalid     = "bool.invalid"          // left out
	CodeDateInvalid     = "date.invalid"          // left out
	CodeDateAmbiguous   = "date.ambiguous"        // "03/04/2025" without an order; left out
	CodeDateOrder       = "date.order"            // read, but against the column's order
	CodeDateTwoDigit    = "date.two_digit"        // read with the pivot of TwoDigitPivot
	CodeDateTimeGap     = "datetime.gap"          // read; that hour did not exist in its zone
	CodeCountryUnknown  = "country.unknown"       // left out
	CodeRegionUnknown   = "region.unknown"        // left out
	CodeRegionElsewhere = "region.not_in_country" // left out
)
