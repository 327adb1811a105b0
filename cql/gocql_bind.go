package cql

import (
	"context"
	"errors"
	"fmt"

	"github.com/gocql/gocql"

	"github.com/rxcql/rxcql/internal/lex"
)

// bound is a statement of an operation, as the driver asks for it: a text to prepare, then arguments for its markers.
type bound struct {
	text     string // that the driver is to prepare
	number   int    // in a batch, from 0
	args     []argument
	values   []any // of args, as the driver takes them
	prepared int   // how many times

	// Of a statement whose text is the session's own; texts is nil for others.
	texts     *ownTexts
	statement string
	began, at generation // at the start of the operation, and of the text
	goOn      func(text string)
}

// bind makes statements ready for one operation.
func (d *gocqlDriver) bind(statements []Statement) ([]*bound, error) {
	all := make([]*bound, len(statements))
	for i, s := range statements {
		b := &bound{text: s.CQL, number: i}
		var err error
		if b.args, b.values, err = arguments(i, s.Args); err != nil {
			return nil, err
		}
		if len(s.Args) > 0 { // without arguments there is nothing to be encoded
			b.text = preparable(s.CQL)
			if d.texts != nil {
				b.texts, b.statement, b.began = d.texts, b.text, d.texts.of(b.text)
				b.at, b.text = b.began, d.texts.text(b.statement, b.began)
			}
		}
		all[i] = b
	}
	return all, nil
}

// preparable gives a statement such that the driver sees by its first word that it can be prepared. The driver takes
// what stands before the first white space for that word; arguments of what it does not prepare it drops.
func preparable(statement string) string {
	s := statement[lex.Space(statement):]
	if n := lex.Word(s); n < len(s) && !lex.White(s[n]) {
		return s[:n] + " " + s[n:]
	}
	return s
}

// mostForgotten is how often one operation prepares a statement anew.
const mostForgotten = 3

var errForgotten = errors.New("the server has forgotten the statement as often as it was prepared; are tables being changed all the time, or is prepared_statements_cache_size too small?")

// arguments is called by the driver when it has prepared the text, and before it encodes what it is given here and
// executes it; and if the server then does not know the statement, once more. But what the driver then prepares is what
// it finds in the query by that time: not the text that the server has forgotten, but the next one.
func (b *bound) arguments(info *gocql.QueryInfo) ([]any, error) {
	if b.prepared++; b.prepared > 1+mostForgotten {
		return nil, errForgotten
	}
	if b.texts != nil {
		b.at = b.texts.following(b.statement, b.at)
		b.text = b.texts.text(b.statement, b.at)
		b.goOn(b.text)
	}
	return b.values, b.check(info.Args)
}

var errWholeTuple = errors.New("the driver cannot bind a whole tuple; write its elements as markers, such as (?, ?), and bind those")

// check says what the driver would say of the number of arguments in words that do not help; it counts each element of
// a tuple. It tells the arguments what they are for.
func (b *bound) check(markers []gocql.ColumnInfo) error {
	if len(markers) != len(b.values) {
		return &ArgumentError{Statement: b.number, Index: min(len(b.values), len(markers)), Err: fmt.Errorf(
			"the statement has %d markers, and there are %d arguments", len(markers), len(b.values))}
	}
	for i, m := range markers {
		if tuple, ok := m.TypeInfo.(gocql.TupleTypeInfo); ok && len(tuple.Elems) != 1 {
			return &ArgumentError{Statement: b.number, Index: i, Name: m.Name, CQLType: typeOf(tuple).String(),
				GoType: fmt.Sprintf("%T", b.args[i].value), Err: errWholeTuple}
		}
		b.args[i].name = m.Name
	}
	return nil
}

// again runs an operation, and once more if its arguments may have been refused for types that their markers no longer
// have: the driver goes by what it was told when it prepared a statement, and would for ever, as it does not ask the
// server about what it refuses. Whether that may be is seen by the versions of the schema: if they are what they were,
// the arguments are wrong, and repeating them makes no more prepared statements. In either case nothing was executed.
func (d *gocqlDriver) again(ctx context.Context, statements []Statement, run func([]*bound) error) error {
	all, err := d.bind(statements)
	if err != nil {
		return err
	}
	err = run(all)
	if err == nil || d.texts == nil || classify(err) != Malformed {
		return err
	}
	schema, failed := d.schema.versions(ctx, d.schemaVersions)
	if failed != nil || !d.texts.renew(all, schema) {
		return err
	}
	if all, err = d.bind(statements); err != nil {
		return err
	}
	return run(all)
}
