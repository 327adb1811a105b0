package cqltest

import (
	"time"

	"github.com/rxcql/rxcql/cql/cqltest/internal/syntax"
	"github.com/rxcql/rxcql/cql/cqltest/internal/types"
)

// setting is one column that a write changes: to a value, by an operation, or, in a DELETE, to nothing.
type setting struct {
	col     *column
	key     *syntax.Term // m[key]
	op      string
	prepend bool
	value   *syntax.Term // nil deletes
}

// writePlan is an analysed INSERT, UPDATE or DELETE.
type writePlan struct {
	schema      *schema
	table       *table
	key, ck     []*syntax.Term // INSERT's
	where       *where         // the others'
	rows        []*condition   // = and IN for every clustering column, nil if there are other conditions
	settings    []setting
	using       syntax.Using
	marker      bool // INSERT leaves a row even if all else is null
	deleteRows  bool
	ifNotExists bool
	ifExists    bool
	ifs         []*condition
}

func (b *binder) writePlan(st syntax.Statement, tab *table) (*writePlan, error) {
	w := &writePlan{schema: b.schema, table: tab}
	if tab.gen != nil {
		return nil, invalidf("cqltest: %s.%s is generated and cannot be written to; TRUNCATE it first", b.schema.keyspace, b.schema.name)
	}
	if isSystem(b.schema.keyspace) {
		return nil, Unauthorized("No modifications of " + b.schema.keyspace + " are allowed")
	}
	var err error
	switch st := st.(type) {
	case *syntax.Insert:
		err = w.insert(b, st)
	case *syntax.Update:
		err = w.update(b, st)
	case *syntax.Delete:
		err = w.delete(b, st)
	}
	if err != nil {
		return nil, err
	}
	return w, w.refusals(st)
}

// refusals are of what parses and names columns that are there, but cannot be asked of the table.
func (w *writePlan) refusals(st syntax.Statement) error {
	at, _ := syntax.Target(st)
	switch using := w.using; {
	case w.schema.counter && w.conditional():
		return invalidAt(at.Pos, "Conditional updates are not supported on counter tables")
	case w.schema.counter && using.TTL != nil:
		return invalidAt(using.TTL.Pos, "Cannot provide custom TTL for counter updates")
	case w.schema.counter && using.Timestamp != nil:
		return invalidAt(using.Timestamp.Pos, "Cannot provide custom timestamp for counter updates")
	case w.conditional() && using.Timestamp != nil:
		return invalidAt(using.Timestamp.Pos, "Cannot provide custom timestamp for conditional updates")
	}
	return nil
}

func (w *writePlan) usingClause(b *binder, u syntax.Using) error {
	w.using = u
	if u.TTL != nil {
		if err := b.expect(u.TTL, "[ttl]", intType, -1); err != nil {
			return err
		}
	}
	if u.Timestamp != nil {
		return b.expect(u.Timestamp, "[timestamp]", types.Of(types.Bigint), -1)
	}
	return nil
}

func (w *writePlan) insert(b *binder, st *syntax.Insert) error {
	if w.schema.counter {
		return invalidAt(st.Table.Pos, "INSERT statements are not allowed on counter tables, use UPDATE instead")
	}
	w.marker, w.ifNotExists = true, st.IfNotExists
	w.key = make([]*syntax.Term, len(w.schema.pk))
	w.ck = make([]*syntax.Term, len(w.schema.ck))
	seen := map[*column]bool{}
	onlyStatic := true
	for i := range st.Columns {
		c, err := w.schema.find(st.Columns[i])
		if err != nil {
			return err
		}
		if seen[c] {
			return invalidAt(st.Columns[i].Pos, "The column names contains duplicates")
		}
		seen[c] = true
		if err := b.expect(&st.Values[i], c.name, c.typ, c.slot); err != nil {
			return err
		}
		switch c.kind {
		case partitionKey:
			w.key[c.pos] = &st.Values[i]
		case clusteringCl:
			w.ck[c.pos] = &st.Values[i]
			onlyStatic = false
		default:
			w.settings = append(w.settings, setting{col: c, value: &st.Values[i]})
			onlyStatic = onlyStatic && c.kind == staticColumn
		}
	}
	if onlyStatic && len(w.settings) > 0 && len(w.ck) > 0 {
		w.ck, w.marker = nil, false
	}
	for i, t := range w.key {
		if t == nil {
			return invalidAt(st.Table.Pos, "Some partition key parts are missing: %s", w.schema.pk[i].name)
		}
	}
	for i, t := range w.ck {
		if t == nil {
			return invalidAt(st.Table.Pos, "Some clustering keys are missing: %s", w.schema.ck[i].name)
		}
	}
	return w.usingClause(b, st.Using)
}

func (w *writePlan) update(b *binder, st *syntax.Update) error {
	if err := w.usingClause(b, st.Using); err != nil {
		return err
	}
	for i := range st.Set {
		if err := w.assign(b, &st.Set[i]); err != nil {
			return err
		}
	}
	return w.target(b, st.Table.Pos, st.Where, st.If, st.IfExists)
}

