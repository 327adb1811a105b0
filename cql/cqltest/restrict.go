package cqltest

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/rxcql/rxcql/cql/cqltest/internal/types"
)

// restriction is a WHERE clause with its values: what is to be read.
type restriction struct {
	schema *schema
	keys   [][][]byte // partitions by key, in the order of their values; nil for a range of tokens
	single bool       // one partition, named by =
	lo, hi int64      // range of tokens, both inclusive
	none   bool       // nothing can match
	from   [][]byte   // the first and last clustering prefixes, an optimisation: preds decide
	to     [][]byte
	preds  []predicate
}

// predicate is a condition on a row: any of the operands will do.
type predicate struct {
	cols     []*column
	op       string
	operands [][][]byte // each a value for every column
}

func (e *evaluation) restrict(w *where) (*restriction, error) {
	r := &restriction{schema: e.schema, lo: math.MinInt64, hi: math.MaxInt64}
	if err := e.keys(r, w); err != nil {
		return nil, err
	}
	if err := e.tokens(r, w); err != nil {
		return nil, err
	}
	for _, c := range slices.Concat(w.rows, w.filter) {
		p, err := e.predicate(c)
		if err != nil {
			return nil, err
		}
		r.preds = append(r.preds, p)
	}
	r.bounds()
	return r, nil
}

func (e *evaluation) keys(r *restriction, w *where) error {
	if w.key == nil {
		return nil
	}
	r.keys, r.single = [][][]byte{{}}, true
	for i, c := range w.key {
		vals, err := e.operands(c)
		if err != nil {
			return err
		}
		r.single = r.single && c.Op == "="
		typ := r.schema.pk[i].typ
		slices.SortFunc(vals, func(a, b []byte) int { return types.Compare(typ, a, b) })
		vals = slices.CompactFunc(vals, func(a, b []byte) bool { return types.Compare(typ, a, b) == 0 })
		var next [][][]byte
		for _, k := range r.keys {
			for _, v := range vals {
				if len(v) == 0 && len(w.key) == 1 {
					return invalidAt(c.Pos, "Key may not be empty")
				}
				if len(v) > math.MaxUint16 {
					return invalidAt(c.Pos, "Key length of %d is longer than maximum of 65535", len(v))
				}
				next = append(next, append(slices.Clone(k), v))
			}
		}
		if r.keys = next; len(next) > 10_000 {
			return invalidAt(c.Pos, "IN names more than 10,000 partitions")
		}
		if len(next) == 0 { // IN ()
			r.keys, r.none = [][][]byte{}, true
			return nil
		}
	}
	return nil
}

// tokens narrows the range. As in Cassandra the smallest number is not a token: as an end it means the end of the ring,
// and a range that would wrap around is empty.
func (e *evaluation) tokens(r *restriction, w *where) error {
	for _, c := range w.token {
		vals, err := e.operands(c)
		if err != nil {
			return err
		}
		if len(vals[0]) != 8 {
			return invalidAt(c.Pos, "Invalid empty value for a token")
		}
		t := int64(binary.BigEndian.Uint64(vals[0]))
		if c.Op == "=" || c.Op == ">" || c.Op == ">=" {
			if c.Op == ">" && t == math.MaxInt64 {
				r.none = true
			} else if c.Op == ">" {
				t++
			}
			r.lo = max(r.lo, t)
		}
		if c.Op == ">" || c.Op == ">=" {
			continue
		}
		t = int64(binary.BigEndian.Uint64(vals[0]))
		if t == math.MinInt64 {
			continue
		}
		if c.Op == "<" {
			t--
		}
		r.hi = min(r.hi, t)
	}
	r.none = r.none || r.lo > r.hi
	return nil
}

