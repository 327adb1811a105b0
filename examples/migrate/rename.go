package main

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/source"
)

// renaming gives columns other names; their times go with them.
type renaming struct {
	names map[string]string // new names by old ones

	last atomic.Pointer[renamed] // rows of one scan share their columns
}

type renamed struct {
	from *cql.Column // the first
	to   []cql.Column
}

// parseRenaming reads old=new,old=new.
func parseRenaming(text string) (*renaming, error) {
	r := &renaming{names: map[string]string{}}
	if text == "" {
		return r, nil
	}
	for pair := range strings.SplitSeq(text, ",") {
		old, name, ok := strings.Cut(pair, "=")
		if !ok || old == "" || name == "" {
			return nil, fmt.Errorf("-rename: %q is not old=new", pair)
		}
		r.names[old] = name
	}
	return r, nil
}

// row gives the row with the new names. Its cells are copied.
func (r *renaming) row(row source.Row) (source.Row, error) {
	columns := row.Columns()
	if len(r.names) == 0 || len(columns) == 0 {
		return row, nil
	}
	known := r.last.Load()
	if known == nil || known.from != &columns[0] {
		known = &renamed{&columns[0], r.columns(columns)}
		r.last.Store(known)
	}
	cells := make([][]byte, len(columns))
	for i := range cells {
		cells[i] = row.Cell(i)
	}
	var out source.Row
	return out, out.UnmarshalRow(known.to, cells)
}

func (r *renaming) columns(columns []cql.Column) []cql.Column {
	out := slices.Clone(columns)
	for i, c := range out {
		function, column := "", c.Name
		if at := strings.IndexByte(c.Name, '('); at >= 0 && strings.HasSuffix(c.Name, ")") {
			function, column = c.Name[:at], c.Name[at+1:len(c.Name)-1]
		}
		name, ok := r.names[column]
		switch {
		case !ok:
		case function != "":
			out[i].Name = function + "(" + name + ")"
		default:
			out[i].Name = name
		}
	}
	return out
}
