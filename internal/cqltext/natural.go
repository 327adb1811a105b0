package cqltext

import (
	"database/sql/driver"
	"encoding"
	"fmt"
	"math/big"
	"net"
	"net/netip"
	"reflect"
	"time"

	"github.com/gocql/gocql"
	"gopkg.in/inf.v0"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/fields"
)

var natural = map[reflect.Type]cql.Kind{
	reflect.TypeFor[time.Time](): cql.Timestamp, reflect.TypeFor[time.Duration](): cql.Duration,
	reflect.TypeFor[gocql.Duration](): cql.Duration, reflect.TypeFor[gocql.UUID](): cql.UUID,
	reflect.TypeFor[netip.Addr](): cql.Inet, reflect.TypeFor[net.IP](): cql.Inet,
	reflect.TypeFor[big.Int](): cql.Varint, reflect.TypeFor[inf.Dec](): cql.Decimal,
}

var naturalKinds = map[reflect.Kind]cql.Kind{
	reflect.String: cql.Varchar, reflect.Bool: cql.Boolean, reflect.Float32: cql.Float, reflect.Float64: cql.Double,
	reflect.Int8: cql.Tinyint, reflect.Int16: cql.Smallint, reflect.Int32: cql.Int, reflect.Int64: cql.Bigint, reflect.Int: cql.Bigint,
	reflect.Uint8: cql.Smallint, reflect.Uint16: cql.Int, reflect.Uint32: cql.Bigint, reflect.Uint64: cql.Varint, reflect.Uint: cql.Varint,
}

// TypeOf gives the CQL type that holds all values of a Go type, for a text without a schema. It is what the type is
// written as and read from; see package cql for what else goes together.
func TypeOf(t reflect.Type) (cql.Type, error) { return typeOf(t, 0) }

func typeOf(t reflect.Type, depth int) (cql.Type, error) {
	const deepest = 64 // for types that hold themselves
	for t.Kind() == reflect.Pointer || fields.SQLNull(t) {
		if depth++; depth > deepest {
			break
		}
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		} else {
			t = t.Field(0).Type
		}
	}
	if depth > deepest {
		return cql.Type{}, fmt.Errorf("%v goes more than %d types deep; does it hold itself?", t, deepest)
	}
	if kind, ok := natural[t]; ok {
		return cql.Type{Kind: kind}, nil
	}
	switch {
	case implements[gocql.Marshaler](t), implements[gocql.UDTMarshaler](t), t.Kind() == reflect.Interface:
		return cql.Type{}, fmt.Errorf("%v may be anything; give its CQL type by Columns", t)
	case implements[encoding.TextMarshaler](t):
		return cql.Type{Kind: cql.Varchar}, nil
	case implements[driver.Valuer](t):
		return cql.Type{}, fmt.Errorf("%v may be anything; give its CQL type by Columns", t)
	}
	if kind, ok := naturalKinds[t.Kind()]; ok {
		return cql.Type{Kind: kind}, nil
	}
	switch t.Kind() {
	case reflect.Slice, reflect.Array:
		if t.Elem().Kind() == reflect.Uint8 {
			return cql.Type{Kind: cql.Blob}, nil
		}
		return typeWith(cql.List, depth, t.Elem())
	case reflect.Map:
		if t.Elem().Kind() == reflect.Struct && t.Elem().NumField() == 0 {
			return typeWith(cql.Set, depth, t.Key())
		}
		return typeWith(cql.Map, depth, t.Key(), t.Elem())
	case reflect.Struct:
		list, err := fields.Of(t)
		if err != nil {
			return cql.Type{}, err
		}
		types := make([]reflect.Type, len(list))
		names := make([]string, len(list))
		for i, f := range list {
			types[i], names[i] = f.Type, f.Column
		}
		u, err := typeWith(cql.UDT, depth, types...)
		u.Name, u.Fields = fields.Snake(t.Name()), names
		return u, err
	}
	return cql.Type{}, fmt.Errorf("%v is no CQL value", t)
}

// typeWith gives a type with others inside.
func typeWith(kind cql.Kind, depth int, inside ...reflect.Type) (cql.Type, error) {
	t := cql.Type{Kind: kind}
	for _, in := range inside {
		elem, err := typeOf(in, depth+1)
		if err != nil {
			return t, err
		}
		t.Elems = append(t.Elems, elem)
	}
	return t, nil
}

func implements[I any](t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(reflect.TypeFor[I]())
}
