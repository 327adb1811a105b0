package cql

import (
	"encoding"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/big"
	"net"
	"net/netip"
	"reflect"

	"github.com/gocql/gocql"
)

// appendScalar appends a value that has no others inside; ok is false if the Go type does not go with the CQL type.
func appendScalar(dst []byte, t Type, v reflect.Value) (_ []byte, ok bool, err error) {
	switch t.Kind {
	case Ascii, Text, Varchar, Blob, Custom:
		if v.Kind() == reflect.String && t.Kind != Custom {
			return append(dst, v.String()...), true, nil
		}
		if b, is := bytesOf(v); is && (t.Kind == Blob || v.Kind() == reflect.Slice) {
			return append(dst, b...), true, nil
		}
	case Boolean:
		if v.Kind() == reflect.Bool {
			if v.Bool() {
				return append(dst, 1), true, nil
			}
			return append(dst, 0), true, nil
		}
	case Tinyint:
		return appendInteger(dst, 1, v)
	case Smallint:
		return appendInteger(dst, 2, v)
	case Int:
		return appendInteger(dst, 4, v)
	case Bigint, Counter:
		return appendInteger(dst, 8, v)
	case Varint:
		return appendVarint(dst, v)
	case Decimal:
		return appendDecimal(dst, v)
	case Float:
		if v.CanFloat() {
			f := float32(v.Float())
			if math.IsInf(float64(f), 0) && !math.IsInf(v.Float(), 0) {
				return dst, true, errRange
			}
			return binary.BigEndian.AppendUint32(dst, math.Float32bits(f)), true, nil
		}
	case Double:
		if v.CanFloat() {
			return binary.BigEndian.AppendUint64(dst, math.Float64bits(v.Float())), true, nil
		}
	case UUID, Timeuuid:
		return appendUUID(dst, v)
	case Inet:
		return appendInet(dst, v)
	case Timestamp, Date, Time, Duration:
		return appendTemporal(dst, t.Kind, v)
	}
	return dst, false, nil
}

// bytesOf gives the bytes of a slice or an array of them.
func bytesOf(v reflect.Value) ([]byte, bool) {
	switch v.Kind() {
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return v.Bytes(), true
		}
	case reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return pointerTo(v).Elem().Bytes(), true
		}
	}
	return nil, false
}

// appendInteger appends a two's complement number of 1, 2, 4 or 8 bytes.
func appendInteger(dst []byte, bytes int, v reflect.Value) (_ []byte, ok bool, err error) {
	var n int64
	switch {
	case v.CanInt():
		n = v.Int()
	case v.CanUint():
		if v.Uint() > math.MaxInt64 {
			return dst, true, errRange
		}
		n = int64(v.Uint())
	case v.Type() == reflect.TypeFor[big.Int]():
		b := pointerTo(v).Interface().(*big.Int)
		if !b.IsInt64() {
			return dst, true, errRange
		}
		n = b.Int64()
	default:
		return dst, false, nil
	}
	if unused := 64 - 8*bytes; n<<unused>>unused != n {
		return dst, true, errRange
	}
	for shift := 8 * (bytes - 1); shift >= 0; shift -= 8 {
		dst = append(dst, byte(n>>shift))
	}
	return dst, true, nil
}

func appendUUID(dst []byte, v reflect.Value) (_ []byte, ok bool, err error) {
	if b, is := bytesOf(v); is {
		if len(b) != 16 {
			return dst, true, fmt.Errorf("a uuid has 16 bytes, not %d", len(b))
		}
		return append(dst, b...), true, nil
	}
	text, ok, err := textOf(v)
	if !ok || err != nil {
		return dst, ok, err
	}
	id, err := gocql.ParseUUID(text)
	if err != nil {
		return dst, true, errors.New("the text is not a uuid")
	}
	return append(dst, id[:]...), true, nil
}

var errNoAddress = errors.New("it is not an IP address without a zone")

// appendInet appends an IPv4 address that is written as an IPv6 one as what it is, unless it is a netip.Addr, which
// tells one from the other.
func appendInet(dst []byte, v reflect.Value) (_ []byte, ok bool, err error) {
	if v.Type() == reflect.TypeFor[netip.Addr]() {
		a := v.Interface().(netip.Addr)
		if !a.IsValid() || a.Zone() != "" {
			return dst, true, errNoAddress
		}
		return append(dst, a.AsSlice()...), true, nil
	}
	if b, is := bytesOf(v); is && v.Kind() == reflect.Slice {
		ip := net.IP(b)
		if ip.To16() == nil {
			return dst, true, fmt.Errorf("an inet has 4 or 16 bytes, not %d", len(b))
		}
		return append(dst, unmapped(ip)...), true, nil
	}
	text, ok, err := textOf(v)
	if !ok || err != nil {
		return dst, ok, err
	}
	a, err := netip.ParseAddr(text)
	if err != nil || a.Zone() != "" {
		return dst, true, errNoAddress
	}
	return append(dst, unmapped(a.AsSlice())...), true, nil
}

func unmapped(ip net.IP) net.IP {
	if v4 := ip.To4(); v4 != nil {
		return v4
	}
	return ip
}

// textOf gives the text of a string, or of what marshals itself as one.
func textOf(v reflect.Value) (text string, ok bool, err error) {
	switch {
	case v.Kind() == reflect.String:
		return v.String(), true, nil
	case methodsOf(v.Type()).text:
		b, err := iface[encoding.TextMarshaler](v).MarshalText()
		return string(b), true, err
	}
	return "", false, nil
}
