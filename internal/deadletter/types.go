package deadletter

import (
	"fmt"
	"math/big"
	"net"
	"net/netip"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/gocql/gocql"
	"gopkg.in/inf.v0"
)

var uuidType = reflect.TypeFor[gocql.UUID]()

// named are the types that an any in a row may have by name; others are made of them as Go writes it.
var named = func() map[string]reflect.Type {
	types := map[string]reflect.Type{"any": reflect.TypeFor[any](), "unset": reflect.TypeOf(gocql.UnsetValue)}
	for _, t := range []reflect.Type{
		reflect.TypeFor[bool](), reflect.TypeFor[string](),
		reflect.TypeFor[int](), reflect.TypeFor[int8](), reflect.TypeFor[int16](), reflect.TypeFor[int32](), reflect.TypeFor[int64](),
		reflect.TypeFor[uint](), reflect.TypeFor[uint8](), reflect.TypeFor[uint16](), reflect.TypeFor[uint32](), reflect.TypeFor[uint64](),
		reflect.TypeFor[float32](), reflect.TypeFor[float64](),
		reflect.TypeFor[time.Time](), reflect.TypeFor[time.Duration](), reflect.TypeFor[gocql.UUID](), reflect.TypeFor[gocql.Duration](),
		reflect.TypeFor[big.Int](), reflect.TypeFor[inf.Dec](), reflect.TypeFor[netip.Addr](), reflect.TypeFor[net.IP](),
	} {
		types[t.String()] = t
	}
	return types
}()

var names = func() map[reflect.Type]string {
	of := map[reflect.Type]string{}
	for name, t := range named {
		of[t] = name
	}
	return of
}()

// mostArray is how long an array in an any may be: a file is not to be trusted with memory.
const mostArray = 256

// typeName gives the name of a type, which typeOf reads.
func typeName(t reflect.Type) (string, error) {
	if name, ok := names[t]; ok {
		return name, nil
	}
	if t.Name() == "" {
		switch t.Kind() {
		case reflect.Pointer:
			return inside("*", t)
		case reflect.Slice:
			return inside("[]", t)
		case reflect.Array:
			if t.Len() <= mostArray && t.Elem().Kind() != reflect.Array {
				return inside("["+strconv.Itoa(t.Len())+"]", t)
			}
		case reflect.Map:
			key, err := typeName(t.Key())
			if err != nil {
				return "", err
			}
			return inside("map["+key+"]", t)
		}
	}
	return "", fmt.Errorf("a %v in an any cannot be kept in a file; give the field its type", t)
}

func inside(prefix string, t reflect.Type) (string, error) {
	name, err := typeName(t.Elem())
	return prefix + name, err
}

// typeOf reads the name of a type.
func typeOf(name string) (reflect.Type, error) {
	t, rest, ok := parseType(name, 0)
	if !ok || rest != "" || t.Kind() == reflect.Interface {
		return nil, fmt.Errorf("%q is no type of a value", name)
	}
	return t, nil
}

func parseType(s string, depth int) (t reflect.Type, rest string, ok bool) {
	if depth > deepest {
		return nil, s, false
	}
	depth++
	switch {
	case strings.HasPrefix(s, "*"):
		if t, rest, ok = parseType(s[1:], depth); ok {
			t = reflect.PointerTo(t)
		}
	case strings.HasPrefix(s, "[]"):
		if t, rest, ok = parseType(s[2:], depth); ok {
			t = reflect.SliceOf(t)
		}
	case strings.HasPrefix(s, "["):
		length, after, _ := strings.Cut(s[1:], "]")
		n, err := strconv.ParseUint(length, 10, 16)
		if err != nil || n > mostArray || strconv.FormatUint(n, 10) != length {
			return nil, s, false
		}
		if t, rest, ok = parseType(after, depth); ok {
			if t.Kind() == reflect.Array {
				return nil, s, false
			}
			t = reflect.ArrayOf(int(n), t)
		}
	case strings.HasPrefix(s, "map["):
		var key reflect.Type
		if key, rest, ok = parseType(s[4:], depth); !ok || !key.Comparable() || !strings.HasPrefix(rest, "]") {
			return nil, s, false
		}
		if t, rest, ok = parseType(rest[1:], depth); ok {
			t = reflect.MapOf(key, t)
		}
	default:
		end := strings.IndexByte(s, ']') // of a map's key
		if end < 0 {
			end = len(s)
		}
		t, ok = named[s[:end]]
		return t, s[end:], ok
	}
	return t, rest, ok
}
