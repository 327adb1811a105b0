package deadletter

import (
	"encoding"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"time"

	"gopkg.in/inf.v0"
)

// decoder reads values.
type decoder struct {
	rows    *rowReader
	lenient bool
}

// value reads text, which is valid JSON, into v, which can be set and is zero.
func (d decoder) value(text []byte, v reflect.Value, depth int) error {
	if depth > deepest {
		return errDeep
	}
	depth++
	if nullable(v.Type()) && string(text) == "null" {
		return nil
	}
	switch v.Kind() {
	case reflect.Interface:
		return d.boxed(text, v, depth)
	case reflect.Bool:
		if string(text) != "true" && string(text) != "false" {
			return wrong(v)
		}
		v.SetBool(text[0] == 't')
		return nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n, err := strconv.ParseInt(string(text), 10, v.Type().Bits())
		if err != nil {
			return wrong(v)
		}
		v.SetInt(n)
		return nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		n, err := strconv.ParseUint(string(text), 10, v.Type().Bits())
		if err != nil {
			return wrong(v)
		}
		v.SetUint(n)
		return nil
	case reflect.Float32, reflect.Float64:
		return float(text, v)
	case reflect.String:
		s, err := stringOf(text)
		v.SetString(s)
		return err
	case reflect.Pointer:
		to := reflect.New(v.Type().Elem())
		v.Set(to)
		if nullable(v.Type().Elem()) {
			inside, err := list(text, 1)
			if err != nil {
				return err
			}
			text = inside[0]
		}
		return d.value(text, to.Elem(), depth)
	case reflect.Slice, reflect.Array:
		return d.sequence(text, v, depth)
	case reflect.Map:
		return d.mapping(text, v, depth)
	case reflect.Struct:
		return d.structure(text, v, depth)
	}
	return wrong(v)
}

func wrong(v reflect.Value) error { return fmt.Errorf("it is no %v", v.Type()) }

// list reads an array; of n elements, unless n is negative.
func list(text []byte, n int) ([]json.RawMessage, error) {
	var all []json.RawMessage
	if err := json.Unmarshal(text, &all); err != nil || all == nil {
		return nil, errors.New("it is no array")
	}
	if n >= 0 && len(all) != n {
		return nil, fmt.Errorf("it is an array of %d elements, not of %d", len(all), n)
	}
	return all, nil
}

func (d decoder) boxed(text []byte, v reflect.Value, depth int) error {
	var in map[string]json.RawMessage
	if err := json.Unmarshal(text, &in); err != nil || len(in) != 1 || v.NumMethod() > 0 {
		return wrong(v)
	}
	for name, inside := range in {
		t, err := typeOf(name)
		if err != nil {
			return err
		}
		to := reflect.New(t).Elem()
		if err := d.value(inside, to, depth); err != nil {
			return err
		}
		v.Set(to)
	}
	return nil
}

func float(text []byte, v reflect.Value) error {
	s := string(text)
	if len(s) > 0 && s[0] == '"' {
		s = strings.Trim(s, `"`)
		if bits, ok := strings.CutPrefix(s, "NaN:"); ok {
			n, err := strconv.ParseUint(bits, 16, v.Type().Bits())
			if err != nil {
				return wrong(v)
			}
			if v.Kind() == reflect.Float32 {
				*float32At(v) = math.Float32frombits(uint32(n))
			} else {
				v.SetFloat(math.Float64frombits(n))
			}
			return nil
		}
		if s != "+Inf" && s != "-Inf" {
			return wrong(v)
		}
	}
	f, err := strconv.ParseFloat(s, v.Type().Bits())
	if err != nil {
		return wrong(v)
	}
	v.SetFloat(f)
	return nil
}

// stringOf reads a string, which may be bytes that are no UTF-8.
func stringOf(text []byte) (string, error) {
	var (
		s   string
		raw struct {
			Base64 *[]byte `json:"base64"`
		}
	)
	switch {
	case len(text) > 0 && text[0] == '"' && json.Unmarshal(text, &s) == nil:
		return s, nil
	case json.Unmarshal(text, &raw) == nil && raw.Base64 != nil:
		return string(*raw.Base64), nil
	}
	return "", errors.New("it is no string")
}

func bytesOf(text []byte) ([]byte, error) {
	s, err := stringOf(text)
	if err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(s)
}

