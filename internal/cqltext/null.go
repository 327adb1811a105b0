package cqltext

import (
	"strings"

	"github.com/rxcql/rxcql/cql"
)

// IsNull tells whether a cell is null: also one without bytes, where the type has no such value.
func IsNull(t *cql.Type, cell []byte) bool {
	if len(cell) > 0 || cell == nil {
		return cell == nil
	}
	switch t.Kind {
	case cql.Blob, cql.Custom, cql.Tuple, cql.UDT, cql.List, cql.Set, cql.Map:
		return false
	}
	return !IsText(t)
}

// IsText tells whether a type's values are texts, of which the empty one is a value.
func IsText(t *cql.Type) bool {
	return t.Kind == cql.Varchar || t.Kind == cql.Text || t.Kind == cql.Ascii
}

// inner gives what is written for null inside of a tuple or a user-defined type. Elsewhere, and where the marker would
// not be understood, it is the word null.
func inner(null string) string {
	if strings.ContainsAny(null, " \t\r\n,:'\"()[]{}") {
		return "null"
	}
	return null
}

// isNullWord tells whether a word without quotes stands for null.
func isNullWord(word, null string) bool {
	return word == "" || word == null || strings.EqualFold(word, "null")
}
