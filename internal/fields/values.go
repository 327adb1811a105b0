package fields

import (
	"database/sql"
	"database/sql/driver"
	"encoding"
	"math/big"
	"net/netip"
	"reflect"
	"time"

	"github.com/gocql/gocql"
	"gopkg.in/inf.v0"
)

// SingleValue tells whether a Go type stands for one CQL value though its kind is struct: time.Time, big.Int, inf.Dec,
// netip.Addr, the driver's Duration, sql.Null and its relatives, and types with methods of their own to become or to
// be made from a CQL value, an SQL value or a text.
func SingleValue(t reflect.Type) bool {
	switch t {
	case reflect.TypeFor[time.Time](), reflect.TypeFor[big.Int](), reflect.TypeFor[inf.Dec](), reflect.TypeFor[gocql.Duration](), reflect.TypeFor[netip.Addr]():
		return true
	}
	if SQLNull(t) {
		return true
	}
	for _, i := range conversions {
		if ImplementsItself(t, i) {
			return true
		}
	}
	return false
}

var conversions = []reflect.Type{
	reflect.TypeFor[gocql.Unmarshaler](), reflect.TypeFor[gocql.Marshaler](),
	reflect.TypeFor[gocql.UDTUnmarshaler](), reflect.TypeFor[gocql.UDTMarshaler](),
	reflect.TypeFor[sql.Scanner](), reflect.TypeFor[driver.Valuer](),
	reflect.TypeFor[encoding.TextUnmarshaler](), reflect.TypeFor[encoding.TextMarshaler](),
}

// SQLNull tells whether a type is sql.Null[T], sql.NullString or the like: a value and a bool whether it is one.
func SQLNull(t reflect.Type) bool {
	return t.PkgPath() == "database/sql" && t.Kind() == reflect.Struct && t.NumField() == 2 && t.Field(1).Name == "Valid"
}

// ImplementsItself tells whether a type or a pointer to it has an interface's methods, other than by embedding a type
// that has them: a row that embeds a time.Time has the columns of its fields all the same.
func ImplementsItself(t, iface reflect.Type) bool {
	if !reflect.PointerTo(t).Implements(iface) {
		return false
	}
	if t.Kind() != reflect.Struct {
		return true
	}
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous && (f.Type.Implements(iface) || reflect.PointerTo(f.Type).Implements(iface)) {
			return false
		}
	}
	return true
}
