package decode

import (
	"errors"
	"fmt"
	"reflect"
	"unsafe"

	"github.com/rxcql/rxcql/cql"
)

var errTwice = errors.New("another one reads as the same Go value; decode them into a slice")

// collection finds the function for a list, set or vector.
func (b binder) collection(ct cql.Type, t reflect.Type) (cellFunc, error) {
	switch {
	case t.Kind() == reflect.Slice:
		elem, err := b.inside("element", ct.Elems[0], t.Elem())
		return newSequence(ct).slice(t, elem), err
	case t.Kind() == reflect.Array && ct.Kind == cql.Vector && t.Len() != ct.Dimensions:
		return nil, fmt.Errorf("%v has %d elements, and %v has %d", t, t.Len(), ct, ct.Dimensions)
	case t.Kind() == reflect.Array:
		elem, err := b.inside("element", ct.Elems[0], t.Elem())
		return newSequence(ct).array(t, elem), err
	case t.Kind() == reflect.Map && ct.Kind == cql.Set && t.Elem().Kind() == reflect.Struct && t.Elem().NumField() == 0:
		elem, err := b.inside("element", ct.Elems[0], t.Key())
		return newSequence(ct).set(t, elem), err
	}
	return nil, unsupported(ct, t)
}

// inside finds the function for a part, whose name an error says.
func (b binder) inside(part string, ct cql.Type, t reflect.Type) (cellFunc, error) {
	f, err := b.cell(ct, t)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", part, err)
	}
	return f, nil
}

// mapping finds the function for a map: into a Go map, or into pairs of key and value.
func (b binder) mapping(ct cql.Type, t reflect.Type) (cellFunc, error) {
	kt, vt := reflect.TypeFor[any](), reflect.TypeFor[any]()
	if t.Kind() == reflect.Map {
		kt, vt = t.Key(), t.Elem()
	} else if t != pairs {
		return nil, unsupported(ct, t)
	}
	key, err := b.inside("key", ct.Elems[0], kt)
	if err != nil {
		return nil, err
	}
	value, err := b.inside("value", ct.Elems[1], vt)
	if err != nil {
		return nil, err
	}
	if t == pairs {
		return pairsOf(key, value), nil
	}
	return mapOf(t, key, value), nil
}

// mapOf reads into a new map; null is nil.
func mapOf(t reflect.Type, key, value cellFunc) cellFunc {
	return func(p unsafe.Pointer, cell []byte) error {
		dest := reflect.NewAt(t, p).Elem()
		dest.SetZero()
		if cell == nil {
			return nil
		}
		n, entries, err := openMap(cell)
		if err != nil {
			return err
		}
		m := reflect.MakeMap(t)
		for i := range n {
			k, v := reflect.New(t.Key()), reflect.New(t.Elem())
			if err := entries.decode(i, k.UnsafePointer(), v.UnsafePointer(), key, value); err != nil {
				return err
			}
			if err := hashable(i, k.Elem()); err != nil {
				return fmt.Errorf("%w; decode into %v", err, pairs)
			}
			if m.SetMapIndex(k.Elem(), v.Elem()); m.Len() != i+1 {
				return fmt.Errorf("key %d: %w", i, errTwice)
			}
		}
		dest.Set(m)
		return entries.end()
	}
}

func pairsOf(key, value cellFunc) cellFunc {
	return func(p unsafe.Pointer, cell []byte) error {
		*(*[][2]any)(p) = nil
		if cell == nil {
			return nil
		}
		n, entries, err := openMap(cell)
		if err != nil {
			return err
		}
		m := make([][2]any, n)
		for i := range m {
			if err := entries.decode(i, unsafe.Pointer(&m[i][0]), unsafe.Pointer(&m[i][1]), key, value); err != nil {
				return err
			}
		}
		*(*[][2]any)(p) = m
		return entries.end()
	}
}

// entries are what is left of a map's cell.
type entries struct{ elements }

func openMap(cell []byte) (n int, e entries, err error) {
	count, rest, err := takeInt(cell)
	if err != nil {
		return 0, e, err
	}
	if n = int(count); n < 0 || n > len(rest)/8 {
		return 0, e, fmt.Errorf("the cell has %d bytes for %d entries; was the table altered or made anew?", len(rest), n)
	}
	return n, entries{elements{rest: rest}}, nil
}

func (e *entries) decode(i int, k, v unsafe.Pointer, key, value cellFunc) error {
	cell, err := e.next()
	if err == nil {
		err = key(k, cell)
	}
	if err != nil {
		return fmt.Errorf("key %d: %w", i, err)
	}
	if cell, err = e.next(); err == nil {
		err = value(v, cell)
	}
	if err != nil {
		return fmt.Errorf("value %d: %w", i, err)
	}
	return nil
}
