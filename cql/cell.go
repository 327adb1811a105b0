package cql

import (
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/netip"
	"reflect"
	"time"

	"github.com/gocql/gocql"
	"gopkg.in/inf.v0"
)

// Cell is a value that is encoded already, as by [Type.Marshal] or by a server in a page. A pointer to one is an
// argument for a marker of exactly this type; for any other, nothing is sent and the [*ArgumentError] wraps
// [ErrCellType].
type Cell struct {
	Type  *Type
	Bytes []byte // nil for null
}

// ErrCellType is a [Cell] that was encoded for another type than its marker has: most likely, the table was made anew
// or altered since.
var ErrCellType = errors.New("the value is encoded for another type than the column has now")

// fits tells why the cell does not go with a marker; nil if it does.
func (c *Cell) fits(info gocql.TypeInfo) error {
	kind := Kind(info.Type())
	if kind == Custom || kind >= List {
		if t := typeOf(info); !t.Equal(*c.Type) {
			return fmt.Errorf("%v is not %v: %w", *c.Type, t, ErrCellType)
		}
	} else if kind != c.Type.Kind && !(isText(kind) && isText(c.Type.Kind)) {
		return fmt.Errorf("%v is not %v: %w", *c.Type, Type{Kind: kind}, ErrCellType)
	}
	return nil
}

func isText(k Kind) bool { return k == Text || k == Varchar }

// mismatch is a Go type that does not go with a CQL type, whatever the value.
type mismatch struct{ text string }

func (m *mismatch) Error() string { return m.text }

// Accepts tells why no value of a Go type can be encoded as t; nil if some can, as far as the Go types tell: what a type
// makes of itself by methods of its own shows only when it does.
func (t Type) Accepts(g reflect.Type) error {
	var no *mismatch
	if _, _, err := appendValue(nil, t, sample(g, 0)); errors.As(err, &no) {
		return err
	}
	return nil
}

// sample makes a value of a type with something inside; none where its methods would have to be called.
func sample(g reflect.Type, depth int) reflect.Value {
	if depth > 8 {
		return reflect.Value{}
	}
	if own := methodsOf(g); own.marshaler || own.udt || own.valuer && !own.sqlNull || own.text && !ours[g] {
		return reflect.Value{}
	}
	v := reflect.New(g).Elem()
	switch g.Kind() {
	case reflect.Interface:
		return reflect.Value{}
	case reflect.Pointer:
		inside := sample(g.Elem(), depth+1)
		if inside.IsValid() {
			v.Set(reflect.New(g.Elem()))
			v.Elem().Set(inside)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(g, 0, 1))
		if inside := sample(g.Elem(), depth+1); inside.IsValid() {
			v.Set(reflect.Append(v, inside))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(g))
		key, value := sample(g.Key(), depth+1), sample(g.Elem(), depth+1)
		if key.IsValid() && key.Comparable() && value.IsValid() {
			v.SetMapIndex(key, value)
		}
	case reflect.Struct:
		if own := methodsOf(g); own.sqlNull {
			if inside := sample(g.Field(0).Type, depth+1); inside.IsValid() {
				v.Field(0).Set(inside)
				v.Field(1).SetBool(true)
			}
		}
	}
	return v
}

// ours are the types with a text whose zero value may be asked for it.
var ours = map[reflect.Type]bool{
	reflect.TypeFor[time.Time](): true, reflect.TypeFor[big.Int](): true, reflect.TypeFor[inf.Dec](): true,
	reflect.TypeFor[netip.Addr](): true, reflect.TypeFor[net.IP](): true, reflect.TypeFor[gocql.UUID](): true,
}
