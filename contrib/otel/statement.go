package rxotel

import (
	"regexp"
	"strings"

	"github.com/rxcql/rxcql/internal/lex"
)

// constants are what is left of them where literal strings were left out already: UUIDs, numbers, blobs, durations and words;
// and quoted names, which stay.
var constants = regexp.MustCompile(`"[^"]*"|'…'|\bP(?:[0-9]+[YMWD]|T[0-9]+[HMS])\w*|\b(?i:true|false|nan|infinity)\b|\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b|\b[0-9][\w.+-]*`)

// shown is a statement without comments and constants.
func shown(statement string) string {
	return lex.Cut(constants.ReplaceAllStringFunc(lex.Bare(statement), func(found string) string {
		if found[0] == '"' {
			return found
		}
		return "?"
	}))
}

// summary is what a shown statement does, and to which table: SELECT shop.orders. The table is empty if it has none.
func summary(shown string) (verb, table string) {
	words := strings.Fields(shown)
	if len(words) == 0 {
		return "", ""
	}
	verb = strings.ToUpper(words[0])
	after := map[string]string{"SELECT": "FROM", "DELETE": "FROM", "INSERT": "INTO", "UPDATE": "UPDATE"}[verb]
	for i, word := range words[:len(words)-1] {
		if after != "" && strings.EqualFold(word, after) {
			table, _, _ = strings.Cut(words[i+1], "(")
			return verb, table
		}
	}
	return verb, ""
}

// internal tells whether a table is one of the server's own.
func internal(table string) bool {
	return strings.HasPrefix(table, "system.") || strings.HasPrefix(table, "system_")
}
