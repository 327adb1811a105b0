package sink

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/rxcql/rxcql/cql"
)

// encoded is a row as statements of one partition, mostly one.
type encoded struct {
	plan       *plan
	statements []cql.Statement
	key        string // rows with the same key are written one after the other; empty: it does not matter
	partition  string // rows of the same partition may share a request
	bytes      int    // of the values
	timestamp  int64  // the row's own; 0: that of its request
}

// times are the timestamp and the time to live of columns.
type times struct {
	timestamp int64
	bare      int64 // the timestamp of a row that is nothing but its key
	ttl       int32 // in seconds; 0: none, -1: the table's
	static    bool  // of the partition's columns
}

// tableTTL leaves the time to live to the table.
const tableTTL = -1

var (
	errNullKey        = errors.New("it is part of the primary key and cannot be null")
	errNullClustering = errors.New("it is null, as for a row of static columns alone, and the row has other columns")
)

// space is what a row of up to eight columns is encoded in, so that it is one allocation: 512 bytes.
type space struct {
	cells      [8]cql.Cell
	unset      [8]bool
	args       [10]any // with a timestamp and a time to live
	statements [1]cql.Statement
	key        [24]byte
}

// slices gives the parts of the space for so many columns, or parts of their own if they are more.
func (s *space) slices(columns int) (cells []cql.Cell, unset []bool) {
	if columns > len(s.cells) {
		return make([]cql.Cell, columns), make([]bool, columns)
	}
	return s.cells[:columns:columns], s.unset[:columns:columns]
}

// encode makes statements of a row, with times for those columns that have none of their own.
func (p *plan) encode(v values, own times) (encoded, error) {
	if p.verb == execute {
		return p.encodeArguments(v)
	}
	in := &space{}
	e := encoded{plan: p, statements: in.statements[:0], timestamp: own.timestamp}
	cells, unset := in.slices(len(p.targets))
	nulls := 0 // of clustering columns
	for i := range p.targets {
		t := &p.targets[i]
		cell, isNil, err := v.get(t.in, t.typ)
		if err != nil {
			return e, p.refuse(t, v, err)
		}
		cells[i] = cql.Cell{Type: t.typ, Bytes: cell}
		unset[i] = isNil && !p.nulls || cell == nil && t.delta != overwrite
		e.bytes += 4 + len(cell)
		if cell == nil && i < p.keys {
			return e, p.refuse(t, v, errNullKey)
		}
		if cell == nil && i < p.keys+p.rows {
			nulls++
		}
	}
	variant := &p.whole
	if nulls > 0 {
		if err := p.checkStatic(v, cells, nulls); err != nil {
			return e, err
		}
		variant = p.static
	}
	e.key, e.partition = keyOf(in.key[:0], cells[:len(variant.keys)], p.keys)
	if !p.timed {
		return e, p.append(&e, variant, variant.sets, cells, unset, own, in.args[:0])
	}
	return e, p.encodeTimed(&e, v, variant, cells, unset, own)
}

// refuse says which column's value cannot be written.
func (p *plan) refuse(t *target, v values, err error) error {
	e := &ColumnError{class: cql.Malformed, Table: p.name, Column: t.name, CQLType: t.typ.String(), Err: err}
	if v.shape != nil {
		e.GoType = v.shape.source(t.in)
	} else {
		e.GoType = fmt.Sprintf("%T", v.args[t.in])
	}
	return e
}

// checkStatic checks that a row without some clustering columns is one of static columns alone.
func (p *plan) checkStatic(v values, cells []cql.Cell, nulls int) error {
	for i := p.keys; i < len(cells); i++ {
		t := &p.targets[i]
		if cells[i].Bytes == nil && i < p.keys+p.rows && (nulls < p.rows || p.static == nil) {
			return p.refuse(t, v, errNullKey)
		}
		if cells[i].Bytes != nil && t.kind == cql.Regular {
			return p.refuse(&p.targets[p.keys], v, errNullClustering)
		}
	}
	return nil
}

// encodeTimed makes a statement for each pair of times that columns have, beginning with that of the row's own.
func (p *plan) encodeTimed(e *encoded, v values, variant *variant, cells []cql.Cell, unset []bool, own times) error {
	var groups []times
	members := make(map[times][]int)
	for _, i := range variant.sets {
		if unset[i] {
			continue
		}
		t := &p.targets[i]
		at := own
		if t.written >= 0 {
			if n, ok, err := v.number(t.written, &bigint); err != nil {
				return p.refuseTime(t.written, err)
			} else if ok {
				at.timestamp = n
			}
		}
		if t.lives >= 0 {
			n, _, err := v.number(t.lives, &integer) // null: it had none, and gets none
			if err != nil {
				return p.refuseTime(t.lives, err)
			}
			at.ttl = int32(n)
		}
		at.static = t.kind == cql.Static
		if members[at] == nil {
			groups = append(groups, at)
		}
		members[at] = append(members[at], i)
	}
	if len(groups) == 0 && p.verb == insert { // the row is nothing but its key
		own.timestamp, e.timestamp = own.bare, own.bare
		return p.append(e, variant, variant.sets, cells, unset, own, nil)
	}
	for _, at := range groups {
		of := variant
		if at.static {
			of = p.static
		}
		alone := make([]bool, len(unset))
		for i := range alone {
			alone[i] = true
		}
		for _, i := range members[at] {
			alone[i] = false
		}
		for i := range p.keys + p.rows {
			alone[i] = false
		}
		if err := p.append(e, of, of.sets, cells, alone, at, nil); err != nil {
			return err
		}
	}
	return nil
}

