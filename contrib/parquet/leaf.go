package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/cqltext"
)

// leaf is how the values of a type are one column.
type leaf struct {
	node  parquet.Node
	width int // of all cells; 0 if it varies
	value func(cell []byte) (parquet.Value, error)
	cell  func(dst []byte, v parquet.Value) ([]byte, error)
}

func leafOf(t cql.Type) *leaf {
	switch t.Kind {
	case cql.Ascii, cql.Text, cql.Varchar:
		return &leaf{node: parquet.String(), value: textValue, cell: appendText}
	case cql.Blob, cql.Custom:
		return &leaf{node: parquet.Leaf(parquet.ByteArrayType), value: bytesValue, cell: appendBytes}
	case cql.Boolean:
		return &leaf{parquet.Leaf(parquet.BooleanType), 1, func(cell []byte) (parquet.Value, error) {
			return parquet.BooleanValue(cell[0] != 0), nil
		}, func(dst []byte, v parquet.Value) ([]byte, error) {
			if v.Boolean() {
				return append(dst, 1), nil
			}
			return append(dst, 0), nil
		}}
	case cql.Tinyint:
		return &leaf{parquet.Int(8), 1, func(cell []byte) (parquet.Value, error) {
			return parquet.Int32Value(int32(int8(cell[0]))), nil
		}, func(dst []byte, v parquet.Value) ([]byte, error) {
			return append(dst, byte(v.Int32())), inRange(v.Int32() == int32(int8(v.Int32())))
		}}
	case cql.Smallint:
		return &leaf{parquet.Int(16), 2, func(cell []byte) (parquet.Value, error) {
			return parquet.Int32Value(int32(int16(binary.BigEndian.Uint16(cell)))), nil
		}, func(dst []byte, v parquet.Value) ([]byte, error) {
			return binary.BigEndian.AppendUint16(dst, uint16(v.Int32())), inRange(v.Int32() == int32(int16(v.Int32())))
		}}
	case cql.Int:
		return &leaf{parquet.Int(32), 4, int32Value(0), appendInt32(0)}
	case cql.Date: // CQL counts from the least day, Parquet from 1970
		return &leaf{parquet.Date(), 4, int32Value(1 << 31), appendInt32(1 << 31)}
	case cql.Bigint, cql.Counter:
		return &leaf{parquet.Int(64), 8, int64Value, appendInt64}
	case cql.Timestamp:
		return &leaf{parquet.Timestamp(parquet.Millisecond), 8, int64Value, appendInt64}
	case cql.Time:
		return &leaf{parquet.Time(parquet.Nanosecond), 8, int64Value, func(dst []byte, v parquet.Value) ([]byte, error) {
			if v.Int64() < 0 || v.Int64() >= int64(24*time.Hour) {
				return dst, errRange
			}
			return appendInt64(dst, v)
		}}
	case cql.Float:
		return &leaf{parquet.Leaf(parquet.FloatType), 4, func(cell []byte) (parquet.Value, error) {
			return parquet.FloatValue(math.Float32frombits(binary.BigEndian.Uint32(cell))), nil
		}, func(dst []byte, v parquet.Value) ([]byte, error) {
			return binary.BigEndian.AppendUint32(dst, math.Float32bits(v.Float())), nil
		}}
	case cql.Double:
		return &leaf{parquet.Leaf(parquet.DoubleType), 8, func(cell []byte) (parquet.Value, error) {
			return parquet.DoubleValue(math.Float64frombits(binary.BigEndian.Uint64(cell))), nil
		}, func(dst []byte, v parquet.Value) ([]byte, error) {
			return binary.BigEndian.AppendUint64(dst, math.Float64bits(v.Double())), nil
		}}
	case cql.UUID, cql.Timeuuid:
		return &leaf{parquet.UUID(), 16, func(cell []byte) (parquet.Value, error) {
			return parquet.FixedLenByteArrayValue(cell), nil
		}, func(dst []byte, v parquet.Value) ([]byte, error) {
			return append(dst, v.ByteArray()...), inRange(len(v.ByteArray()) == 16)
		}}
	}
	return asText(t)
}

var errRange = errors.New("a value is out of the type's range")

func inRange(ok bool) error {
	if !ok {
		return errRange
	}
	return nil
}

// asText is for types that are no logical type.
func asText(t cql.Type) *leaf {
	return &leaf{node: parquet.String(), value: func(cell []byte) (parquet.Value, error) {
		text, err := cqltext.AppendText(nil, &t, cell, "")
		return parquet.ByteArrayValue(text), err
	}, cell: func(dst []byte, v parquet.Value) ([]byte, error) {
		return cqltext.AppendCell(dst, &t, string(v.ByteArray()), "")
	}}
}

var errUTF8 = errors.New("a text is not UTF-8")

func textValue(cell []byte) (parquet.Value, error) {
	if !utf8.Valid(cell) {
		return parquet.Value{}, errUTF8
	}
	return parquet.ByteArrayValue(cell), nil
}

func appendText(dst []byte, v parquet.Value) ([]byte, error) {
	if !utf8.Valid(v.ByteArray()) {
		return dst, errUTF8
	}
	return append(dst, v.ByteArray()...), nil
}

func bytesValue(cell []byte) (parquet.Value, error) { return parquet.ByteArrayValue(cell), nil }

func appendBytes(dst []byte, v parquet.Value) ([]byte, error) {
	return append(dst, v.ByteArray()...), nil
}

// int32Value reads a cell whose values are so much higher.
func int32Value(higher uint32) func([]byte) (parquet.Value, error) {
	return func(cell []byte) (parquet.Value, error) {
		return parquet.Int32Value(int32(binary.BigEndian.Uint32(cell) - higher)), nil
	}
}

func appendInt32(higher uint32) func([]byte, parquet.Value) ([]byte, error) {
	return func(dst []byte, v parquet.Value) ([]byte, error) {
		return binary.BigEndian.AppendUint32(dst, uint32(v.Int32())+higher), nil
	}
}

func int64Value(cell []byte) (parquet.Value, error) {
	return parquet.Int64Value(int64(binary.BigEndian.Uint64(cell))), nil
}

func appendInt64(dst []byte, v parquet.Value) ([]byte, error) {
	return binary.BigEndian.AppendUint64(dst, uint64(v.Int64())), nil
}

// of gives the value of a cell that is not null.
func (l *leaf) of(t cql.Type, cell []byte) (parquet.Value, error) {
	if l.width > 0 && len(cell) != l.width {
		return parquet.Value{}, fmt.Errorf("the cell has %d bytes, and %v has %d; was the table altered or made anew?", len(cell), t, l.width)
	}
	return l.value(cell)
}