// assign analyses one assignment of an UPDATE.
func (w *writePlan) assign(b *binder, a *syntax.Assignment) error {
	c, err := w.schema.find(a.Column)
	if err != nil {
		return err
	}
	counter := c.typ.Kind == types.Counter
	switch {
	case c.kind == partitionKey || c.kind == clusteringCl:
		return invalidAt(a.Column.Pos, "PRIMARY KEY part %s found in SET part", c.name)
	case counter && (a.Op == "" || a.Prepend):
		return invalidAt(a.Column.Pos, "Cannot set the value of counter column %s (counters can only be incremented/decremented, not set)", c.name)
	case a.Key != nil && (!c.typ.IsMulticell() || c.typ.Kind == types.Set):
		return invalidAt(a.Column.Pos, "Invalid operation on an element of column %s of type %s", c.name, c.typ)
	case a.Op != "" && !counter && !c.typ.IsMulticell(), a.Prepend && c.typ.Kind != types.List:
		return invalidAt(a.Column.Pos, "Invalid operation (%s = %s %s …) for column of type %s", c.name, c.name, a.Op, c.typ)
	}
	typ := c.typ
	if a.Op == "-" && c.typ.Kind == types.Map {
		typ = &types.Type{Kind: types.Set, Elems: c.typ.Elems[:1]}
	}
	if a.Key != nil {
		keyType := intType
		if c.typ.Kind == types.Map {
			keyType = c.typ.Elems[0]
		}
		if err := b.expect(a.Key, "key("+c.name+")", keyType, -1); err != nil {
			return err
		}
		typ = c.typ.Elems[len(c.typ.Elems)-1]
	}
	w.settings = append(w.settings, setting{c, a.Key, a.Op, a.Prepend, &a.Value})
	return b.expect(&a.Value, c.name, typ, c.slot)
}

func (w *writePlan) delete(b *binder, st *syntax.Delete) error {
	if st.Using.TTL != nil {
		return invalidAt(st.Using.TTL.Pos, "TTL is not allowed in DELETE")
	}
	w.deleteRows = len(st.Columns) == 0
	for _, d := range st.Columns {
		c, err := w.schema.find(d.Column)
		if err != nil {
			return err
		}
		if c.kind == partitionKey || c.kind == clusteringCl {
			return invalidAt(d.Column.Pos, "Invalid identifier %s for deletion (should not be a PRIMARY KEY part)", c.name)
		}
		if d.Key != nil {
			if c.typ.Kind != types.Map && c.typ.Kind != types.Set || c.typ.Frozen {
				return invalidAt(d.Column.Pos, "cqltest deletes elements only of maps and sets, not of %s", c.typ)
			}
			if err := b.expect(d.Key, "key("+c.name+")", c.typ.Elems[0], -1); err != nil {
				return err
			}
		}
		w.settings = append(w.settings, setting{col: c, key: d.Key})
	}
	if err := w.usingClause(b, st.Using); err != nil {
		return err
	}
	return w.target(b, st.Table.Pos, st.Where, st.If, st.IfExists)
}

// target analyses which rows an UPDATE or DELETE is about.
func (w *writePlan) target(b *binder, pos syntax.Pos, rels, ifs []syntax.Relation, ifExists bool) error {
	var err error
	if w.where, err = b.where(rels); err != nil {
		return err
	}
	w.ifExists = ifExists
	for _, r := range ifs {
		c, err := b.ifCondition(r)
		if err != nil {
			return err
		}
		w.ifs = append(w.ifs, c)
	}
	if w.where.key == nil || len(w.where.filter) > 0 || w.where.token != nil {
		return invalidAt(pos, "Some partition key parts are missing, or columns outside the primary key are restricted")
	}
	if err := w.where.checkGaps(); err != nil {
		return err
	}
	for _, c := range w.where.rows {
		if !c.Multi && (c.Op == "=" || c.Op == "IN") {
			w.rows = append(w.rows, c)
		}
	}
	whole := len(w.rows) == len(w.schema.ck) && len(w.where.rows) == len(w.rows)
	if !whole {
		w.rows = nil
	}
	onlyStatic := w.onlyStatic()
	switch {
	case onlyStatic && len(w.where.rows) > 0:
		return invalidAt(w.where.rows[0].Pos, "Invalid restrictions on clustering columns since the statement modifies only static columns")
	case !whole && !w.deleteRows && !onlyStatic:
		return invalidAt(pos, "Some clustering keys are missing or not restricted by = or IN")
	case !whole && !onlyStatic && w.conditional():
		return invalidAt(pos, "IF needs one row, named by its whole primary key, or only static columns")
	}
	return nil
}

// onlyStatic says whether the write and its conditions are about nothing but static columns.
func (w *writePlan) onlyStatic() bool {
	for _, s := range w.settings {
		if s.col.kind != staticColumn {
			return false
		}
	}
	for _, c := range w.ifs {
		if c.cols[0].kind != staticColumn {
			return false
		}
	}
	return len(w.settings) > 0
}

// stampOf decides the timestamp of a write, and its time to live in seconds.
func (w *writePlan) stampOf(e *evaluation, pr *params, seq int64) (stamp, int64, error) {
	at := stamp{time.Now().UnixMicro(), seq}
	if pr.hasTimestamp {
		at.micros = pr.timestamp
	}
	if w.using.Timestamp != nil {
		n, ok, err := e.number(w.using.Timestamp, types.Of(types.Bigint))
		if err != nil {
			return at, 0, err
		}
		if ok {
			at.micros = n
		}
	}
	if w.using.TTL == nil {
		return at, 0, nil
	}
	ttl, _, err := e.number(w.using.TTL, intType)
	if err == nil && (ttl < 0 || ttl > 630720000) {
		err = invalidAt(w.using.TTL.Pos, "A TTL must be greater or equal to 0 and at most 630720000, but was %d", ttl)
	}
	return at, ttl, err
}
