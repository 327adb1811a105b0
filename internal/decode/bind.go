package decode

import (
	"fmt"
	"reflect"
	"unsafe"

	"github.com/gocql/gocql"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/fields"
)

// binder finds the functions for pairs of a CQL type and a Go type.
type binder struct {
	lenient bool
	print   bool   // see Printed
	depth   int    // of types inside of types
	texts   *texts // nil: each string has memory of its own
}

// deepest is how far Go types may go into each other: far enough for all but those that hold themselves.
const deepest = 64

// cell finds the function for a pair; an error if there is none.
func (b binder) cell(ct cql.Type, t reflect.Type) (cellFunc, error) {
	if b.depth++; b.depth > deepest {
		return nil, fmt.Errorf("%v goes more than %d types deep; does it hold itself?", t, deepest)
	}
	switch {
	case t == reflect.TypeFor[any]():
		return b.natural(ct)
	case t.Kind() == reflect.Pointer:
		return b.pointer(ct, t.Elem())
	case implements[gocql.Unmarshaler](t):
		return unmarshaler(ct, t), nil
	case fields.SQLNull(t):
		return b.sqlNull(ct, t)
	case implements[sqlScanner](t) && scanTypes[ct.Kind] != nil: // before its text, as it is when written
		return b.scanner(scanTypes[ct.Kind], ct, t)
	case implements[textUnmarshaler](t) && isText(ct.Kind):
		return textual(text, t), nil
	}
	if b.texts != nil && t.Kind() == reflect.String && isText(ct.Kind) {
		return b.texts.text, nil
	}
	for _, f := range [...]cellFunc{scalar(ct.Kind, t), temporal(ct.Kind, t), number(ct.Kind, t)} {
		if f != nil {
			return f, nil
		}
	}
	switch ct.Kind {
	case cql.Inet:
		if f := address(t); f != nil {
			return f, nil
		}
	case cql.List, cql.Set, cql.Vector:
		return b.collection(ct, t)
	case cql.Map:
		return b.mapping(ct, t)
	case cql.Tuple:
		return b.tuple(ct, t)
	case cql.UDT:
		return b.udt(ct, t)
	}
	if f := hasText[ct.Kind]; f != nil && implements[textUnmarshaler](t) {
		return textual(f, t), nil
	}
	return nil, unsupported(ct, t)
}

func unsupported(ct cql.Type, t reflect.Type) error {
	return fmt.Errorf("%v cannot hold %v; %v can, and so can any", t, ct, binder{}.naturalType(ct))
}

// implements tells whether a pointer to a t has the methods of I: its own, or those of what it embeds, as in
// encoding/json. Rows are another matter; see package fields.
func implements[I any](t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(reflect.TypeFor[I]())
}

// pointer makes null nil, and decodes anything else into a new value.
func (b binder) pointer(ct cql.Type, elem reflect.Type) (cellFunc, error) {
	decode, err := b.cell(ct, elem)
	if err != nil {
		return nil, err
	}
	null := nullsFor(ct, elem)
	return func(p unsafe.Pointer, cell []byte) error {
		*(*unsafe.Pointer)(p) = nil
		if null.is(cell) {
			return nil
		}
		v := reflect.New(elem).UnsafePointer()
		if err := decode(v, cell); err != nil {
			return err
		}
		*(*unsafe.Pointer)(p) = v
		return nil
	}, nil
}

// byColumn are the fields of a struct that are not taken yet.
type byColumn struct {
	list []fields.Field
	free map[string]fields.Field
}

func fieldsOf(t reflect.Type) (byColumn, error) {
	list, err := fields.Of(t)
	if err != nil {
		return byColumn{}, err
	}
	c := byColumn{list, make(map[string]fields.Field, len(list))}
	for _, f := range list {
		c.free[f.Column] = f
	}
	return c, nil
}

func (c byColumn) take(column string) (fields.Field, bool) {
	f, ok := c.free[column]
	delete(c.free, column)
	return f, ok
}

// left gives the first field that was not taken.
func (c byColumn) left() (fields.Field, bool) {
	for _, f := range c.list {
		if _, free := c.free[f.Column]; free {
			return f, true
		}
	}
	return fields.Field{}, false
}
