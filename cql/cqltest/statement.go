package cqltest

import (
	"encoding/binary"
	"time"

	"github.com/rxcql/rxcql/cql/cqltest/internal/syntax"
	"github.com/rxcql/rxcql/cql/cqltest/internal/types"
)

// statement is CQL that was parsed and, if it reads or writes rows, analysed against the schema.
type statement struct {
	parsed   *syntax.Parsed
	keyspace string // that was in USE
	table    *table
	schema   *schema
	specs    []bindSpec
	sel      *selectPlan
	write    *writePlan
}

// analyse checks a statement against the current schema; the caller holds the lock.
func (db *database) analyse(parsed *syntax.Parsed, current string, n *node) (*statement, error) {
	st := &statement{parsed: parsed, keyspace: current}
	switch s := parsed.Statement.(type) {
	case *syntax.Select, *syntax.Insert, *syntax.Update, *syntax.Delete:
		target, _ := syntax.Target(s)
		var err error
		if st.table, err = db.table(target, current, n); err != nil {
			return nil, err
		}
		st.schema = st.table.schema
		return st, st.plan()
	}
	if len(parsed.Markers) > 0 {
		return nil, Invalid("Bind markers are only supported in SELECT, INSERT, UPDATE and DELETE")
	}
	return st, nil
}

func (st *statement) plan() (err error) {
	b := &binder{schema: st.schema, specs: make([]bindSpec, len(st.parsed.Markers))}
	if s, ok := st.parsed.Statement.(*syntax.Select); ok {
		st.sel, err = b.selectPlan(s)
	} else {
		st.write, err = b.writePlan(st.parsed.Statement, st.table)
	}
	st.specs = b.specs
	for i, s := range b.specs {
		if s.typ == nil && err == nil {
			err = invalidf("cqltest does not support the bind marker %d where it stands", i+1)
		}
	}
	return err
}

// routing is the markers of the partition key's columns, in their order; nil if some have none.
func (st *statement) routing() []int {
	var out []int
	if st.schema == nil {
		return nil
	}
	for i, c := range st.schema.pk {
		var t *syntax.Term
		switch {
		case st.write != nil && st.write.key != nil:
			t = st.write.key[i]
		case st.write != nil && st.write.where.key != nil && st.write.where.key[i].Op == "=":
			t = &st.write.where.key[i].Terms[0]
		case st.sel != nil && st.sel.where.key != nil && st.sel.where.key[i].Op == "=":
			t = &st.sel.where.key[i].Terms[0]
		}
		if t == nil || t.Kind != syntax.Marker || st.specs[t.Index].slot != c.slot {
			return nil
		}
		out = append(out, t.Index)
	}
	return out
}

// outcome is what a statement did.
type outcome struct {
	reply    reply
	keyspace string  // after USE
	change   *change // after DDL
}

func result(kind int, parts ...[]byte) reply {
	return reply{op: opResult, parts: append([][]byte{appendInt(nil, kind)}, parts...)}
}

// execute runs anything but a SELECT; the caller holds the write lock.
func (db *database) execute(st *statement, pr *params) (*outcome, error) {
	switch s := st.parsed.Statement.(type) {
	case *syntax.Use:
		ks, err := db.useStatement(s)
		return &outcome{reply: result(resultSetKeyspace, appendString(nil, ks)), keyspace: ks}, err
	case *syntax.Truncate:
		return &outcome{reply: result(resultVoid)}, db.truncate(s, st.keyspace)
	case *syntax.Insert, *syntax.Update, *syntax.Delete:
		e, err := bind(st.schema, st.specs, pr)
		if err != nil {
			return nil, err
		}
		return db.runWrite(st.write, e, pr)
	default:
		c, err := db.define(s, st.keyspace)
		if c == nil {
			return &outcome{reply: result(resultVoid)}, err
		}
		return &outcome{reply: result(resultSchemaChange, c.append(nil)), change: c}, err
	}
}

// read runs a SELECT. The caller holds the lock, unless the rows are generated: those are made by a user's function.
func (st *statement) read(tab content, pr *params, script []int, exactFit bool) (*outcome, error) {
	e, err := bind(st.schema, st.specs, pr)
	if err != nil {
		return nil, err
	}
	p, err := st.sel.read(e, tab, pr, script, exactFit)
	if err != nil {
		return nil, err
	}
	var names []string
	var typs []*types.Type
	for _, o := range st.sel.outputs {
		names, typs = append(names, o.name), append(typs, o.typ)
	}
	return &outcome{reply: rowsReply(st.schema, names, typs, p, pr.skipMetadata)}, nil
}