func (d decoder) sequence(text []byte, v reflect.Value, depth int) error {
	if v.Type() == uuidType {
		return fromText(text, v)
	}
	if v.Type().Elem().Kind() == reflect.Uint8 {
		b, err := bytesOf(text)
		switch {
		case err != nil:
			return err
		case v.Kind() == reflect.Slice:
			v.SetBytes(b)
		case len(b) != v.Len():
			return wrong(v)
		default:
			copy(v.Bytes(), b)
		}
		return nil
	}
	n := -1
	if v.Kind() == reflect.Array {
		n = v.Len()
	}
	all, err := list(text, n)
	if err != nil {
		return err
	}
	if v.Kind() == reflect.Slice {
		v.Set(reflect.MakeSlice(v.Type(), len(all), len(all)))
	}
	for i, elem := range all {
		if err := d.value(elem, v.Index(i), depth); err != nil {
			return err
		}
	}
	return nil
}

func (d decoder) mapping(text []byte, v reflect.Value, depth int) error {
	all, err := list(text, -1)
	if err != nil {
		return err
	}
	v.Set(reflect.MakeMap(v.Type()))
	for _, entry := range all {
		pair, err := list(entry, 2)
		if err != nil {
			return err
		}
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		if err := d.value(pair[0], key, depth); err != nil {
			return err
		}
		if !key.Comparable() {
			return errors.New("a key of a map cannot be compared")
		}
		if err := d.value(pair[1], value, depth); err != nil {
			return err
		}
		v.SetMapIndex(key, value)
	}
	return nil
}

func (d decoder) structure(text []byte, v reflect.Value, depth int) error {
	switch special := v.Addr().Interface().(type) {
	case *time.Time:
		return timeFrom(text, special)
	case *inf.Dec:
		return decimalFrom(text, special)
	case *big.Int:
		return fromText(text, v)
	case row:
		if isRow(v.Type()) {
			return d.rows.read(text, special)
		}
	}
	switch formOf(v.Type()) {
	case asText:
		return fromText(text, v)
	case asBinary:
		b, err := bytesOf(text)
		if err != nil {
			return err
		}
		return v.Addr().Interface().(encoding.BinaryUnmarshaler).UnmarshalBinary(b)
	case hidden:
		return wrong(v)
	}
	var in map[string]json.RawMessage
	if err := json.Unmarshal(text, &in); err != nil || in == nil {
		return wrong(v)
	}
	all := exported(v.Type())
	for _, f := range all {
		inside, ok := in[f.Name]
		if !ok && d.lenient {
			continue
		}
		if !ok {
			return fmt.Errorf("%v has a field %s, which is not in the file; read it as the type that was written, or be lenient",
				v.Type(), f.Name)
		}
		delete(in, f.Name)
		if err := d.value(inside, v.FieldByIndex(f.Index), depth); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	for name := range in {
		if !d.lenient {
			return fmt.Errorf("%v has no field %s, which is in the file; read it as the type that was written, or be lenient",
				v.Type(), name)
		}
	}
	return nil
}

func fromText(text []byte, v reflect.Value) error {
	s, err := stringOf(text)
	if err != nil {
		return err
	}
	if err := v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(s)); err != nil {
		return wrong(v) // the cause would show the value
	}
	return nil
}

func timeFrom(text []byte, t *time.Time) error {
	s, err := stringOf(text)
	if err != nil {
		return err
	}
	if since, ok := strings.CutPrefix(s, "@"); ok {
		sec, nano, _ := strings.Cut(since, ".")
		seconds, err := strconv.ParseInt(sec, 10, 64)
		nanos, err2 := strconv.ParseUint(nano, 10, 30)
		if err != nil || err2 != nil || nanos >= 1e9 {
			return errors.New("it is no time")
		}
		*t = time.Unix(seconds, int64(nanos)).UTC()
		return nil
	}
	if *t, err = time.Parse(time.RFC3339Nano, s); err != nil {
		return errors.New("it is no time")
	}
	return nil
}

func decimalFrom(text []byte, d *inf.Dec) error {
	s, err := stringOf(text)
	if err != nil {
		return err
	}
	digits, exponent, _ := strings.Cut(s, "E")
	unscaled, ok := new(big.Int).SetString(digits, 10)
	exp, err := strconv.ParseInt(exponent, 10, 64)
	if !ok || err != nil || -exp != int64(int32(-exp)) {
		return errors.New("it is no decimal")
	}
	d.SetUnscaledBig(unscaled).SetScale(inf.Scale(-exp))
	return nil
}
