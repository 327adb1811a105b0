package cql

import (
	"math/big"
	"reflect"
	"time"

	"github.com/gocql/gocql"
	"gopkg.in/inf.v0"
)

// SingleValue tells whether a Go type stands for one CQL value though its kind is struct, pointer or the like:
// time.Time, big.Int, inf.Dec, the driver's Duration, and types that unmarshal or marshal themselves.
func SingleValue(t reflect.Type) bool {
	switch t {
	case reflect.TypeFor[time.Time](), reflect.TypeFor[big.Int](), reflect.TypeFor[inf.Dec](), reflect.TypeFor[gocql.Duration]():
		return true
	}
	return t.Implements(unmarshaler) || reflect.PointerTo(t).Implements(unmarshaler) || t.Implements(marshaler)
}

// HoldsNull tells whether a Go type has a value of its own for a null that the driver decodes into it.
func HoldsNull(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface:
		return true
	}
	return reflect.PointerTo(t).Implements(unmarshaler)
}

var (
	unmarshaler = reflect.TypeFor[gocql.Unmarshaler]()
	marshaler   = reflect.TypeFor[gocql.Marshaler]()
)
