package cqltest

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/gocql/gocql"

	"github.com/rxcql/rxcql/cql/cqltest/internal/murmur3"
	"github.com/rxcql/rxcql/cql/cqltest/internal/types"
)

// Generator describes the rows of a table that are made when they are read, so that a table of any size costs memory
// only for its partitions' keys.
type Generator struct {
	Partitions int // how many
	Rows       int // in each partition

	// Key returns the values of partition p's key, in the order of the partition key. It is called once for each p,
	// by Generate, and every key must be different.
	Key func(p int) []any

	// Row returns the values of row r of partition p for the columns outside the partition key, in the order in which
	// CREATE TABLE lists them; clustering columns must be in the clustering order as r grows. Fewer values leave the
	// last columns null. It is called for each read, by several goroutines at once, and without any lock.
	Row func(p, r int) []any
}

// generator is a Generator bound to a table.
type generator struct {
	spec   Generator
	schema *schema
	cols   []*column // what Row gives
	infos  []gocql.TypeInfo
	parts  []generatedKey
}

type generatedKey struct {
	token int64
	raw   []byte
	p     int
}

func newGenerator(s *schema, spec Generator) (*generator, error) {
	g := &generator{spec: spec, schema: s}
	for _, c := range s.declared {
		if c.kind == partitionKey {
			continue
		}
		g.cols = append(g.cols, c)
		g.infos = append(g.infos, typeInfo(c.typ))
	}
	g.parts = make([]generatedKey, 0, spec.Partitions)
	for p := range spec.Partitions {
		key := spec.Key(p)
		if len(key) != len(s.pk) {
			return nil, fmt.Errorf("cqltest: Key(%d) gave %d values for the %d columns of the partition key", p, len(key), len(s.pk))
		}
		vals := make([][]byte, len(key))
		for i, c := range s.pk {
			b, err := marshal(nil, c.typ, typeInfo(c.typ), key[i])
			if err != nil || b == nil {
				return nil, fmt.Errorf("cqltest: Key(%d), column %s: a %T is no %s: %w", p, c.name, key[i], c.typ, err)
			}
			vals[i] = b
		}
		raw := murmur3.Key(vals)
		g.parts = append(g.parts, generatedKey{murmur3.Token(raw), raw, p})
	}
	slices.SortFunc(g.parts, func(a, b generatedKey) int {
		return cmp.Or(cmp.Compare(a.token, b.token), bytes.Compare(a.raw, b.raw))
	})
	for i := 1; i < len(g.parts); i++ {
		if a, b := g.parts[i-1], g.parts[i]; bytes.Equal(a.raw, b.raw) {
			return nil, fmt.Errorf("cqltest: Key(%d) and Key(%d) are the same", a.p, b.p)
		}
	}
	return g, nil
}

func (g *generator) count() int { return len(g.parts) }

func (g *generator) find(token int64, raw []byte) (int, bool) {
	return slices.BinarySearchFunc(g.parts, token, func(k generatedKey, token int64) int {
		return cmp.Or(cmp.Compare(k.token, token), bytes.Compare(k.raw, raw))
	})
}

func (g *generator) open(i int, v *view) rowSet {
	k := g.parts[i]
	v.token, v.raw = k.token, k.raw
	if len(g.schema.pk) == 1 {
		v.vals[g.schema.pk[0].slot] = k.raw
	} else {
		rest := k.raw
		for _, c := range g.schema.pk {
			n := int(binary.BigEndian.Uint16(rest))
			v.vals[c.slot] = rest[2 : 2+n : 2+n]
			rest = rest[3+n:]
		}
	}
	return &generated{g: g, p: k.p, ck: make([][]byte, len(g.schema.ck)), ends: make([]int, len(g.cols))}
}

// generated is one partition; what load gives is overwritten by the next load.
type generated struct {
	g    *generator
	p    int
	ck   [][]byte
	buf  []byte
	ends []int // of each column's value in buf, or -1 for null
}

func (r *generated) count() int { return r.g.spec.Rows }

func (r *generated) loadStatic(*view) bool { return false }

func (r *generated) clustering(i int) ([][]byte, error) {
	if err := r.marshal(i); err != nil {
		return nil, err
	}
	return r.ck, nil
}

func (r *generated) load(i int, v *view) (bool, error) {
	if err := r.marshal(i); err != nil {
		return false, err
	}
	start := 0
	for k, c := range r.g.cols {
		v.vals[c.slot] = nil
		if end := r.ends[k]; end >= 0 {
			v.vals[c.slot] = r.buf[start:end:end]
			start = end
		}
	}
	v.ck = r.ck
	return true, nil
}

// marshal makes row i: its values in buf, its clustering in ck.
func (r *generated) marshal(i int) error {
	vals := r.g.spec.Row(r.p, i)
	if len(vals) > len(r.g.cols) {
		return fmt.Errorf("cqltest: Row(%d, %d) gave %d values for %d columns", r.p, i, len(vals), len(r.g.cols))
	}
	r.buf = r.buf[:0]
	for k, c := range r.g.cols {
		r.ends[k] = -1
		if k < len(vals) && vals[k] != nil {
			b, err := marshal(r.buf, c.typ, r.g.infos[k], vals[k])
			if err != nil {
				return fmt.Errorf("cqltest: Row(%d, %d), column %s: a %T is no %s: %w", r.p, i, c.name, vals[k], c.typ, err)
			}
			if b != nil {
				r.buf, r.ends[k] = b, len(b)
			}
		}
		if r.ends[k] < 0 && c.kind == clusteringCl {
			return fmt.Errorf("cqltest: Row(%d, %d): the clustering column %s is null", r.p, i, c.name)
		}
	}
	start := 0
	for k, c := range r.g.cols {
		if end := r.ends[k]; end >= 0 {
			if c.kind == clusteringCl {
				r.ck[c.pos] = r.buf[start:end:end]
			}
			start = end
		}
	}
	return nil
}

// marshal appends a Go value as a CQL value; nil for null. What is common in generated rows is done here, the rest by
// gocql, whose Marshal allocates.
func marshal(dst []byte, t *types.Type, info gocql.TypeInfo, v any) ([]byte, error) {
	if dst == nil {
		dst = []byte{}
	}
	switch v := v.(type) {
	case int:
		if t.Kind == types.Bigint || t.Kind == types.Int && v >= math.MinInt32 && v <= math.MaxInt32 {
			return types.AppendInt(dst, widthOf(t.Kind), int64(v)), nil
		}
	case int64:
		if t.Kind == types.Bigint {
			return binary.BigEndian.AppendUint64(dst, uint64(v)), nil
		}
	case float64:
		if t.Kind == types.Double {
			return binary.BigEndian.AppendUint64(dst, math.Float64bits(v)), nil
		}
	case string:
		if t.Kind == types.Text {
			return append(dst, v...), nil
		}
	case time.Time:
		if t.Kind == types.Timestamp && !v.IsZero() {
			return binary.BigEndian.AppendUint64(dst, uint64(v.UnixMilli())), nil
		}
	}
	b, err := gocql.Marshal(info, v)
	if err != nil || b == nil {
		return nil, err
	}
	if err := types.Validate(t, b); err != nil {
		return nil, err
	}
	return append(dst, types.Canonical(t, b)...), nil
}

func widthOf(k types.Kind) int {
	if k == types.Int {
		return 4
	}
	return 8
}
