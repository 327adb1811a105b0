package decode

import (
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
func naturalType(ct cql.Type) reflect.Type {
	switch ct.Kind {
	case cql.List, cql.Set, cql.Vector:
		return reflect.SliceOf(naturalType(ct.Elems[0]))
	case cql.Map:
		key := naturalType(ct.Elems[0])
		if !key.Comparable() {
			return pairs
		}
		return reflect.MapOf(key, naturalType(ct.Elems[1]))
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
	nilable := t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map
	return func(p unsafe.Pointer, cell []byte) error {
		*(*any)(p) = nil
		if cell == nil {
			return nil
		}
		v := reflect.New(t)
		if err := decode(v.UnsafePointer(), cell); err != nil {
			return orNull(err, cell)
		}
		if v = v.Elem(); nilable && v.IsNil() {
			return nil // an empty value
		}
		*(*any)(p) = v.Interface()
		return nil
	}, nil
}