func (p *plan) refuseTime(in int, err error) error {
	return &ColumnError{class: cql.Malformed, Table: p.name, Column: p.shape.name(in), GoType: p.shape.source(in), Err: err}
}

// number reads a value as an integer; ok is false for null.
func (v *values) number(i int, t *cql.Type) (n int64, ok bool, err error) {
	cell, _, err := v.get(i, t)
	switch len(cell) {
	case 4:
		return int64(int32(binary.BigEndian.Uint32(cell))), true, err
	case 8:
		return int64(binary.BigEndian.Uint64(cell)), true, err
	}
	return 0, false, err
}

// append adds a statement that sets what is not unset. Its arguments go into args if there is room.
func (p *plan) append(e *encoded, of *variant, sets []int, cells []cql.Cell, unset []bool, at times, args []any) error {
	args = slices.Grow(args, len(of.keys)+len(sets)+2)
	text := of.text
	if text == "" {
		var err error
		if text, args, err = p.spell(of, sets, cells, unset, at, args); err != nil {
			return err
		}
		if text == "" {
			return nil // nothing is set
		}
	} else {
		if p.verb != insert {
			args = p.appendTimes(args, at)
		}
		lists := [2][]int{of.keys, sets}
		if p.verb == update {
			lists = [2][]int{sets, of.keys}
		}
		for _, list := range lists {
			for _, i := range list {
				if unset[i] {
					args = append(args, cql.Unset)
				} else {
					args = append(args, &cells[i])
				}
			}
		}
		if p.verb == insert {
			args = p.appendTimes(args, at)
		}
	}
	e.statements = append(e.statements, cql.Statement{CQL: text, Args: args})
	return nil
}

func (p *plan) appendTimes(args []any, at times) []any {
	if p.stamped {
		args = append(args, at.timestamp)
	}
	switch {
	case !p.expires:
	case at.ttl == tableTTL:
		args = append(args, cql.Unset)
	default:
		args = append(args, at.ttl)
	}
	return args
}

// spell writes a statement with tuples, whose text depends on what is null in them.
func (p *plan) spell(of *variant, sets []int, cells []cql.Cell, unset []bool, at times, args []any) (string, []any, error) {
	present := make([]int, 0, len(sets))
	for _, i := range sets {
		if !unset[i] || oneMarker(p.targets[i].typ) { // nothing stands for a tuple that is unset
			present = append(present, i)
		}
	}
	if p.verb == update && len(present) == 0 {
		return "", nil, nil
	}
	if p.verb != insert {
		args = p.appendTimes(args, at)
	}
	var failed error
	text := p.render(of, present, func(i int) string {
		if unset[i] {
			args = append(args, cql.Unset)
			return "?"
		}
		marker, more, err := spread(&cells[i], args)
		if err != nil {
			failed = &ColumnError{class: cql.Malformed, Table: p.name, Column: p.targets[i].name, CQLType: p.targets[i].typ.String(), Err: err}
			return ""
		}
		args = more
		return marker
	})
	if p.verb == insert {
		args = p.appendTimes(args, at)
	}
	return text, args, failed
}

// encodeArguments makes the statement of Exec.
func (p *plan) encodeArguments(v values) (encoded, error) {
	e := encoded{plan: p}
	if v.args != nil && len(v.args) != len(p.targets) {
		return e, fmt.Errorf("the statement has %d markers, and there are %d arguments", len(p.targets), len(v.args))
	}
	cells, args := make([]cql.Cell, len(p.targets)), make([]any, len(p.targets))
	for i := range p.targets {
		t := &p.targets[i]
		cell, isNil, err := v.get(t.in, t.typ)
		if err != nil {
			return e, p.refuse(t, v, err)
		}
		cells[i] = cql.Cell{Type: t.typ, Bytes: cell}
		args[i] = &cells[i]
		if isNil && !p.nulls {
			args[i] = cql.Unset
		}
		e.bytes += 4 + len(cell)
	}
	e.statements = []cql.Statement{{CQL: p.text, Args: args}}
	if len(p.partition) > 0 {
		key := make([]cql.Cell, len(p.partition))
		for k, i := range p.partition {
			key[k] = cells[i]
		}
		e.key, e.partition = keyOf(nil, key, len(key))
	}
	return e, nil
}
