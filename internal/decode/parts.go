package decode

import (
	"fmt"

	"github.com/rxcql/rxcql/cql"
)

// Parts walks through the values inside of a cell, in their order: the elements of a list, set, vector or tuple, the
// keys and values of a map by turns, the fields of a user-defined type. Of a tuple and a user-defined type those that
// are missing at the end, since the value was written before the type had them, do not come.
type Parts struct {
	elements
	open bool // the parts go on to the cell's end
	left int  // of parts
}

// PartsOf begins with the parts of a cell that is not null.
func PartsOf(t cql.Type, cell []byte) (p Parts, err error) {
	switch t.Kind {
	case cql.Tuple, cql.UDT:
		p.rest, p.open, p.left = cell, true, len(t.Elems)
	case cql.Map:
		var e entries
		p.left, e, err = openMap(cell)
		p.elements, p.left = e.elements, 2*p.left
	case cql.List, cql.Set, cql.Vector:
		p.left, p.elements, err = newSequence(t).open(cell)
	default:
		err = fmt.Errorf("%v has no values inside", t)
	}
	return p, err
}

// Next gives the next part, nil for null; ok is false behind the last one.
func (p *Parts) Next() (part []byte, ok bool, err error) {
	if p.left == 0 || p.open && len(p.rest) == 0 {
		return nil, false, p.end()
	}
	p.left--
	part, err = p.next()
	return part, err == nil, err
}
