package decode

import (
	"fmt"
	"reflect"
	"unsafe"

	"github.com/gocql/gocql"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/fields"
)

// part is where an element of a tuple or a field of a user-defined type goes.
type part struct {
	name   string
	decode cellFunc // nil to pass over it
	offset uintptr
}

// composite are the parts of a tuple or a user-defined type, each with its length in front of it. Those that are
// missing at the end are null: the value was written before the type had them.
type composite []part

func (c composite) decode(p unsafe.Pointer, cell []byte) error {
	rest := cell
	for _, part := range c {
		var value []byte
		if len(rest) > 0 {
			var err error
			if value, rest, err = takeValue(rest); err != nil {
				return fmt.Errorf("%s: %w", part.name, err)
			}
		}
		if part.decode == nil {
			continue
		}
		if err := part.decode(unsafe.Add(p, part.offset), value); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	if len(rest) > 0 {
		return errTrailing
	}
	return nil
}

// whole decodes into a place of its own, a struct or an array.
func (c composite) whole(p unsafe.Pointer, cell []byte) error {
	if cell == nil {
		return ErrNull
	}
	return c.decode(p, cell)
}

// tuple finds the function for a tuple: into a struct, its fields in order, or into a slice or array.
func (b binder) tuple(ct cql.Type, t reflect.Type) (cellFunc, error) {
	n := len(ct.Elems)
	parts := make(composite, n)
	switch {
	case t.Kind() == reflect.Struct:
		list, err := fields.Of(t)
		if err != nil {
			return nil, err
		}
		if len(list) != n {
			return nil, fmt.Errorf("%v has %d fields, and %v has %d elements", t, len(list), ct, n)
		}
		for i, f := range list {
			parts[i] = part{name: "field " + f.Name, offset: f.Offset}
			if parts[i].decode, err = b.inside(parts[i].name, ct.Elems[i], f.Type); err != nil {
				return nil, err
			}
		}
		return parts.whole, nil
	case t.Kind() == reflect.Array && t.Len() != n:
		return nil, fmt.Errorf("%v has %d elements, and %v has %d", t, t.Len(), ct, n)
	case t.Kind() == reflect.Slice, t.Kind() == reflect.Array:
		var err error
		for i := range parts {
			parts[i] = part{name: fmt.Sprintf("element %d", i), offset: uintptr(i) * t.Elem().Size()}
			if parts[i].decode, err = b.inside(parts[i].name, ct.Elems[i], t.Elem()); err != nil {
				return nil, err
			}
		}
		if t.Kind() == reflect.Array {
			return parts.whole, nil
		}
		return func(p unsafe.Pointer, cell []byte) error {
			dest := reflect.NewAt(t, p).Elem()
			dest.SetZero()
			if cell == nil {
				return nil
			}
			slice := reflect.MakeSlice(t, n, n)
			if err := parts.decode(slice.UnsafePointer(), cell); err != nil {
				return err
			}
			dest.Set(slice)
			return nil
		}, nil
	}
	return nil, unsupported(ct, t)
}

// udt finds the function for a user-defined type: into a struct by the names of its fields, or into a map.
func (b binder) udt(ct cql.Type, t reflect.Type) (cellFunc, error) {
	switch {
	case implements[gocql.UDTUnmarshaler](t):
		return udtUnmarshaler(ct, t), nil
	case t.Kind() == reflect.Struct:
		parts, err := b.udtStruct(ct, t)
		return parts.whole, err
	case t.Kind() == reflect.Map && t.Key().Kind() == reflect.String:
		return b.udtMap(ct, t)
	}
	return nil, unsupported(ct, t)
}

func (b binder) udtStruct(ct cql.Type, t reflect.Type) (composite, error) {
	byName, err := fieldsOf(t)
	if err != nil {
		return nil, err
	}
	if len(byName.list) == 0 {
		return nil, unsupported(ct, t)
	}
	parts := make(composite, len(ct.Elems))
	for i, name := range ct.Fields {
		parts[i].name = fmt.Sprintf("field %q", name)
		f, ok := byName.take(name)
		if !ok {
			if b.lenient {
				continue
			}
			return nil, fmt.Errorf("%v has no field for %s of %v; add one, or ask for a lenient query", t, parts[i].name, ct)
		}
		parts[i].offset = f.Offset
		if parts[i].decode, err = b.inside(parts[i].name, ct.Elems[i], f.Type); err != nil {
			return nil, err
		}
	}
	if f, left := byName.left(); left && !b.lenient {
		return nil, fmt.Errorf("%v has no field %q for %s of %v; leave it out with a tag `cql:\"-\"`, or ask for a lenient query", ct, f.Column, f.Name, t)
	}
	return parts, nil
}

func (b binder) udtMap(ct cql.Type, t reflect.Type) (cellFunc, error) {
	size := t.Elem().Size()
	parts := make(composite, len(ct.Elems))
	keys := make([]reflect.Value, len(parts))
	for i, name := range ct.Fields {
		keys[i] = reflect.ValueOf(name).Convert(t.Key())
		parts[i] = part{name: fmt.Sprintf("field %q", name), offset: uintptr(i) * size}
		var err error
		if parts[i].decode, err = b.inside(parts[i].name, ct.Elems[i], t.Elem()); err != nil {
			return nil, err
		}
	}
	values := reflect.SliceOf(t.Elem())
	return func(p unsafe.Pointer, cell []byte) error {
		dest := reflect.NewAt(t, p).Elem()
		dest.SetZero()
		if cell == nil {
			return nil
		}
		row := reflect.MakeSlice(values, len(parts), len(parts))
		if err := parts.decode(row.UnsafePointer(), cell); err != nil {
			return err
		}
		m := reflect.MakeMapWithSize(t, len(parts))
		for i, k := range keys {
			m.SetMapIndex(k, row.Index(i))
		}
		dest.Set(m)
		return nil
	}, nil
}

// udtUnmarshaler gives a copy of each field to a value that decodes itself as the driver has it.
func udtUnmarshaler(ct cql.Type, t reflect.Type) cellFunc {
	infos := make([]gocql.TypeInfo, len(ct.Elems))
	for i, e := range ct.Elems {
		infos[i] = e.TypeInfo()
	}
	return func(p unsafe.Pointer, cell []byte) error {
		if cell == nil {
			return ErrNull
		}
		dest := reflect.NewAt(t, p).Interface().(gocql.UDTUnmarshaler)
		parts := make(composite, len(infos))
		for i := range parts {
			parts[i] = part{name: fmt.Sprintf("field %q", ct.Fields[i]), decode: func(_ unsafe.Pointer, value []byte) error {
				return dest.UnmarshalUDT(ct.Fields[i], infos[i], append([]byte(nil), value...))
			}}
		}
		return parts.decode(p, cell)
	}
}
