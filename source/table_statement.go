package source

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/decode"
	"github.com/rxcql/rxcql/internal/fields"
)

// write makes the statement. Its first two markers are the bounds of a range. Without columns and a row type it selects
// nothing but the token.
func (p *plan) write(columns []string, row reflect.Type, lenient bool, where string, args []any) error {
	var selectors []string
	for _, name := range columns {
		s, err := p.selector(name)
		if err != nil {
			return err
		}
		selectors = append(selectors, s)
	}
	if len(columns) == 0 && row != nil {
		var err error
		if selectors, err = p.selectors(row, lenient); err != nil {
			return err
		}
	}
	var keys []string
	for _, c := range p.table.Columns {
		if c.Kind == cql.PartitionKey {
			keys = append(keys, cql.Quote(c.Name))
		}
	}
	token := "token(" + strings.Join(keys, ", ") + ")"
	rest := " FROM " + cql.Quote(p.table.Keyspace) + "." + cql.Quote(p.table.Name) +
		" WHERE " + token + " > ? AND " + token + " <= ?"
	text := "SELECT " + strings.Join(append(selectors, token), ", ") + rest
	p.tokens = "SELECT " + token + rest
	p.unfiltered, p.where = text, where
	if where != "" {
		if err := onlyCondition(where); err != nil {
			return err
		}
		text += " AND " + where + "\nALLOW FILTERING" // on its own line: a comment may end the condition
	}
	p.statement = cql.Statement{CQL: text, Args: args}
	return nil
}

// onlyCondition refuses what comes after a condition in a SELECT: it would hold for each range by itself, and leave out
// rows of the table.
func onlyCondition(where string) error {
	l := lexer{rest: where}
	for token := l.next(); token != ""; token = l.next() {
		switch upper := strings.ToUpper(token); {
		case upper == ";", upper == "PER", upper == "ORDER", upper == "GROUP", upper == "ALLOW", isLimit(token):
			return fmt.Errorf(
				"the condition has %s; Where takes what a row must fulfil and nothing else (write a column of that name in double quotes)",
				upper)
		}
	}
	return nil
}

// selectors are those of a row type's own columns, else of all columns.
func (p *plan) selectors(row reflect.Type, lenient bool) ([]string, error) {
	if row.Kind() == reflect.Pointer {
		row = row.Elem()
	}
	var names []string
	itself := reflect.PointerTo(row).Implements(reflect.TypeFor[decode.RowUnmarshaler]())
	if row.Kind() == reflect.Struct && !itself && !fields.SingleValue(row) {
		all, err := fields.Of(row)
		if err != nil {
			return nil, err
		}
		for _, f := range all {
			names = append(names, f.Column)
		}
		p.sort(names)
	} else {
		for _, c := range p.table.Columns {
			names = append(names, c.Name)
		}
	}
	var selectors []string
	for _, name := range names {
		function, column, isCall := call(name)
		if !isCall {
			column = name
		}
		s, err := p.choose(function, column)
		switch {
		case err == nil:
			selectors = append(selectors, s)
		case !lenient:
			return nil, err
		}
	}
	if len(selectors) == 0 {
		return nil, fmt.Errorf("%v has no field for any of its columns", row)
	}
	return selectors, nil
}

// sort puts the names of a struct's fields in the order of the table's columns: that of the fields makes no difference
// to a cursor or a checkpoint.
func (p *plan) sort(names []string) {
	at := func(name string) int {
		_, column, isCall := call(name)
		if !isCall {
			column = name
		}
		return slices.IndexFunc(p.table.Columns, func(c cql.TableColumn) bool { return c.Name == column })
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(at(a), at(b)), cmp.Compare(a, b)) })
}

// times are the functions that tell the times of a column.
var times = []string{"writetime", "maxwritetime", "ttl"}

// call takes apart the name that WRITETIME or TTL of a column has in rows.
func call(name string) (function, column string, ok bool) {
	for _, function := range times {
		if rest, found := strings.CutPrefix(name, function+"("); found && strings.HasSuffix(rest, ")") {
			return function, strings.TrimSuffix(rest, ")"), true
		}
	}
	return "", "", false
}

// selector checks what Columns got, which is CQL.
func (p *plan) selector(text string) (string, error) {
	l := lexer{rest: text}
	var tokens []string
	for token := l.next(); token != ""; token = l.next() {
		tokens = append(tokens, token)
	}
	function, name := "", ""
	switch {
	case len(tokens) == 1:
		name = tokens[0]
	case len(tokens) == 4 && tokens[1] == "(" && tokens[3] == ")":
		function, name = strings.ToLower(tokens[0]), tokens[2]
	}
	if name == "" || function != "" && !slices.Contains(times, function) {
		return "", fmt.Errorf("%q is not a column; write a name, WRITETIME(name), MAXWRITETIME(name) or TTL(name)", text)
	}
	return p.choose(function, unquoted(name))
}

// choose notes a column of the table as read, and gives its selector.
func (p *plan) choose(function, name string) (string, error) {
	if !slices.ContainsFunc(p.table.Columns, func(c cql.TableColumn) bool { return c.Name == name }) {
		return "", fmt.Errorf("the table has no column %q", name)
	}
	p.selected = append(p.selected, name)
	if function == "" {
		return cql.Quote(name), nil
	}
	return function + "(" + cql.Quote(name) + ") AS " + cql.Quote(function+"("+name+")"), nil
}
