package decode_test

import (
	"encoding"
	"fmt"
	"math/big"
	"net"
	"net/netip"
	"reflect"
	"strconv"
	"time"

	"github.com/gocql/gocql"
	"gopkg.in/inf.v0"

	"github.com/rxcql/rxcql/cql"
)

// scanned is what an sql.Scanner gets.
func scanned(v any, ct cql.Type) any {
	switch r := reflect.ValueOf(v); {
	case nothing(v):
		return nil
	case r.CanInt():
		return r.Int()
	case ct.Kind == cql.Float:
		return float64(v.(float32))
	case ct.Kind == cql.UUID, ct.Kind == cql.Varint:
		return fmt.Sprint(v)
	}
	return v
}

// scalar converts what has no others inside.
func scalar(v any, ct cql.Type, dst reflect.Value) error {
	p := dst.Addr().Interface()
	switch p := p.(type) {
	case *big.Int:
		n, ok := new(big.Int).SetString(fmt.Sprint(v), 10)
		if ok {
			p.Set(n)
		}
		return where(ok)
	case *inf.Dec:
		p.Set(v.(*inf.Dec))
		return nil
	case *netip.Addr:
		return p.UnmarshalText([]byte(v.(string)))
	case *gocql.Duration:
		*p = v.(gocql.Duration)
		return nil
	case *time.Duration:
		d, ok := v.(gocql.Duration)
		if !ok {
			*p = v.(time.Duration)
			return nil
		}
		*p = time.Duration(d.Nanoseconds)
		return where(d.Months == 0 && d.Days == 0)
	case *time.Time:
		if id, ok := v.(gocql.UUID); ok {
			*p = id.Time()
			return where(id.Version() == 1)
		}
		if at, ok := v.(time.Time); ok {
			*p = at
			return nil
		}
	}
	_, ip := p.(*net.IP)
	if text, ok := p.(encoding.TextUnmarshaler); ok && !ip {
		return text.UnmarshalText([]byte(written(v, ct)))
	}
	bytes := []byte(written(v, ct))
	switch v := v.(type) {
	case []byte:
		bytes = v
	case gocql.UUID:
		bytes = v[:]
	}
	if ct.Kind == cql.Inet {
		bytes = net.ParseIP(v.(string))
		if v4 := net.IP(bytes).To4(); v4 != nil {
			bytes = v4
		}
	}
	switch dst.Kind() {
	case reflect.String:
		dst.SetString(written(v, ct))
		return nil
	case reflect.Slice:
		dst.SetBytes(bytes)
		return nil
	case reflect.Array:
		reflect.Copy(dst, reflect.ValueOf(bytes))
		return where(len(bytes) == dst.Len())
	case reflect.Bool:
		dst.SetBool(v.(bool))
		return nil
	case reflect.Float32, reflect.Float64:
		dst.SetFloat(reflect.ValueOf(v).Convert(reflect.TypeFor[float64]()).Float())
		return nil
	}
	number := written(v, ct)
	switch v := v.(type) {
	case time.Time:
		number = fmt.Sprint(v.UnixMilli())
	case time.Duration:
		number = fmt.Sprint(int64(v))
	}
	if dst.CanInt() {
		n, err := strconv.ParseInt(number, 10, dst.Type().Bits())
		dst.SetInt(n)
		return err
	}
	n, err := strconv.ParseUint(number, 10, dst.Type().Bits())
	dst.SetUint(n)
	return err
}

// written is a value's text. fmt would write out two thousand million digits for a few bytes of a decimal.
func written(v any, ct cql.Type) string {
	switch v := v.(type) {
	case []byte:
		return string(v)
	case time.Time:
		sign, year := "", v.Year()
		if year > 9999 {
			sign = "+"
		} else if year < 0 {
			sign, year = "-", -year
		}
		return fmt.Sprintf("%s%04d-%02d-%02d", sign, year, v.Month(), v.Day())
	case *inf.Dec:
		if v.Scale() < 0 || v.Scale() > 100 {
			return fmt.Sprintf("%vE%d", v.UnscaledBig(), -int64(v.Scale()))
		}
	}
	return fmt.Sprint(v)
}

func where(ok bool) error {
	if ok {
		return nil
	}
	return errNot
}
