package decode

import (
	"errors"
	"math/big"
	"reflect"
	"time"
	"unsafe"

	"github.com/gocql/gocql"
	"gopkg.in/inf.v0"

	"github.com/rxcql/rxcql/cql"
)

var naturalTypes = map[cql.Kind]reflect.Type{
	cql.Ascii:     reflect.TypeFor[string](),
	cql.Text:      reflect.TypeFor[string](),
	cql.Varchar:   reflect.TypeFor[string](),
	cql.Tinyint:   reflect.TypeFor[int8](),
	cql.Smallint:  reflect.TypeFor[int16](),
	cql.Int:       reflect.TypeFor[int](),
	cql.Bigint:    reflect.TypeFor[int64](),
	cql.Counter:   reflect.TypeFor[int64](),
	cql.Varint:    reflect.TypeFor[*big.Int](),
	cql.Decimal:   reflect.TypeFor[*inf.Dec](),
	cql.Float:     reflect.TypeFor[float32](),
	cql.Double:    reflect.TypeFor[float64](),
	cql.Boolean:   reflect.TypeFor[bool](),
	cql.Blob:      reflect.TypeFor[[]byte](),
	cql.Custom:    reflect.TypeFor[[]byte](),
	cql.Inet:      reflect.TypeFor[string](),
	cql.UUID:      reflect.TypeFor[gocql.UUID](),
	cql.Timeuuid:  reflect.TypeFor[gocql.UUID](),
	cql.Date:      reflect.TypeFor[time.Time](),
	cql.Timestamp: reflect.TypeFor[time.Time](),
	cql.Time:      reflect.TypeFor[time.Duration](),
	cql.Duration:  reflect.TypeFor[gocql.Duration](),
	cql.Tuple:     reflect.TypeFor[[]any](),
	cql.UDT:       reflect.TypeFor[map[string]any](),
}

// naturalType is the type of what is decoded into an any.
func (b binder) naturalType(ct cql.Type) reflect.Type {
	switch ct.Kind {
	case cql.Decimal:
		if b.print {
			return reflect.TypeFor[Decimal]()
		}
	case cql.List, cql.Set, cql.Vector:
		return reflect.SliceOf(b.naturalType(ct.Elems[0]))
	case cql.Map:
		key := b.naturalType(ct.Elems[0])
		if !key.Comparable() {
			return pairs
		}
		return reflect.MapOf(key, b.naturalType(ct.Elems[1]))
	}
	if t := naturalTypes[ct.Kind]; t != nil {
		return t
	}
	return reflect.TypeFor[[]byte]() // of a kind that is not known
}

// pairs are a map's keys and values, for keys that cannot be those of a Go map.
var pairs = reflect.TypeFor[[][2]any]()

// boxed decodes as a t into an any; null is nil.
func (b binder) boxed(ct cql.Type, t reflect.Type) (cellFunc, error) {
	decode, err := b.cell(ct, t)
	if err != nil {
		return nil, err
	}
	null := nullsFor(ct, t)
	return func(p unsafe.Pointer, cell []byte) error {
		*(*any)(p) = nil
		if null.is(cell) {
			return nil
		}
		v := reflect.New(t)
		if err := decode(v.UnsafePointer(), cell); err != nil {
			return err
		}
		*(*any)(p) = v.Elem().Interface()
		return nil
	}, nil
}

// natural decodes into an any as what is natural for the type, or else, if it is a collection with nulls inside, as
// what has places for them: []any, or [][2]any for a map. Cassandra 5.0 has them in frozen collections, where it makes
// nulls of empty values.
func (b binder) natural(ct cql.Type) (cellFunc, error) {
	t := b.naturalType(ct)
	decode, err := b.boxed(ct, t)
	roomy := roomyTypes[ct.Kind]
	if err != nil || roomy == nil || roomy == t {
		return decode, err
	}
	var decodeRoomy cellFunc // bound when there is the first such cell, which for most columns is never
	return func(p unsafe.Pointer, cell []byte) error {
		err := decode(p, cell)
		if !errors.Is(err, ErrNull) {
			return err
		}
		if decodeRoomy == nil {
			if decodeRoomy, err = b.boxed(ct, roomy); err != nil {
				return err
			}
		}
		return decodeRoomy(p, cell)
	}, nil
}

// roomyTypes have a place for null in each element.
var roomyTypes = map[cql.Kind]reflect.Type{
	cql.List: reflect.TypeFor[[]any](), cql.Set: reflect.TypeFor[[]any](), cql.Vector: reflect.TypeFor[[]any](), cql.Map: pairs,
}

// Decimal is a decimal as text.
type Decimal string

// Printed decodes a cell into what is natural for its type, except that decimals, however deep inside, are texts: as a
// number of six bytes may have, and is printed with, as many digits as its exponent says.
func Printed(c cql.Column, cell []byte) (any, error) { return one[any](binder{print: true}, c, cell) }
