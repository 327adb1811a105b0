package sink

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/rxcql/rxcql/cql"
)

// encoded is a row that is ready to be sent: statements of one partition, mostly one.
type encoded struct {
	plan       *plan
	variant    *variant        // of the only statement, which is made when it is sent; nil: statements are all there are
	cells      []cql.Cell      // for that, one for each target, without a type if it is unset; nil: the row has them itself
	statements []cql.Statement // if there are several, or the text is the row's own
	key        uint64          // rows with the same key are written one after the other; 0: it does not matter
	partition  uint64          // rows of the same partition may share a request
	bytes      int             // of the values
	timestamp  int64           // the row's own; 0: that of its request
	ttl        int32
}

// empty tells a row that there is nothing to be written of.
func (e *encoded) empty() bool { return e.variant == nil && len(e.statements) == 0 }

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

// encode makes a row ready, with times for those columns that have none of their own. What has to be marshalled is
// marshalled here, once, however often the row is sent.
func (p *plan) encode(v values, own times) (encoded, error) {
	if p.verb == execute {
		return p.encodeArguments(v)
	}
	e := encoded{plan: p, timestamp: own.timestamp, ttl: own.ttl}
	if v.cells == nil || p.timed || p.whole.text == "" {
		e.cells = make([]cql.Cell, len(p.targets))
	}
	var (
		room      [keyRoom]byte
		key       = room[:0]
		partition int // so much of the key
		nulls     int // of clustering columns
	)
	for i := range p.targets {
		t := &p.targets[i]
		cell, isNil, err := v.get(t.in, t.typ)
		if err != nil {
			return e, p.refuse(t, v, err)
		}
		e.bytes += 4 + len(cell)
		if e.cells != nil {
			e.cells[i] = p.cell(t, cell, isNil)
		}
		switch {
		case i < p.keys && cell == nil:
			return e, p.refuse(t, v, errNullKey)
		case i < p.keys:
			key = appendSized(key, cell) // partitions are told apart by their bytes
			partition = len(key)
		case i < p.keys+p.rows && cell == nil:
			nulls++
		case i < p.keys+p.rows:
			key = appendEqual(key, t.typ, cell)
		}
	}
	variant := &p.whole
	if nulls > 0 {
		if err := p.checkStatic(v, e.cells, nulls); err != nil {
			return e, err
		}
		variant = p.static
	}
	if len(variant.keys) == p.keys {
		key = key[:partition]
	}
	e.key, e.partition = hash(key), hash(key[:partition])
	switch {
	case p.timed:
		return e, p.encodeTimed(&e, v, variant, own)
	case variant.text == "":
		return e, p.append(&e, variant, e.cells, own)
	default:
		e.variant = variant
		return e, nil
	}
}

// cell is what is sent for a target.
func (p *plan) cell(t *target, bytes []byte, isNil bool) cql.Cell {
	if isNil && !p.nulls || bytes == nil && t.delta != overwrite {
		return unset
	}
	return cql.Cell{Type: t.typ, Bytes: bytes}
}

// unset stands for a value that is not set.
var unset cql.Cell

func isUnset(c *cql.Cell) bool { return c.Type == nil }

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
	for i := p.keys; i < len(p.targets); i++ {
		t := &p.targets[i]
		var cell []byte
		if cells != nil {
			cell = cells[i].Bytes
		} else {
			cell = v.cells.Cell(t.in)
		}
		switch {
		case cell == nil && i < p.keys+p.rows && (nulls < p.rows || p.static == nil):
			return p.refuse(t, v, errNullKey)
		case cell != nil && t.kind == cql.Regular:
			return p.refuse(&p.targets[p.keys], v, errNullClustering)
		}
	}
	return nil
}

// encodeTimed makes a statement for each pair of times that columns have, beginning with that of the row's own.
func (p *plan) encodeTimed(e *encoded, v values, variant *variant, own times) error {
	var groups []times
	members := make(map[times][]int)
	for _, i := range variant.sets {
		if isUnset(&e.cells[i]) {
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
		return p.append(e, variant, e.cells, own)
	}
	for _, at := range groups {
		of := variant
		if at.static {
			of = p.static
		}
		alone := make([]cql.Cell, len(e.cells)) // all unset, but for these
		copy(alone, e.cells[:p.keys+p.rows])
		for _, i := range members[at] {
			alone[i] = e.cells[i]
		}
		if err := p.append(e, of, alone, at); err != nil {
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

// append adds a statement that sets what is not unset.
func (p *plan) append(e *encoded, of *variant, cells []cql.Cell, at times) error {
	args := make([]any, 0, len(of.keys)+len(of.sets)+2)
	text := of.text
	if text == "" {
		var err error
		if text, args, err = p.spell(of, cells, at, args); err != nil {
			return err
		}
		if text == "" {
			return nil // nothing is set
		}
	} else {
		args = p.appendArguments(args, of, cells, at.timestamp, at.ttl)
	}
	e.statements = append(e.statements, cql.Statement{CQL: text, Args: args})
	return nil
}

// appendArguments appends those of a statement whose text is known.
func (p *plan) appendArguments(args []any, of *variant, cells []cql.Cell, timestamp int64, ttl int32) []any {
	if p.verb != insert {
		args = p.appendTimes(args, timestamp, ttl)
	}
	lists := [2][]int{of.keys, of.sets}
	if p.verb == update {
		lists = [2][]int{of.sets, of.keys}
	}
	for _, list := range lists {
		for _, i := range list {
			if isUnset(&cells[i]) {
				args = append(args, cql.Unset)
			} else {
				args = append(args, &cells[i])
			}
		}
	}
	if p.verb == insert {
		args = p.appendTimes(args, timestamp, ttl)
	}
	return args
}

func (p *plan) appendTimes(args []any, timestamp int64, ttl int32) []any {
	if p.stamped {
		args = append(args, timestamp)
	}
	switch {
	case !p.expires:
	case ttl == tableTTL:
		args = append(args, cql.Unset)
	default:
		args = append(args, ttl)
	}
	return args
}

// spell writes a statement with tuples, whose text depends on what is null in them.
func (p *plan) spell(of *variant, cells []cql.Cell, at times, args []any) (string, []any, error) {
	present := make([]int, 0, len(of.sets))
	for _, i := range of.sets {
		if !isUnset(&cells[i]) || oneMarker(p.targets[i].typ) { // nothing stands for a tuple that is unset
			present = append(present, i)
		}
	}
	if p.verb == update && len(present) == 0 {
		return "", nil, nil
	}
	if p.verb != insert {
		args = p.appendTimes(args, at.timestamp, at.ttl)
	}
	var failed error
	text := p.render(of, present, func(i int) string {
		if isUnset(&cells[i]) {
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
		args = p.appendTimes(args, at.timestamp, at.ttl)
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
		var key []byte
		for _, i := range p.partition {
			key = appendSized(key, cells[i].Bytes)
		}
		e.key = hash(key)
		e.partition = e.key
	}
	return e, nil
}
