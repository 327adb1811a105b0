package decode

import (
	"database/sql"
	"encoding"
	"reflect"
	"slices"
	"time"
	"unsafe"

	"github.com/gocql/gocql"

	"github.com/rxcql/rxcql/cql"
)

type (
	textUnmarshaler = encoding.TextUnmarshaler
	sqlScanner      = sql.Scanner
)

// unmarshaler gives a copy of the cell to a value that decodes itself as the driver has it.
func unmarshaler(ct cql.Type, t reflect.Type) cellFunc {
	info := ct.TypeInfo()
	return func(p unsafe.Pointer, cell []byte) error {
		return reflect.NewAt(t, p).Interface().(gocql.Unmarshaler).UnmarshalCQL(info, slices.Clone(cell))
	}
}

// sqlNull decodes into sql.Null[T], or one of its older relatives: a value and whether it is one.
func (b binder) sqlNull(ct cql.Type, t reflect.Type) (cellFunc, error) {
	value, valid := t.Field(0), t.Field(1)
	decode, err := b.cell(ct, value.Type)
	if err != nil {
		return nil, err
	}
	null := nullsFor(ct, value.Type)
	return func(p unsafe.Pointer, cell []byte) error {
		reflect.NewAt(t, p).Elem().SetZero()
		if null.is(cell) {
			return nil
		}
		if err := decode(unsafe.Add(p, value.Offset), cell); err != nil {
			return err
		}
		*(*bool)(unsafe.Add(p, valid.Offset)) = true
		return nil
	}, nil
}

// scanTypes are the types of the driver.Values that an sql.Scanner gets.
var scanTypes = map[cql.Kind]reflect.Type{
	cql.Ascii: reflect.TypeFor[string](), cql.Text: reflect.TypeFor[string](), cql.Varchar: reflect.TypeFor[string](),
	cql.Tinyint: reflect.TypeFor[int64](), cql.Smallint: reflect.TypeFor[int64](), cql.Int: reflect.TypeFor[int64](),
	cql.Bigint: reflect.TypeFor[int64](), cql.Counter: reflect.TypeFor[int64](), cql.Time: reflect.TypeFor[int64](),
	cql.Float: reflect.TypeFor[float64](), cql.Double: reflect.TypeFor[float64](), cql.Boolean: reflect.TypeFor[bool](),
	cql.Blob: reflect.TypeFor[[]byte](), cql.Custom: reflect.TypeFor[[]byte](),
	cql.Timestamp: reflect.TypeFor[time.Time](), cql.Date: reflect.TypeFor[time.Time](),
	cql.Varint: reflect.TypeFor[string](), cql.Decimal: reflect.TypeFor[string](), cql.Inet: reflect.TypeFor[string](),
	cql.UUID: reflect.TypeFor[string](), cql.Timeuuid: reflect.TypeFor[string](),
}

func (b binder) scanner(as reflect.Type, ct cql.Type, t reflect.Type) (cellFunc, error) {
	decode, err := b.boxed(ct, as)
	if err != nil {
		return nil, err
	}
	return func(p unsafe.Pointer, cell []byte) error {
		var v any
		if err := decode(unsafe.Pointer(&v), cell); err != nil {
			return err
		}
		return reflect.NewAt(t, p).Interface().(sql.Scanner).Scan(v)
	}, nil
}

func isText(k cql.Kind) bool { return k == cql.Ascii || k == cql.Text || k == cql.Varchar }

// hasText are the types with an obvious text, and the functions that read it into a string.
var hasText = map[cql.Kind]cellFunc{
	cql.UUID: uuidText, cql.Timeuuid: uuidText, cql.Inet: addressText, cql.Date: dateText, cql.Varint: varintText,
	cql.Decimal: decimalText,
}

// textual hands the text that decode gives to a value that unmarshals itself from text.
func textual(decode cellFunc, t reflect.Type) cellFunc {
	return func(p unsafe.Pointer, cell []byte) error {
		var s string
		if err := decode(unsafe.Pointer(&s), cell); err != nil {
			return err
		}
		return reflect.NewAt(t, p).Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(s))
	}
}
