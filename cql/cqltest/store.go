package cqltest

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"github.com/rxcql/rxcql/cql/cqltest/internal/murmur3"
)

// content is what a table holds: partitions in the order of their tokens, rows in the clustering order.
type content interface {
	count() int
	find(token int64, raw []byte) (i int, found bool) // the first partition not before this one
	open(i int, v *view) rowSet                       // sets the partition key's values in v
}

// rowSet is one partition. Rows that are not there any more are counted too; load tells.
type rowSet interface {
	count() int
	clustering(r int) ([][]byte, error)
	load(r int, v *view) (live bool, err error) // sets all but the partition key's values
	loadStatic(v *view) (live bool)             // the same for a row of static columns only
}

// view is a row while it is being read: values by slot, which are valid until the next load.
type view struct {
	token  int64
	raw    []byte
	schema *schema
	ck     [][]byte // nil for a row of static columns only
	vals   [][]byte
	cells  []cell // by slot, nil when rows are generated
	now    int64
}

func newView(s *schema) *view {
	return &view{schema: s, vals: make([][]byte, s.slots), now: time.Now().UnixNano()}
}

// stamp orders writes: by timestamp, then by arrival, so that in virtual time, where many writes have the same
// timestamp, the last one wins.
type stamp struct{ micros, seq int64 }

func (s stamp) after(o stamp) bool {
	return s.micros > o.micros || s.micros == o.micros && s.seq > o.seq
}

// cell is one value with its write time. A written cell without bytes is a tombstone.
type cell struct {
	b       []byte
	at      stamp
	expires int64 // Unix nanoseconds, 0 for never
	written bool
}

func (c *cell) live(deleted stamp, now int64) bool {
	return c.written && c.b != nil && c.at.after(deleted) && (c.expires == 0 || now < c.expires)
}

// store holds the rows that were written.
type store struct {
	schema *schema // the first version: key columns and slots never change
	parts  []*partition
	byKey  map[string]*partition
}

type partition struct {
	token   int64
	raw     []byte
	key     [][]byte
	deleted stamp
	static  []cell
	rows    []*row
	ckTypes *schema
}

type row struct {
	ck      [][]byte
	marker  cell // what INSERT leaves besides the cells
	deleted stamp
	cells   []cell
}

// never is before every write.
var never = stamp{micros: -1 << 63}

func newStore(s *schema) *store { return &store{schema: s, byKey: map[string]*partition{}} }

func (s *store) count() int { return len(s.parts) }

func (s *store) find(token int64, raw []byte) (int, bool) {
	return slices.BinarySearchFunc(s.parts, token, func(p *partition, token int64) int {
		return cmp.Or(cmp.Compare(p.token, token), bytes.Compare(p.raw, raw))
	})
}

// upsert returns the partition of that key, made if need be.
func (s *store) upsert(key [][]byte) *partition {
	raw := murmur3.Key(key)
	if p := s.byKey[string(raw)]; p != nil {
		return p
	}
	p := &partition{token: murmur3.Token(raw), raw: bytes.Clone(raw), key: cloneValues(key), deleted: never, ckTypes: s.schema}
	i, _ := s.find(p.token, p.raw)
	s.parts = slices.Insert(s.parts, i, p)
	s.byKey[string(raw)] = p
	return p
}

func (p *partition) search(ck [][]byte) (int, bool) {
	if n := len(p.rows); n > 0 && p.ckTypes.compareClustering(p.rows[n-1].ck, ck) < 0 {
		return n, false // rows are mostly written in their order
	}
	return slices.BinarySearchFunc(p.rows, ck, func(r *row, ck [][]byte) int { return p.ckTypes.compareClustering(r.ck, ck) })
}

// upsert returns the row of that clustering, made if need be.
func (p *partition) upsert(ck [][]byte) *row {
	i, ok := p.search(ck)
	if ok {
		return p.rows[i]
	}
	r := &row{ck: cloneValues(ck), deleted: never}
	p.rows = slices.Insert(p.rows, i, r)
	return r
}

func (s *store) open(i int, v *view) rowSet {
	p := s.parts[i]
	v.token, v.raw = p.token, p.raw
	for k, c := range v.schema.pk {
		v.vals[c.slot] = p.key[k]
	}
	return p
}

func (p *partition) count() int { return len(p.rows) }

func (p *partition) clustering(r int) ([][]byte, error) { return p.rows[r].ck, nil }

func (p *partition) load(i int, v *view) (bool, error) {
	r := p.rows[i]
	deleted := r.deleted
	if p.deleted.after(deleted) {
		deleted = p.deleted
	}
	live := r.marker.live(deleted, v.now)
	v.reset()
	v.ck = r.ck
	for k, c := range v.schema.ck {
		v.vals[c.slot] = r.ck[k]
	}
	for _, c := range v.schema.rest {
		if c.kind == regular && v.take(c, r.cells, deleted) {
			live = true
		}
	}
	if live {
		p.statics(v)
	}
	return live, nil
}

func (p *partition) loadStatic(v *view) bool {
	v.reset()
	v.ck = nil
	for _, c := range v.schema.ck {
		v.vals[c.slot] = nil
	}
	return p.statics(v)
}

func (p *partition) statics(v *view) (live bool) {
	for _, c := range v.schema.rest {
		if c.kind == staticColumn && v.take(c, p.static, p.deleted) {
			live = true
		}
	}
	return live
}

func (v *view) reset() {
	if v.cells == nil {
		v.cells = make([]cell, v.schema.slots)
	}
	for _, c := range v.schema.rest {
		v.vals[c.slot], v.cells[c.slot] = nil, cell{}
	}
}

// take copies a column's cell into the view if it is live.
func (v *view) take(c *column, cells []cell, deleted stamp) bool {
	if c.slot >= len(cells) || !cells[c.slot].live(deleted, v.now) {
		return false
	}
	v.vals[c.slot], v.cells[c.slot] = cells[c.slot].b, cells[c.slot]
	return true
}
