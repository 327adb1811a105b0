package sink

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/lex"
)

// plan is how rows of one shape become statements, for the schema as it was when the plan was made.
type plan struct {
	spec
	made    time.Time
	shape   *shape // nil if a function makes the arguments
	name    string // of the table, or the statement of Exec
	targets []target
	keys    int  // of the targets, the first so many are the partition key's
	rows    int  // then those of the clustering columns
	repeats bool // statements may be sent twice
	stamped bool // each has USING TIMESTAMP
	expires bool // each has a TTL
	timed   bool // columns have their own times
	counter bool
	adds    bool // to a counter or a list
	lists   bool // lists that are not frozen are overwritten

	whole  variant  // with all targets
	static *variant // with those of the partition only; nil if there are no static columns to be written

	partition []int // of Exec: the arguments that make up the partition key
}

// target is a column that is written, or a marker of Exec.
type target struct {
	name           string
	kind           cql.ColumnKind
	typ            *cql.Type
	in             int // its place in the row
	written, lives int // the places of its writetime and ttl; -1 if it has none
	delta          delta
}

// variant is a statement: which targets it names and which it sets.
type variant struct {
	keys, sets []int
	text       string // empty if it depends on the row
}

// makePlan looks at the schema, and at everything that can be wrong before there is a row.
func makePlan(ctx context.Context, session *cql.Session, s spec, shape *shape) (*plan, error) {
	p := &plan{spec: s, made: time.Now(), shape: shape, expires: s.expires}
	if s.verb == execute {
		return p, p.readMarkers(ctx, session)
	}
	table, err := session.Table(ctx, s.table)
	if err != nil {
		return nil, fmt.Errorf("sink: %w", err)
	}
	p.name = table.String()
	if table.View {
		return nil, fmt.Errorf("sink: %v is a materialized view, which is written by writing its table: %w", table, cql.Invalid)
	}
	if table.Counter && s.verb == insert {
		return nil, fmt.Errorf("sink: %v is a table of counters, which cannot be inserted, only added to: use Update: %w", table, cql.Invalid)
	}
	p.counter = table.Counter
	if err := p.aim(table); err != nil {
		return nil, err
	}
	if err := p.learnTypes(ctx, session, table); err != nil {
		return nil, err
	}
	if err := p.decide(table); err != nil {
		return nil, err
	}
	p.vary()
	return p, nil
}

func (p *plan) columnError(column, format string, args ...any) *ColumnError {
	return &ColumnError{class: cql.Invalid, Table: p.name, Column: column, Err: fmt.Errorf(format, args...)}
}

// aim finds the table's column for each of the row's.
func (p *plan) aim(table cql.Table) error {
	times := make(map[string]int)
	for i := range p.shape.size() {
		name := p.shape.name(i)
		if p.shape.index(name) != i {
			return p.columnError(name, "the row has this column twice; name one of them otherwise")
		}
		at := slices.IndexFunc(table.Columns, func(c cql.TableColumn) bool { return c.Name == name })
		switch {
		case at >= 0:
		case p.verb == remove:
		case timeOf(name) != "":
			times[name] = i
		default:
			return &ColumnError{class: cql.Invalid, Table: p.name, Column: name, GoType: p.shape.source(i), Err: fmt.Errorf(
				"the table has no such column; it has %s", columnNames(table.Columns))}
		}
	}
	for _, c := range table.Columns {
		in := p.shape.index(c.Name)
		key := c.Kind == cql.PartitionKey || c.Kind == cql.Clustering
		if in < 0 || !key && p.verb == remove {
			continue
		}
		t := target{name: c.Name, kind: c.Kind, in: in, written: -1, lives: -1}
		switch c.Kind {
		case cql.PartitionKey:
			p.keys++
		case cql.Clustering:
			p.rows++
		default:
			if p.counter {
				t.delta = appendTo
			}
			if d, ok := p.change[c.Name]; ok {
				t.delta = d
			}
			for _, function := range []string{"writetime", "maxwritetime"} {
				if at, ok := times[function+"("+c.Name+")"]; ok {
					t.written, p.timed = at, true
					delete(times, function+"("+c.Name+")")
				}
			}
			if at, ok := times["ttl("+c.Name+")"]; ok {
				t.lives, p.timed, p.expires = at, true, true
				delete(times, "ttl("+c.Name+")")
			}
		}
		p.targets = append(p.targets, t)
	}
	for name := range times {
		return p.columnError(name, "the row has no column %q for it to be the time of", timeOf(name))
	}
	for name := range p.change {
		if !slices.ContainsFunc(p.targets, func(t target) bool { return t.name == name && t.kind > cql.Clustering }) {
			return p.columnError(name, "the row and the table have no such column to be changed, beside those of the key")
		}
	}
	return nil
}

