package cql

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/gocql/gocql"

	"github.com/rxcql/rxcql/internal/lex"
)

// bound is a statement of an operation, as the driver asks for it: a text to prepare, then arguments for its markers.
type bound struct {
	text     string // that the driver is to prepare
	number   int    // in a batch, from 0
	values   []any  // the arguments, as the driver takes them
	prepared int    // how many times

	own    *wording   // nil if the text is not the session's own
	at     generation // of the text
	entry  *gocql.BatchEntry
	become func(text string) // of what is no entry of a batch

	give func(*gocql.QueryInfo) ([]any, error) // its arguments
}

// binding is the statements of one operation with their arguments.
type binding struct {
	statements []bound
	arguments  []any // of all of them
}

// bindings are those of batches, for the next ones: the driver keeps nothing of a batch that it has answered, nor shows
// arguments to its observers. Of single statements it does.
var bindings = sync.Pool{New: func() any { return new(binding) }}

// clear forgets what there is, and keeps the room.
func (g *binding) clear() {
	for i := range g.statements {
		g.statements[i] = bound{give: g.statements[i].give}
	}
	clear(g.arguments)
	g.statements, g.arguments = g.statements[:0], g.arguments[:0]
}

// wording is the session's own texts of a statement that an operation has once or several times.
type wording struct {
	texts     *ownTexts
	statement string
	began     generation // at the start of the operation
	text      string     // of that generation

	from, to generation // what arguments found out last
	next     string     // the text of to
}

// bind makes statements ready for one operation, in a binding that is clear.
func (d *gocqlDriver) bind(g *binding, statements []Statement) error {
	if cap(g.statements) < len(statements) {
		g.statements = make([]bound, len(statements))
		for i := range g.statements {
			g.statements[i].give = g.statements[i].bind
		}
	}
	g.statements = g.statements[:len(statements)]
	for i, s := range statements {
		b := &g.statements[i]
		b.text, b.number = s.CQL, i
		start := len(g.arguments)
		var err error
		if g.arguments, err = appendArguments(g.arguments, i, s.Args); err != nil {
			return err
		}
		b.values = g.arguments[start:len(g.arguments):len(g.arguments)]
		if len(s.Args) > 0 { // without arguments there is nothing to be encoded
			if i > 0 && g.statements[i-1].own != nil && s.CQL == statements[i-1].CQL {
				b.own = g.statements[i-1].own
			} else if b.text = preparable(s.CQL); d.texts != nil {
				b.own = &wording{texts: d.texts, statement: b.text, began: d.texts.of(b.text)}
				b.own.text = d.texts.text(b.text, b.own.began)
			}
			if b.own != nil {
				b.at, b.text = b.own.began, b.own.text
			}
		}
	}
	return nil
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

// bind is called by the driver when it has prepared the text, and before it encodes what it is given here and
// executes it; and if the server then does not know the statement, once more. But what the driver then prepares is what
// it finds in the query by that time: not the text that the server has forgotten, but the next one.
func (b *bound) bind(info *gocql.QueryInfo) ([]any, error) {
	if b.prepared++; b.prepared > 1+mostForgotten {
		return nil, errForgotten
	}
	if w := b.own; w != nil {
		if w.next == "" || w.from != b.at {
			w.from, w.to = b.at, w.texts.following(w.statement, b.at)
			w.next = w.texts.text(w.statement, w.to)
		}
		b.at, b.text = w.to, w.next
		if b.entry != nil {
			b.entry.Stmt = b.text
		} else {
			b.become(b.text)
		}
	}
	return b.values, b.check(info.Args)
}

var errWholeTuple = errors.New("the driver cannot bind a whole tuple; write its elements as markers, such as (?, ?), and bind those")

// check says what the driver would say of the number of arguments in words that do not help; it counts each element of
// a tuple. It tells the arguments what they are for, and checks that cells are of that type.
func (b *bound) check(markers []gocql.ColumnInfo) error {
	if len(markers) != len(b.values) {
		return &ArgumentError{Statement: b.number, Index: min(len(b.values), len(markers)), Err: fmt.Errorf(
			"the statement has %d markers, and there are %d arguments", len(markers), len(b.values))}
	}
	for i, m := range markers {
		if tuple, ok := m.TypeInfo.(gocql.TupleTypeInfo); ok && len(tuple.Elems) != 1 {
			return b.refuse(i, m, errWholeTuple)
		}
		switch v := b.values[i].(type) {
		case *argument:
			v.name = m.Name
		case *cellArgument:
			if err := (*Cell)(v).fits(m.TypeInfo); err != nil {
				return b.refuse(i, m, err)
			}
		}
	}
	return nil
}

// refuse tells which argument is wrong.
func (b *bound) refuse(i int, m gocql.ColumnInfo, err error) error {
	given := b.values[i]
	switch v := given.(type) {
	case *argument:
		given = v.value
	case *cellArgument:
		given = (*Cell)(v)
	}
	return &ArgumentError{
		Statement: b.number, Index: i, Name: m.Name, CQLType: typeOf(m.TypeInfo).String(), GoType: fmt.Sprintf("%T", given), Err: err,
	}
}

// again runs an operation, and once more if its arguments may have been refused for types that their markers no longer
// have: the driver goes by what it was told when it prepared a statement, and would for ever, as it does not ask the
// server about what it refuses. Whether that may be is seen by the versions of the schema: if they are what they were,
// the arguments are wrong, and repeating them makes no more prepared statements. In either case nothing was executed.
func (d *gocqlDriver) again(ctx context.Context, g *binding, statements []Statement, run func([]bound) error) error {
	if err := d.bind(g, statements); err != nil {
		return err
	}
	err := run(g.statements)
	if err == nil || d.texts == nil || classify(err) != Malformed {
		return err
	}
	schema, failed := d.schema.versions(ctx, d.schemaVersions)
	if failed != nil || !d.texts.renew(g.statements, schema) {
		return err
	}
	anew := new(binding)
	if err := d.bind(anew, statements); err != nil {
		return err
	}
	return run(anew.statements)
}
