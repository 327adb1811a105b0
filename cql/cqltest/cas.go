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

// decide checks the conditions of a lightweight transaction, and returns what stood against it, if anything is there.
func (m *mutation) decide(e *evaluation, now int64) (applied bool, p *page, cols []*column, err error) {
	if len(m.keys) != 1 || len(m.cks) > 1 {
		return false, nil, nil, Invalid("IN on the primary key is not supported with conditional updates")
	}
	c := m.current(now)
	if m.ifs == nil {
		if applied = m.ifNotExists != c.exists; applied || !c.exists {
			return applied, nil, nil, nil
		}
		return false, m.standing(c), m.schema.all(), nil
	}
	applied = true
	shown := c.row
	for _, cond := range m.ifs {
		col := cond.cols[0]
		want, err := e.eval(&cond.Terms[0], cond.typ)
		if err != nil {
			return false, nil, nil, err
		}
		if want.unset {
			return false, nil, nil, invalidAt(cond.Pos, "Invalid unset value for a condition on %s", col.name)
		}
		applied = applied && cond.holds(c.vals[col.slot], want.b)
		cols = append(cols, col)
		shown = shown || col.kind == staticColumn && c.statics
	}
	if applied || !shown {
		return applied, nil, nil, nil
	}
	p = &page{n: 1}
	for _, col := range cols {
		p.rows = appendBytes(p.rows, c.vals[col.slot])
	}
	return false, p, cols, nil
}

// standing is the row that stands against IF NOT EXISTS. Cassandra reads static columns only for a statement that sets
// one, and else shows them as null.
func (m *mutation) standing(c current) *page {
	setsStatic := false
	for _, s := range m.settings {
		setsStatic = setsStatic || s.col.kind == staticColumn
	}
	p := &page{n: 1}
	for _, col := range m.schema.all() {
		v := c.vals[col.slot]
		if col.kind == staticColumn && !setsStatic {
			v = nil
		}
		p.rows = appendBytes(p.rows, v)
	}
	return p
}

func (c *condition) holds(have, want []byte) bool {
	want = emptyIsNull(c.typ, want)
	if have == nil || want == nil {
		same := have == nil && want == nil
		return c.Op == "=" && same || c.Op == "!=" && !same
	}
	return holds(c.Op, types.Compare(c.typ, have, want))
}

// current is what a lightweight transaction finds where it would write.
type current struct {
	*view
	exists  bool // what it is about: the row that it names, or, if it names none, a static value
	row     bool // the row that it names
	statics bool // a static value; not looked for if the row is there
}

// current loads the row that the transaction names, or the static columns. With these comes the clustering of the
// partition's first row: so does Cassandra.
func (m *mutation) current(now int64) current {
	c := current{view: newView(m.schema)}
	c.now = now
	st := m.table.store
	p := st.byKey[string(murmur3.Key(m.keys[0]))]
	if p == nil {
		return c
	}
	i, _ := st.find(p.token, p.raw)
	st.open(i, c.view)
	if m.cks != nil {
		if k, ok := p.search(m.cks[0]); ok {
			c.row, _ = p.load(k, c.view) // a stored row always loads
		}
		if c.exists = c.row; !c.row {
			c.statics = p.loadStatic(c.view)
		}
		return c
	}
	var first [][]byte
	for k, r := range p.rows {
		if live, _ := p.load(k, c.view); live {
			first = r.ck
			break
		}
	}
	c.statics = p.loadStatic(c.view)
	c.exists = c.statics
	for k, v := range first {
		c.vals[m.schema.ck[k].slot] = v
	}
	return c
}