const (
	metaGlobal   = 1
	metaMore     = 2
	metaNoColumn = 4
)

func rowsReply(s *schema, names []string, typs []*types.Type, p *page, skip bool) reply {
	flags := metaGlobal
	if skip {
		flags = metaNoColumn
	}
	if p.state != nil {
		flags |= metaMore
	}
	b := appendInt(appendInt(nil, flags), len(names))
	if p.state != nil {
		b = appendBytes(b, p.state)
	}
	if !skip {
		b = appendColumns(b, s.keyspace, s.name, names, typs)
	}
	return result(resultRows, appendInt(b, p.n), p.rows)
}

func (db *database) runWrite(w *writePlan, e *evaluation, pr *params) (*outcome, error) {
	now := time.Now().UnixNano()
	db.seq++
	m, err := w.prepare(e, pr, db.seq)
	if err != nil {
		return nil, err
	}
	if w.conditional() {
		return db.runConditional(m, e, now)
	}
	return &outcome{reply: result(resultVoid)}, m.apply(now)
}

// runConditional answers with [applied] and, if not, the row that stood against it.
func (db *database) runConditional(m *mutation, e *evaluation, now int64) (*outcome, error) {
	applied, p, cols, err := m.decide(e, now)
	if err != nil {
		return nil, err
	}
	if applied {
		if err := m.apply(now); err != nil {
			return nil, err
		}
	}
	names, typs := []string{"[applied]"}, []*types.Type{types.Of(types.Boolean)}
	row := appendBytes(nil, []byte{boolByte(applied)})
	for _, c := range cols {
		names, typs = append(names, c.name), append(typs, c.typ)
	}
	if p != nil {
		row = append(row, p.rows...)
	}
	return &outcome{reply: rowsReply(m.schema, names, typs, &page{rows: row, n: 1}, false)}, nil
}

// executeBatch applies all statements or, if one of them is wrong, none.
func (db *database) executeBatch(b *batch, sts []*statement) (*outcome, error) {
	now := time.Now().UnixNano()
	var ms []*mutation
	for i, st := range sts {
		if st.write == nil {
			return nil, Invalid("Invalid statement in batch: only UPDATE, INSERT and DELETE statements are allowed.")
		}
		if st.write.conditional() {
			return nil, Invalid("cqltest does not support conditional statements in a BATCH")
		}
		if st.schema.counter != (b.typ == 2) {
			return nil, Invalid("Cannot include a counter statement in a batch of the other kind")
		}
		pr := b.params
		pr.values = b.items[i].values
		e, err := bind(st.schema, st.specs, &pr)
		if err != nil {
			return nil, err
		}
		db.seq++
		m, err := st.write.prepare(e, &pr, db.seq)
		if err != nil {
			return nil, err
		}
		ms = append(ms, m)
	}
	for _, m := range ms {
		if err := m.apply(now); err != nil {
			return nil, err
		}
	}
	return &outcome{reply: result(resultVoid)}, nil
}

// preparedReply describes a prepared statement: its markers and, for a SELECT, its columns.
func (st *statement) preparedReply(id []byte) reply {
	b := appendShortBytes(nil, id)
	var ks, table string
	if st.schema != nil {
		ks, table = st.schema.keyspace, st.schema.name
	}
	routing := st.routing()
	b = appendInt(appendInt(appendInt(b, metaGlobal), len(st.specs)), len(routing))
	for _, i := range routing {
		b = appendShort(b, i)
	}
	names, typs := make([]string, len(st.specs)), make([]*types.Type, len(st.specs))
	for i, s := range st.specs {
		names[i], typs[i] = s.name, s.typ
	}
	b = appendColumns(b, ks, table, names, typs)
	if st.sel == nil {
		return result(resultPrepared, binary.BigEndian.AppendUint64(b, metaNoColumn<<32))
	}
	names, typs = nil, nil
	for _, o := range st.sel.outputs {
		names, typs = append(names, o.name), append(typs, o.typ)
	}
	b = appendInt(appendInt(b, metaGlobal), len(names))
	return result(resultPrepared, appendColumns(b, ks, table, names, typs))
}

// about says whether the statement reads or writes this table, or any of the keyspace if table is empty.
func (st *statement) about(keyspace, table string) bool {
	return st.schema != nil && st.schema.keyspace == keyspace && (table == "" || st.schema.name == table)
}
