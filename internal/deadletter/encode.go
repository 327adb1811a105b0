package deadletter

import (
	"bytes"
	"encoding"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"gopkg.in/inf.v0"
)

// deepest is how many values may be inside each other.
const deepest = 64

var errDeep = fmt.Errorf("values are more than %d deep inside each other", deepest)

// Encode appends a value as JSON; see the package comment.
func Encode[T any](dst []byte, v T) ([]byte, error) {
	return appendValue(dst, reflect.ValueOf(&v).Elem(), 0)
}

// appendValue appends v, which is addressable.
func appendValue(dst []byte, v reflect.Value, depth int) ([]byte, error) {
	if depth > deepest {
		return dst, errDeep
	}
	depth++
	switch v.Kind() {
	case reflect.Interface:
		return appendBoxed(dst, v, depth)
	case reflect.Pointer, reflect.Slice, reflect.Map:
		if v.IsNil() {
			return append(dst, "null"...), nil
		}
	}
	switch v.Kind() {
	case reflect.Bool:
		return strconv.AppendBool(dst, v.Bool()), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.AppendInt(dst, v.Int(), 10), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return strconv.AppendUint(dst, v.Uint(), 10), nil
	case reflect.Float32:
		return appendFloat(dst, v.Float(), 32, uint64(math.Float32bits(*float32At(v)))), nil
	case reflect.Float64:
		return appendFloat(dst, v.Float(), 64, math.Float64bits(v.Float())), nil
	case reflect.String:
		return appendString(dst, v.String()), nil
	case reflect.Pointer:
		if nullable(v.Type().Elem()) {
			dst, err := appendValue(append(dst, '['), v.Elem(), depth)
			return append(dst, ']'), err
		}
		return appendValue(dst, v.Elem(), depth)
	case reflect.Slice, reflect.Array:
		return appendSequence(dst, v, depth)
	case reflect.Map:
		return appendMap(dst, v, depth)
	case reflect.Struct:
		return appendStruct(dst, v, depth)
	}
	return dst, fmt.Errorf("a %v cannot be kept in a file", v.Type())
}

// nullable tells whether a type has a value that is null in the file.
func nullable(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface:
		return true
	}
	return false
}

// addressable gives a copy of v of which the address can be taken.
func addressable(v reflect.Value) reflect.Value {
	c := reflect.New(v.Type()).Elem()
	c.Set(v)
	return c
}

func appendBoxed(dst []byte, v reflect.Value, depth int) ([]byte, error) {
	if v.IsNil() {
		return append(dst, "null"...), nil
	}
	v = addressable(v.Elem())
	name, err := typeName(v.Type())
	if err != nil {
		return dst, err
	}
	dst = appendString(append(dst, '{'), name)
	dst, err = appendValue(append(dst, ':'), v, depth)
	return append(dst, '}'), err
}

// float32At is where a float32 is: as a float64 a NaN would not keep all its bits.
func float32At(v reflect.Value) *float32 {
	return v.Addr().Convert(reflect.TypeFor[*float32]()).Interface().(*float32)
}

func appendFloat(dst []byte, f float64, size int, bits uint64) []byte {
	switch {
	case math.IsNaN(f):
		return fmt.Appendf(dst, `"NaN:%x"`, bits)
	case math.IsInf(f, 0):
		return fmt.Appendf(dst, `"%+v"`, f)
	}
	return strconv.AppendFloat(dst, f, 'g', -1, size)
}

func appendString(dst []byte, s string) []byte {
	if !utf8.ValidString(s) {
		return append(appendBytes(append(dst, `{"base64":`...), []byte(s)), '}')
	}
	text, _ := json.Marshal(s) // does not fail for a string
	return append(dst, text...)
}

func appendBytes(dst, b []byte) []byte {
	return append(base64.StdEncoding.AppendEncode(append(dst, '"'), b), '"')
}

func appendSequence(dst []byte, v reflect.Value, depth int) ([]byte, error) {
	if v.Type() == uuidType {
		return appendText(dst, v)
	}
	if v.Type().Elem().Kind() == reflect.Uint8 {
		return appendBytes(dst, v.Bytes()), nil
	}
	dst = append(dst, '[')
	for i := range v.Len() {
		if i > 0 {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = appendValue(dst, v.Index(i), depth); err != nil {
			return dst, err
		}
	}
	return append(dst, ']'), nil
}

// appendMap sorts the entries, so that the same value gives the same text.
func appendMap(dst []byte, v reflect.Value, depth int) ([]byte, error) {
	entries := make([][]byte, 0, v.Len())
	for all := v.MapRange(); all.Next(); {
		entry, err := appendValue([]byte{'['}, addressable(all.Key()), depth)
		if err != nil {
			return dst, err
		}
		if entry, err = appendValue(append(entry, ','), addressable(all.Value()), depth); err != nil {
			return dst, err
		}
		entries = append(entries, append(entry, ']'))
	}
	slices.SortFunc(entries, bytes.Compare)
	return append(append(append(dst, '['), bytes.Join(entries, []byte{','})...), ']'), nil
}

func appendStruct(dst []byte, v reflect.Value, depth int) ([]byte, error) {
	switch special := v.Addr().Interface().(type) {
	case *time.Time:
		return appendTime(dst, *special), nil
	case *inf.Dec:
		text := special.UnscaledBig().String() + "E" + strconv.FormatInt(-int64(special.Scale()), 10)
		return appendString(dst, text), nil
	case *big.Int:
		return appendText(dst, v)
	case row:
		if isRow(v.Type()) {
			return appendRow(dst, special)
		}
	}
	switch formOf(v.Type()) {
	case asText:
		return appendText(dst, v)
	case asBinary:
		b, err := v.Addr().Interface().(encoding.BinaryMarshaler).MarshalBinary()
		return appendBytes(dst, b), err
	case hidden:
		return dst, fmt.Errorf("a %v cannot be kept in a file: its fields are hidden, and it has neither MarshalText nor MarshalBinary with their opposites", v.Type())
	}
	if f, lost := unreachable(v); lost {
		return dst, fmt.Errorf("a %v cannot be kept in a file: it embeds %v, which is not exported; embed it without the pointer", v.Type(), f.Type)
	}
	dst = append(dst, '{')
	for i, f := range exported(v.Type()) {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendString(dst, f.Name), ':')
		var err error
		if dst, err = appendValue(dst, v.FieldByIndex(f.Index), depth); err != nil {
			return dst, fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	return append(dst, '}'), nil
}

func appendText(dst []byte, v reflect.Value) ([]byte, error) {
	text, err := v.Addr().Interface().(encoding.TextMarshaler).MarshalText()
	if err == nil && !utf8.Valid(text) {
		err = errors.New("its text is no UTF-8")
	}
	if err != nil {
		return dst, fmt.Errorf("a %v cannot be kept in a file: %w", v.Type(), err)
	}
	return appendString(dst, string(text)), nil
}

// appendTime keeps the instant, and the offset of the zone if that is whole minutes.
func appendTime(dst []byte, t time.Time) []byte {
	if _, offset := t.Zone(); offset%60 != 0 {
		t = t.UTC()
	}
	text := t.Format(time.RFC3339Nano)
	if same, err := time.Parse(time.RFC3339Nano, text); err == nil && same.Equal(t) {
		return appendString(dst, text)
	}
	return fmt.Appendf(dst, `"@%d.%09d"`, t.Unix(), t.Nanosecond())
}
