package cqltest

import (
	"slices"
	"time"

	"github.com/rxcql/rxcql/cql/cqltest/internal/syntax"
	"github.com/rxcql/rxcql/cql/cqltest/internal/types"
)

// mutation is a write that has been evaluated and only needs to be done, so that a batch is applied as a whole or not
// at all.
type mutation struct {
	*writePlan
	at      stamp
	ttl     int64
	keys    [][][]byte
	cks     [][][]byte // rows by clustering; nil without complete ones
	cells   []cellChange
	deleted *restriction // the rows that a DELETE by range is about
}

type cellChange struct {
	setting
	value []byte // nil deletes
	elem  []byte // of m[elem] or l[elem]
}

// prepare evaluates everything in the write.
func (w *writePlan) prepare(e *evaluation, pr *params, seq int64) (*mutation, error) {
	m := &mutation{writePlan: w}
	var err error
	if m.at, m.ttl, err = w.stampOf(e, pr, seq); err != nil {
		return nil, err
	}
	if w.where == nil {
		err = m.insertKeys(e)
	} else {
		err = m.whereKeys(e)
	}
	if err != nil {
		return nil, err
	}
	for _, s := range w.settings {
		c, unset, err := e.change(s)
		if err != nil {
			return nil, err
		}
		if !unset {
			m.cells = append(m.cells, c)
		}
	}
	return m, nil
}

func (m *mutation) insertKeys(e *evaluation) error {
	key, err := e.tuple(m.key, m.schema.pk)
	if err != nil {
		return err
	}
	if len(key) == 1 && len(key[0]) == 0 {
		return invalidf("Key may not be empty")
	}
	m.keys = [][][]byte{key}
	if m.ck == nil {
		return nil
	}
	ck, err := e.tuple(m.ck, m.schema.ck)
	m.cks = [][][]byte{ck}
	return err
}

func (e *evaluation) tuple(terms []*syntax.Term, cols []*column) ([][]byte, error) {
	out := make([][]byte, len(terms))
	for i, t := range terms {
		v, err := e.eval(t, cols[i].typ)
		if err != nil {
			return nil, err
		}
		if v.b == nil {
			return nil, invalidAt(t.Pos, "Invalid null or unset value for the primary key column %s", cols[i].name)
		}
		out[i] = v.b
	}
	return out, nil
}

func (m *mutation) whereKeys(e *evaluation) error {
	r, err := e.restrict(m.where)
	if err != nil {
		return err
	}
	m.keys = r.keys
	if m.rows == nil && len(m.schema.ck) > 0 {
		m.deleted = r
		return nil
	}
	m.cks = [][][]byte{{}}
	for _, c := range m.schema.ck {
		var next [][][]byte
		for _, cond := range m.rows {
			if cond.cols[0] != c {
				continue
			}
			vals, err := e.operands(cond)
			if err != nil {
				return err
			}
			for _, prefix := range m.cks {
				for _, v := range vals {
					next = append(next, append(slices.Clone(prefix), v))
				}
			}
		}
		m.cks = next
	}
	return nil
}

// change evaluates a setting. Element keys of lists are indices.
func (e *evaluation) change(s setting) (c cellChange, unset bool, err error) {
	c.setting = s
	typ := s.col.typ
	if s.key != nil {
		keyType := intType
		if typ.Kind != types.List {
			keyType = typ.Elems[0]
		}
		k, err := e.eval(s.key, keyType)
		if err != nil {
			return c, false, err
		}
		if k.b == nil {
			return c, false, invalidAt(s.key.Pos, "Invalid null or unset element of column %s", s.col.name)
		}
		c.elem = k.b
		typ = typ.Elems[len(typ.Elems)-1]
	}
	if s.op == "-" && typ.Kind == types.Map {
		typ = &types.Type{Kind: types.Set, Elems: typ.Elems[:1]}
	}
	if s.value == nil {
		return c, false, nil
	}
	v, err := e.eval(s.value, typ)
	if err == nil && v.null() && typ.Kind == types.Counter {
		err = invalidAt(s.value.Pos, "Invalid null value for counter increment")
	}
	c.value = v.b
	return c, v.unset, err
}

// apply does the write; the caller holds the lock.
func (m *mutation) apply(now int64) error {
	st := m.table.store
	for _, key := range m.keys {
		if m.deleteRows && m.deleted != nil {
			if err := m.deleteRange(st, key, now); err != nil {
				return err
			}
			continue
		}
		p := st.upsert(key)
		if m.deleteRows && len(m.schema.ck) == 0 {
			p.delete(m.at)
			continue
		}
		if err := m.applyTo(p, now); err != nil {
			return err
		}
	}
	return nil
}

func (m *mutation) applyTo(p *partition, now int64) error {
	for _, c := range m.cells {
		if c.col.kind == staticColumn {
			if err := m.set(&p.static, &c, p.deleted, now); err != nil {
				return err
			}
		}
	}
	for _, ck := range m.cks {
		r := p.upsert(ck)
		if m.deleteRows {
			r.delete(m.at)
			continue
		}
		if m.marker && !r.marker.at.after(m.at) {
			r.marker = m.cell([]byte{}, now)
		}
		deleted := r.deleted
		if p.deleted.after(deleted) {
			deleted = p.deleted
		}
		for _, c := range m.cells {
			if c.col.kind == staticColumn {
				continue
			}
			if err := m.set(&r.cells, &c, deleted, now); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *mutation) cell(b []byte, now int64) cell {
	c := cell{b: b, at: m.at, written: true}
	if m.ttl > 0 && b != nil {
		c.expires = now + m.ttl*int64(time.Second)
	}
	return c
}

// set writes one cell unless a later write was here before.
func (m *mutation) set(cells *[]cell, c *cellChange, deleted stamp, now int64) error {
	for len(*cells) <= c.col.slot {
		*cells = append(*cells, cell{})
	}
	old := &(*cells)[c.col.slot]
	var current []byte
	if old.live(deleted, now) {
		current = old.b
	}
	v, err := c.compute(current)
	if err != nil {
		return err
	}
	if !old.written || m.at.after(old.at) || c.op != "" || c.elem != nil {
		*old = m.cell(v, now)
	}
	return nil
}

// delete leaves what was written later than at.
func (p *partition) delete(at stamp) {
	if at.after(p.deleted) {
		p.deleted = at
	}
	p.rows = slices.DeleteFunc(p.rows, func(r *row) bool { return r.covered(at) && !r.deleted.after(at) })
}

func (r *row) delete(at stamp) {
	if at.after(r.deleted) {
		r.deleted = at
	}
	if r.covered(at) {
		r.cells = nil
	}
}

// covered says whether everything in the row was written before at.
func (r *row) covered(at stamp) bool {
	if r.marker.written && r.marker.at.after(at) {
		return false
	}
	for _, c := range r.cells {
		if c.written && c.at.after(at) {
			return false
		}
	}
	return true
}

// deleteRange deletes a whole partition, or the rows between clusterings that are there now.
func (m *mutation) deleteRange(st *store, key [][]byte, now int64) error {
	p := st.upsert(key)
	if len(m.deleted.preds) == 0 {
		p.delete(m.at)
		return nil
	}
	v := newView(m.schema)
	v.now = now
	for i, r := range p.rows {
		if _, err := p.load(i, v); err != nil {
			return err
		}
		if m.deleted.matches(v.vals) {
			r.delete(m.at)
		}
	}
	return nil
}
