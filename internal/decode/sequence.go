package decode

import (
	"fmt"
	"reflect"
	"unsafe"

	"github.com/rxcql/rxcql/cql"
)

// sequence is how the elements of a list, set or vector stand in a cell: a list starts with their number, and each has
// its length in front of it; a vector's number is its type's, and lengths are of variable length, or left out where
// the element's type has a fixed width.
type sequence struct {
	vector     bool
	dimensions int
	width      int // of an element of a vector; 0 if it varies
}

func newSequence(ct cql.Type) sequence {
	if ct.Kind != cql.Vector {
		return sequence{}
	}
	return sequence{vector: true, dimensions: ct.Dimensions, width: ct.Elems[0].FixedWidth()}
}

// elements are what is left of a cell.
type elements struct {
	sequence
	rest []byte
}

// open finds the number of elements, of which the cell has enough bytes for.
func (s sequence) open(cell []byte) (n int, e elements, err error) {
	e = elements{s, cell}
	least := 1 // byte of an element
	switch {
	case s.vector && s.width > 0:
		return s.dimensions, e, width(cell, s.dimensions*s.width)
	case s.vector && len(cell) == 0:
		return 0, e, ErrNull
	case s.vector:
		n = s.dimensions
	default:
		var count int32
		if count, e.rest, err = takeInt(cell); err != nil {
			return 0, e, err
		}
		n, least = int(count), 4
	}
	if n < 0 || n > len(e.rest)/least {
		return 0, e, fmt.Errorf("the cell has %d bytes for %d elements; was the table altered or made anew?", len(e.rest), n)
	}
	return n, e, nil
}

func (e *elements) next() (value []byte, err error) {
	switch {
	case !e.vector:
		value, e.rest, err = takeValue(e.rest)
	case e.width > 0:
		value, e.rest = e.rest[:e.width:e.width], e.rest[e.width:]
	default:
		var n uint64
		if n, e.rest, err = takeVint(e.rest); err != nil {
			return nil, err
		}
		if n > uint64(len(e.rest)) {
			return nil, errTruncated
		}
		value, e.rest = e.rest[:n:n], e.rest[n:]
	}
	return value, err
}

// decode reads the next element, number i, to where p points.
func (e *elements) decode(i int, p unsafe.Pointer, decode cellFunc) error {
	value, err := e.next()
	if err == nil {
		err = decode(p, value)
	}
	if err != nil {
		return fmt.Errorf("element %d: %w", i, err)
	}
	return nil
}

// end checks that nothing is left.
func (e *elements) end() error {
	if len(e.rest) > 0 {
		return errTrailing
	}
	return nil
}

// slice reads into a new slice; null is nil.
func (s sequence) slice(t reflect.Type, decode cellFunc) cellFunc {
	size, null := t.Elem().Size(), nulls{empty: s.vector}
	return func(p unsafe.Pointer, cell []byte) error {
		dest := reflect.NewAt(t, p).Elem()
		dest.SetZero()
		if null.is(cell) {
			return nil
		}
		n, elems, err := s.open(cell)
		if err != nil {
			return err
		}
		// The cell has bytes for so many elements, but not for their size in Go, which may be that of an array.
		room := min(n, 16+16*len(cell)/int(size+1))
		dest.Set(reflect.MakeSlice(t, room, room))
		for i := range n {
			if i == dest.Len() {
				dest.Grow(min(i, n-i))
				dest.SetLen(i + min(i, n-i))
			}
			if err := elems.decode(i, unsafe.Add(dest.UnsafePointer(), uintptr(i)*size), decode); err != nil {
				return err
			}
		}
		return elems.end()
	}
}

// array reads as many elements as the array has.
func (s sequence) array(t reflect.Type, decode cellFunc) cellFunc {
	size := t.Elem().Size()
	return func(p unsafe.Pointer, cell []byte) error {
		if cell == nil {
			return ErrNull
		}
		n, elems, err := s.open(cell)
		if err != nil {
			return err
		}
		if n != t.Len() {
			return fmt.Errorf("there are %d elements, and the array has %d", n, t.Len())
		}
		for i := range n {
			if err := elems.decode(i, unsafe.Add(p, uintptr(i)*size), decode); err != nil {
				return err
			}
		}
		return elems.end()
	}
}

// set reads the elements as keys of a new map; null is nil.
func (s sequence) set(t reflect.Type, decode cellFunc) cellFunc {
	return func(p unsafe.Pointer, cell []byte) error {
		dest := reflect.NewAt(t, p).Elem()
		dest.SetZero()
		if cell == nil {
			return nil
		}
		n, elems, err := s.open(cell)
		if err != nil {
			return err
		}
		set, none := reflect.MakeMap(t), reflect.Zero(t.Elem())
		for i := range n {
			key := reflect.New(t.Key())
			if err := elems.decode(i, key.UnsafePointer(), decode); err != nil {
				return err
			}
			if err := hashable(i, key.Elem()); err != nil {
				return err
			}
			if set.SetMapIndex(key.Elem(), none); set.Len() != i+1 {
				return fmt.Errorf("element %d: %w", i, errTwice)
			}
		}
		dest.Set(set)
		return elems.end()
	}
}

// hashable tells whether a value can be a key of a Go map: an any in it may hold a slice.
func hashable(i int, key reflect.Value) error {
	if key.Comparable() {
		return nil
	}
	if key.Kind() == reflect.Interface {
		key = key.Elem()
	}
	return fmt.Errorf("element %d: a %v cannot be a key in Go", i, key.Type())
}