func (e *evaluation) predicate(c *condition) (predicate, error) {
	p := predicate{cols: c.cols, op: c.Op}
	vals, err := e.operands(c)
	if err != nil {
		return p, err
	}
	for _, v := range vals {
		if !c.Multi {
			p.operands = append(p.operands, [][]byte{v})
			continue
		}
		parts, err := types.Split(c.typ, v)
		if err != nil || len(parts) != len(c.cols) || slices.ContainsFunc(parts, func(b []byte) bool { return b == nil }) {
			return p, invalidAt(c.Pos, "Expected %d values without null in a multi-column relation", len(c.cols))
		}
		p.operands = append(p.operands, parts)
	}
	return p, nil
}

// bounds derives where in a partition to start and to stop: from equalities on the first clustering columns, one range
// after them, and from multi-column relations over columns of one direction.
func (r *restriction) bounds() {
	for _, c := range r.schema.ck {
		p, ok := r.equal(c)
		if !ok {
			break
		}
		r.from = append(r.from, p.operands[0][0])
	}
	r.to = slices.Clone(r.from)
	n := len(r.from)
	if n < len(r.schema.ck) {
		r.rangeOn(r.schema.ck[n])
	}
	for _, p := range r.preds {
		if len(p.cols) > 1 && len(p.operands) == 1 && n == 0 && p.cols[0].pos == 0 && sameDirection(p.cols) {
			r.narrow(p, p.operands[0])
		}
	}
}

func (r *restriction) equal(c *column) (predicate, bool) {
	for _, p := range r.preds {
		if len(p.cols) == 1 && p.cols[0] == c && p.op == "=" {
			return p, true
		}
	}
	return predicate{}, false
}

// rangeOn narrows by single-column ranges on the first clustering column without an equality.
func (r *restriction) rangeOn(c *column) {
	prefix := r.from
	for _, p := range r.preds {
		if len(p.cols) == 1 && p.cols[0] == c && len(p.operands) == 1 {
			r.narrow(p, append(slices.Clone(prefix), p.operands[0][0]))
		}
	}
}

// narrow takes a bound from a range predicate if it is tighter than none. Bounds are inclusive; preds do the rest.
func (r *restriction) narrow(p predicate, prefix [][]byte) {
	var lower bool
	switch p.op {
	case ">", ">=":
		lower = true
	case "<", "<=":
	default:
		return
	}
	if p.cols[len(p.cols)-1].desc {
		lower = !lower
	}
	if lower {
		r.from = prefix
	} else {
		r.to = prefix
	}
}

func sameDirection(cols []*column) bool {
	for _, c := range cols {
		if c.desc != cols[0].desc {
			return false
		}
	}
	return true
}

// matches says whether a row, given as its values by slot, fulfils all conditions.
func (r *restriction) matches(vals [][]byte) bool {
	for i := range r.preds {
		if !r.preds[i].matches(vals) {
			return false
		}
	}
	return true
}

func (p *predicate) matches(vals [][]byte) bool {
	for _, c := range p.cols {
		if vals[c.slot] == nil {
			return false
		}
	}
	for _, operand := range p.operands {
		if containsOp(p.op) {
			if p.contains(vals[p.cols[0].slot], operand[0]) {
				return true
			}
			continue
		}
		cmp := 0
		for i, c := range p.cols {
			if cmp = types.Compare(c.typ, vals[c.slot], operand[i]); cmp != 0 {
				break
			}
		}
		if holds(p.op, cmp) {
			return true
		}
	}
	return false
}

func holds(op string, cmp int) bool {
	switch op {
	case "<":
		return cmp < 0
	case "<=":
		return cmp <= 0
	case ">":
		return cmp > 0
	case ">=":
		return cmp >= 0
	case "!=":
		return cmp != 0
	}
	return cmp == 0 // = and IN
}

func (p *predicate) contains(collection, want []byte) bool {
	typ := p.cols[0].typ
	elems, err := types.Split(typ, collection)
	if err != nil {
		return false
	}
	for i, e := range elems {
		if typ.Kind == types.Map && (i%2 == 0) != (p.op == "CONTAINS KEY") {
			continue
		}
		if types.Compare(typ.Elem(i), e, want) == 0 {
			return true
		}
	}
	return false
}
