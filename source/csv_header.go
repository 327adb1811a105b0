package source

import (
	"errors"
	"fmt"
	"strings"

	"github.com/rxcql/rxcql/cql"
)

var errNoHeader = errors.New("there is nothing in it, not even a line with the names of the columns; " +
	"ask for a lenient reading to take it for no rows")

// missing says that a header has no column of a name, and what may be the matter.
func (r *csvRun[T]) missing(name string, header []cql.Column) error {
	hint := ""
	for _, c := range header {
		if strings.EqualFold(c.Name, name) {
			hint = "; names are told apart by case: see Rename"
		}
	}
	if len(header) == 1 {
		for _, d := range []byte(",;\t|") {
			if d != r.delimiter && strings.IndexByte(header[0].Name, d) >= 0 {
				hint = fmt.Sprintf("; is %q what stands between values? See Delimiter", d)
			}
		}
	}
	return fmt.Errorf("the header has no such column, but %s%s; ask for a lenient reading to do without it", listed(header), hint)
}

// listed are the names of columns, as many as anybody reads: of a text without a header they may be anything.
func listed(columns []cql.Column) string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	return quotedNames(names)
}

func quotedNames(names []string) string {
	const most, longest = 30, 60
	var quoted []string
	for i, name := range names {
		if i == most {
			quoted = append(quoted, fmt.Sprintf("and %d more", len(names)-most))
			break
		}
		name := []rune(name)
		if len(name) > longest {
			name = append(name[:longest], '…')
		}
		quoted = append(quoted, fmt.Sprintf("%q", string(name)))
	}
	return strings.Join(quoted, ", ")
}
