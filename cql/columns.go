package cql

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Columns reads columns of a table with their types, as rows of a query have them: what files without types of their own
// are read by, such as source.CSV's. They are named as CQL does, in quotes where they need them; also WRITETIME(name),
// MAXWRITETIME(name) and TTL(name), which in rows are called writetime(name) and so on. Without names it gives all columns,
// in the order of SELECT *. A table or column that is not there is an [*Error] that matches [ErrUndefined] and class
// Invalid.
//
//	columns, err := session.Columns(ctx, "shop.orders", "customer", "number", "ttl(item)")
//
// It makes three requests, as [Session.Table] and [Session.Prepare] do, and does not retry.
func (s *Session) Columns(ctx context.Context, table string, names ...string) ([]Column, error) {
	t, err := s.Table(ctx, table)
	if err != nil {
		return nil, err
	}
	var selectors []string
	for _, name := range names {
		selector, err := t.selector(name)
		if err != nil {
			return nil, &Error{Op: "columns", Class: Invalid, Err: err}
		}
		selectors = append(selectors, selector)
	}
	for _, c := range t.Columns {
		if len(names) == 0 {
			selectors = append(selectors, Quote(c.Name))
		}
	}
	prepared, err := s.Prepare(ctx, "SELECT "+strings.Join(selectors, ", ")+" FROM "+t.String())
	return prepared.Columns, err
}

// timed finds the column that WRITETIME and such ask for the time of.
var timed = regexp.MustCompile(`^(?i:(writetime|maxwritetime|ttl)) *\( *(.*?) *\)$`)

// selector checks a name, which is CQL, and gives what selects it.
func (t Table) selector(text string) (string, error) {
	function, column := "", text
	if found := timed.FindStringSubmatch(text); found != nil {
		function, column = strings.ToLower(found[1]), found[2]
	}
	if column == "" || leading.FindString(column) != column {
		return "", fmt.Errorf("%q is not a column; write a name, in double quotes if it has capitals or other characters, "+
			"or WRITETIME, MAXWRITETIME or TTL of one in parentheses", text)
	}
	name := unquote(column)
	if !slices.ContainsFunc(t.Columns, func(c TableColumn) bool { return c.Name == name }) {
		return "", fmt.Errorf("%v has no column %s: %w", t, Quote(name), ErrUndefined)
	}
	if function == "" {
		return Quote(name), nil
	}
	return function + "(" + Quote(name) + ") AS " + Quote(function+"("+name+")"), nil
}
