package cqltest

import (
	"encoding/binary"
	"slices"

	"github.com/rxcql/rxcql/cql/cqltest/internal/types"
)

// compute is the column's value after the change.
func (c *cellChange) compute(current []byte) ([]byte, error) {
	t := c.col.typ
	if t.Kind == types.Counter {
		return c.count(current), nil
	}
	if c.elem == nil && c.op == "" {
		return emptyIsNull(t, c.value), nil
	}
	var elems [][]byte
	var err error
	if current != nil {
		if elems, err = types.Split(t, current); err != nil {
			return nil, err
		}
	}
	if c.elem != nil {
		elems, err = c.element(elems)
	} else if c.value != nil {
		elems, err = c.combine(elems)
	}
	if err != nil || len(elems) == 0 {
		return nil, err
	}
	return types.Canonical(t, types.Join(t, elems)), nil
}

// emptyIsNull: a collection that is not frozen and has no elements does not exist.
func emptyIsNull(t *types.Type, b []byte) []byte {
	if t.IsMulticell() && len(b) == 4 && binary.BigEndian.Uint32(b) == 0 {
		return nil
	}
	return b
}

func (c *cellChange) count(current []byte) []byte {
	if c.value == nil {
		return nil
	}
	var n int64
	if len(current) == 8 {
		n = int64(binary.BigEndian.Uint64(current))
	}
	var d int64
	if len(c.value) == 8 {
		d = int64(binary.BigEndian.Uint64(c.value))
	}
	if c.op == "-" {
		d = -d
	}
	return types.AppendInt(nil, 8, n+d)
}

func (c *cellChange) combine(elems [][]byte) ([][]byte, error) {
	t := c.col.typ
	operand := t
	if c.op == "-" && t.Kind == types.Map {
		operand = &types.Type{Kind: types.Set, Elems: t.Elems[:1]}
	}
	given, err := types.Split(operand, c.value)
	switch {
	case err != nil:
		return nil, err
	case c.op == "+" && c.prepend:
		return append(slices.Clone(given), elems...), nil
	case c.op == "+":
		return append(slices.Clone(elems), given...), nil
	}
	for _, g := range given {
		elems = remove(t, elems, g)
	}
	return elems, nil
}

// element sets or deletes one element of a map, set or list.
func (c *cellChange) element(elems [][]byte) ([][]byte, error) {
	t := c.col.typ
	if t.Kind == types.List {
		i := int(int32(binary.BigEndian.Uint32(append(make([]byte, max(0, 4-len(c.elem))), c.elem...))))
		if i < 0 || i >= len(elems) || c.value == nil {
			return nil, invalidf("List index %d out of bound, list has size %d (or the value is null, which cqltest does not support)", i, len(elems))
		}
		elems[i] = c.value
		return elems, nil
	}
	elems = remove(t, elems, c.elem)
	if c.value != nil {
		elems = append(elems, c.elem, c.value)
	}
	return elems, nil
}

// remove returns the elements without those that equal e; of a map, the entries with that key.
func remove(t *types.Type, elems [][]byte, e []byte) [][]byte {
	step := 1
	if t.Kind == types.Map {
		step = 2
	}
	var out [][]byte
	for entry := range slices.Chunk(elems, step) {
		if types.Compare(t.Elems[0], entry[0], e) != 0 {
			out = append(out, entry...)
		}
	}
	return out
}
