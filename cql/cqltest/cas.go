package cqltest

import (
	"github.com/rxcql/rxcql/cql/cqltest/internal/murmur3"
	"github.com/rxcql/rxcql/cql/cqltest/internal/syntax"
	"github.com/rxcql/rxcql/cql/cqltest/internal/types"
)

// conditional says whether the write is a lightweight transaction.
func (w *writePlan) conditional() bool { return w.ifNotExists || w.ifExists || w.ifs != nil }

// ifCondition analyses one condition of IF on a column.
func (b *binder) ifCondition(r syntax.Relation) (*condition, error) {
	if r.Token || r.Multi || r.Key != nil || containsOp(r.Op) || r.Op == "IN" {
		return nil, invalidAt(r.Pos, "cqltest supports only comparisons of columns in IF")
	}
	col, err := b.schema.find(r.Columns[0])
	if err != nil {
		return nil, err
	}
	if col.kind == partitionKey || col.kind == clusteringCl {
		return nil, invalidAt(r.Pos, "PRIMARY KEY column '%s' cannot have IF conditions", col.name)
	}
	c := &condition{Relation: r, cols: []*column{col}, typ: col.typ}
	return c, b.expect(&c.Terms[0], col.name, col.typ, -1)
}

// decide checks the conditions of a lightweight transaction, and returns the row that stood against it.
func (m *mutation) decide(e *evaluation, now int64) (applied bool, p *page, cols []*column, err error) {
	if len(m.keys) != 1 || len(m.cks) > 1 {
		return false, nil, nil, Invalid("IN on the primary key is not supported with conditional updates")
	}
	v, live := m.current(now)
	applied = m.ifNotExists != live
	for _, c := range m.ifs {
		want, err := e.eval(&c.Terms[0], c.typ)
		if err != nil {
			return false, nil, nil, err
		}
		if want.unset {
			return false, nil, nil, invalidAt(c.Pos, "Invalid unset value for a condition on %s", c.cols[0].name)
		}
		applied = applied && c.holds(v.vals[c.cols[0].slot], want.b)
	}
	if m.ifs != nil && !live {
		applied = allWantNull(e, m.ifs)
	}
	if applied || !live {
		return applied, nil, nil, nil
	}
	cols = m.schema.all()
	if !m.ifNotExists {
		cols = nil
		for _, c := range m.ifs {
			cols = append(cols, c.cols[0])
		}
	}
	p = &page{n: 1}
	for _, c := range cols {
		p.rows = appendBytes(p.rows, v.vals[c.slot])
	}
	return false, p, cols, nil
}

// allWantNull: a row that does not exist fulfils conditions for null.
func allWantNull(e *evaluation, ifs []*condition) bool {
	for _, c := range ifs {
		want, err := e.eval(&c.Terms[0], c.typ)
		if err != nil || !c.holds(nil, want.b) {
			return false
		}
	}
	return true
}

func (c *condition) holds(have, want []byte) bool {
	want = emptyIsNull(c.typ, want)
	if have == nil || want == nil {
		same := have == nil && want == nil
		return c.Op == "=" && same || c.Op == "!=" && !same
	}
	return holds(c.Op, types.Compare(c.typ, have, want))
}

// current loads the row that the transaction is about, or the static columns if it names no row.
func (m *mutation) current(now int64) (*view, bool) {
	v := newView(m.schema)
	v.now = now
	st := m.table.store
	p := st.byKey[string(murmur3.Key(m.keys[0]))]
	if p == nil {
		return v, false
	}
	i, _ := st.find(p.token, p.raw)
	st.open(i, v)
	if m.cks == nil {
		return v, p.loadStatic(v)
	}
	r, ok := p.search(m.cks[0])
	if !ok {
		return v, false
	}
	live, _ := p.load(r, v) // a stored row always loads
	return v, live
}
