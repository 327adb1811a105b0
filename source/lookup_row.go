package source

import (
	"slices"
	"strings"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/clustering"
)

// rowQuery is a SELECT of columns, and nothing else, of what has given values in others: SELECT … FROM … WHERE a = ? AND
// b = ?. Names are as the statement writes them.
type rowQuery struct {
	columns []string // or * alone
	table   string
	equal   []string // whose value each marker gives
}

// rowQueryOf takes a statement apart; false if it is of any other form.
func rowQueryOf(statement string) (q rowQuery, ok bool) {
	l := lexer{rest: statement}
	token := l.next()
	word := func(w string) bool {
		is := strings.EqualFold(token, w)
		if is {
			token = l.next()
		}
		return is
	}
	name := func() (n string) {
		if isName(token) {
			n, token = token, l.next()
		}
		return n
	}
	list := func(separator string, item func() string) (items []string, ok bool) {
		for {
			i := item()
			if i == "" {
				return nil, false
			}
			if items = append(items, i); !word(separator) {
				return items, true
			}
		}
	}
	if !word("SELECT") {
		return q, false
	}
	if word("*") {
		q.columns = []string{"*"}
	} else if q.columns, ok = list(",", name); !ok {
		return q, false
	}
	if !word("FROM") {
		return q, false
	}
	table, ok := list(".", name)
	q.table = strings.Join(table, ".")
	if !ok || !word("WHERE") {
		return q, false
	}
	q.equal, ok = list("AND", func() string {
		n := name()
		if !word("=") || !word("?") {
			return ""
		}
		return n
	})
	word(";")
	return q, ok && token == ""
}

func isName(token string) bool {
	return token != "" && (token[0] == '"' || 'a' <= token[0]|0x20 && token[0]|0x20 <= 'z')
}

// lastOf tells which of the markers is that of a table's last clustering column, if the query is of a row by its whole
// primary key; else -1. It is -1, too, if values of the column's type may be equal but not encoded alike.
func (q rowQuery) lastOf(t cql.Table) int {
	marker := -1
	for _, c := range t.Columns {
		if c.Kind != cql.PartitionKey && c.Kind != cql.Clustering {
			continue
		}
		i := slices.IndexFunc(q.equal, func(n string) bool { return unquoted(n) == c.Name })
		switch {
		case i < 0:
			return -1
		case c.Kind == cql.PartitionKey:
		case clustering.OrderOf(c.Type) == nil:
			marker = -1
		default:
			marker = i
		}
	}
	return marker
}

// together is the statement for some of the rows of a partition, with a list of values for one of the markers. The
// column that it is of comes last in the result, if it is not among all columns.
func (q rowQuery) together(marker int) string {
	columns := q.columns
	if columns[0] != "*" {
		columns = append(slices.Clip(columns), q.equal[marker])
	}
	conditions := make([]string, len(q.equal))
	for i, n := range q.equal {
		conditions[i] = n + " = ?"
	}
	conditions[marker] = q.equal[marker] + " IN ?"
	return "SELECT " + strings.Join(columns, ", ") + " FROM " + q.table + " WHERE " + strings.Join(conditions, " AND ")
}