// timeOf gives the column that a row's column, such as writetime(v), is the time of; empty for others.
func timeOf(name string) string {
	for _, function := range []string{"writetime(", "maxwritetime(", "ttl("} {
		if inside, ok := strings.CutPrefix(name, function); ok && strings.HasSuffix(inside, ")") {
			return strings.TrimSuffix(inside, ")")
		}
	}
	return ""
}

func columnNames(columns []cql.TableColumn) string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	return strings.Join(names, ", ")
}

var (
	bigint  = cql.Type{Kind: cql.Bigint}
	integer = cql.Type{Kind: cql.Int}
)

// learnTypes asks the server for the columns' types.
func (p *plan) learnTypes(ctx context.Context, session *cql.Session, table cql.Table) error {
	if len(p.targets) == 0 {
		return p.columnError(table.Columns[0].Name, "it is part of the primary key, and the row does not have it")
	}
	names := make([]string, len(p.targets))
	for i, t := range p.targets {
		names[i] = cql.Quote(t.name)
	}
	prepared, err := session.Prepare(ctx, "SELECT "+strings.Join(names, ", ")+" FROM "+p.name)
	if err != nil {
		return fmt.Errorf("sink: %w", err)
	}
	if len(prepared.Columns) != len(p.targets) {
		return fmt.Errorf("sink: the server tells of %d columns of %s where %d were asked for", len(prepared.Columns), p.name, len(p.targets))
	}
	for i := range p.targets {
		t := &p.targets[i]
		typ := prepared.Columns[i].Type
		if t.delta == removeFrom && typ.Kind == cql.Map {
			typ = cql.Type{Kind: cql.Set, Elems: typ.Elems[:1]}
		}
		t.typ = &typ
		if err := p.accepts(t.in, t.name, typ); err != nil {
			return err
		}
		if t.written >= 0 {
			if err := p.accepts(t.written, p.shape.name(t.written), bigint); err != nil {
				return err
			}
		}
		if t.lives >= 0 {
			if err := p.accepts(t.lives, p.shape.name(t.lives), integer); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *plan) accepts(in int, name string, t cql.Type) error {
	if err := p.shape.accepts(in, t); err != nil {
		return &ColumnError{class: cql.Invalid, Table: p.name, Column: name, CQLType: t.String(), GoType: p.shape.source(in), Err: err}
	}
	return nil
}

// decide checks that the targets make a statement, and of what kind it is.
func (p *plan) decide(table cql.Table) error {
	statics, regulars := 0, 0
	p.repeats = p.spec.repeats || !p.ifHolds
	for _, t := range p.targets {
		switch t.kind {
		case cql.Static:
			statics++
		case cql.Regular:
			regulars++
		}
		if t.delta == overwrite {
			if t.typ.Kind == cql.List && t.kind > cql.Clustering && !isFrozen(table, t.name) {
				p.lists = true
				// A list that is overwritten twice with one timestamp has its elements twice: Cassandra deletes what is older,
				// and gives each element a new cell.
				if !p.spec.repeats && (p.spec.stamped || p.spec.replays || t.written >= 0) {
					p.repeats = false
				}
			}
			continue
		}
		collection := t.typ.Kind == cql.List || t.typ.Kind == cql.Set || t.typ.Kind == cql.Map
		if t.typ.Kind != cql.Counter && !collection || t.typ.Kind == cql.Counter && t.delta == prependTo ||
			t.typ.Kind != cql.List && collection && t.delta == prependTo {
			return &ColumnError{
				class: cql.Invalid, Table: p.name, Column: t.name, CQLType: t.typ.String(),
				Err: errors.New("a column of this type is not changed in that way"),
			}
		}
		if t.typ.Kind == cql.Counter || t.typ.Kind == cql.List && t.delta != removeFrom {
			if p.repeats, p.adds = false, true; p.spec.repeats {
				return p.notIdempotent(&t)
			}
		}
	}
	clustered := false
	for _, c := range table.Columns {
		switch c.Kind {
		case cql.PartitionKey:
		case cql.Clustering:
			clustered = true
			if p.verb != remove && p.rows == 0 && regulars == 0 && statics > 0 {
				continue // a statement about the partition's static columns
			}
		default:
			continue
		}
		if p.shape.index(c.Name) < 0 {
			return p.columnError(c.Name, "it is part of the primary key, and the row does not have it")
		}
	}
	if p.verb == update && statics+regulars == 0 {
		return p.columnError(p.targets[0].name, "the row has no other columns than those of the key, so there is nothing to update")
	}
	if p.ifHolds && (p.timed || p.spec.stamped) {
		return fmt.Errorf("sink: %s: a condition (IfExists, IfNotExists) does not go with timestamps: %w", p.name, cql.Invalid)
	}
	if p.counter && (p.timed || p.spec.stamped || p.expires) {
		return fmt.Errorf("sink: %s: counters have no timestamps and TTLs of one's own: %w", p.name, cql.Invalid)
	}
	// Rows that share a request share its timestamp, and then, of two with one static column, not the last would win.
	shared := statics > 0 && clustered && !p.ifHolds && !p.counter
	p.stamped = p.spec.stamped || p.timed || shared || p.spec.replays && !p.ifHolds && !p.counter
	return nil
}

// notIdempotent refuses what was said.
func (p *plan) notIdempotent(t *target) error {
	return &ColumnError{
		class: cql.Invalid, Table: p.name, Column: t.name, CQLType: t.typ.String(),
		Err: errors.New("counters and appends to lists are not idempotent, as each time that one is sent it adds; leave out Idempotent"),
	}
}

// mayRepeat tells why a row of the plan may not be written twice; nil if it may.
func (p *plan) mayRepeat() error {
	switch {
	case p.repeats:
		return nil
	case p.adds:
		return ErrNotIdempotent
	default:
		return errMayBeSaid
	}
}

// vary makes the variants of the statement.
func (p *plan) vary() {
	fixed := true // the text depends on the values of no row
	var statics, all []int
	for i, t := range p.targets {
		if !oneMarker(t.typ) {
			fixed = false
		}
		switch t.kind {
		case cql.Static:
			statics = append(statics, i)
			all = append(all, i)
		case cql.Regular:
			all = append(all, i)
		}
	}
	keys := make([]int, p.keys+p.rows)
	for i := range keys {
		keys[i] = i
	}
	p.whole = variant{keys: keys, sets: all}
	if len(statics) > 0 {
		p.static = &variant{keys: keys[:p.keys], sets: statics}
	}
	if p.static != nil && len(statics) == len(all) && p.verb == update {
		p.whole = *p.static // CQL does not take clustering columns there
	}
	if fixed {
		p.whole.text = p.render(&p.whole, p.whole.sets, nil)
		if p.static != nil {
			p.static.text = p.render(p.static, p.static.sets, nil)
		}
	}
}

// readMarkers has the server tell about the markers of Exec.
func (p *plan) readMarkers(ctx context.Context, session *cql.Session) error {
	p.name, p.repeats = lex.Shown(p.text), p.spec.repeats
	prepared, err := session.Prepare(ctx, p.text)
	if err != nil {
		return fmt.Errorf("sink: %w", err)
	}
	start := lex.Space(p.text)
	if strings.EqualFold(p.text[start:start+lex.Word(p.text[start:])], "SELECT") {
		return fmt.Errorf("sink: Exec does not read; use source.Query: %s: %w", p.name, cql.Invalid)
	}
	p.partition = prepared.PartitionKey
	for i, a := range prepared.Arguments {
		t := target{name: a.Name, typ: &a.Type, in: i}
		if p.shape != nil {
			if t.in = p.shape.index(a.Name); t.in < 0 {
				return p.columnError(a.Name, "a marker of the statement has this name, and the row has no such column")
			}
			if err := p.accepts(t.in, t.name, a.Type); err != nil {
				return err
			}
		}
		if a.Type.Kind == cql.Counter {
			if p.adds = true; p.spec.repeats {
				return p.notIdempotent(&t)
			}
		}
		p.targets = append(p.targets, t)
	}
	return nil
}

func isFrozen(table cql.Table, column string) bool {
	return slices.ContainsFunc(table.Columns, func(c cql.TableColumn) bool {
		return c.Name == column && strings.HasPrefix(c.Type, "frozen<")
	})
}

// resends tells whether a request of the plan's rows may be sent again where it may have been applied.
func (p *plan) resends() bool { return p.repeats && (!p.lists || !p.stamped || p.spec.repeats) }
