package decode

import (
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"unsafe"

	"github.com/rxcql/rxcql/cql"
)

// cellFunc writes the value of a cell, nil for null, to the place that p points to. It keeps nothing of the cell.
type cellFunc func(p unsafe.Pointer, cell []byte) error

// scalar finds the function for a CQL type without others inside and a Go type of a plain kind; nil if there is none.
func scalar(kind cql.Kind, t reflect.Type) cellFunc {
	bytes := t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8
	byteArray := t.Kind() == reflect.Array && t.Elem().Kind() == reflect.Uint8
	switch kind {
	case cql.Ascii, cql.Text, cql.Varchar, cql.Blob:
		switch {
		case t.Kind() == reflect.String:
			return text
		case bytes:
			return blob
		case byteArray && kind == cql.Blob:
			return fixedBlob(t.Len())
		}
	case cql.Custom:
		if bytes {
			return blob
		}
	case cql.Boolean:
		if t.Kind() == reflect.Bool {
			return boolean
		}
	case cql.Tinyint:
		return integer(1, t.Kind())
	case cql.Smallint:
		return integer(2, t.Kind())
	case cql.Int:
		return integer(4, t.Kind())
	case cql.Bigint, cql.Counter:
		return integer(8, t.Kind())
	case cql.Float:
		switch t.Kind() {
		case reflect.Float32:
			return float32s
		case reflect.Float64:
			return float32to64
		}
	case cql.Double:
		if t.Kind() == reflect.Float64 {
			return float64s
		}
	case cql.UUID, cql.Timeuuid:
		switch {
		case byteArray && t.Len() == 16:
			return uuid
		case bytes:
			return uuidBytes
		case t.Kind() == reflect.String:
			return uuidText
		}
	}
	return nil
}

func text(p unsafe.Pointer, cell []byte) error {
	if cell == nil {
		return ErrNull
	}
	*(*string)(p) = string(cell)
	return nil
}

func blob(p unsafe.Pointer, cell []byte) error {
	if cell == nil {
		*(*[]byte)(p) = nil
		return nil
	}
	*(*[]byte)(p) = append(make([]byte, 0, len(cell)), cell...)
	return nil
}

// fixedBlob reads into an array: of n bytes exactly, so that an empty one is an error, not null.
func fixedBlob(n int) cellFunc {
	return func(p unsafe.Pointer, cell []byte) error {
		if cell == nil {
			return ErrNull
		}
		if len(cell) != n {
			return fmt.Errorf("the blob has %d bytes, and the array %d", len(cell), n)
		}
		copy(unsafe.Slice((*byte)(p), n), cell)
		return nil
	}
}

func boolean(p unsafe.Pointer, cell []byte) error {
	if err := width(cell, 1); err != nil {
		return err
	}
	*(*bool)(p) = cell[0] != 0
	return nil
}

func float32s(p unsafe.Pointer, cell []byte) error {
	if err := width(cell, 4); err != nil {
		return err
	}
	*(*float32)(p) = math.Float32frombits(binary.BigEndian.Uint32(cell))
	return nil
}

func float32to64(p unsafe.Pointer, cell []byte) error {
	if err := width(cell, 4); err != nil {
		return err
	}
	*(*float64)(p) = float64(math.Float32frombits(binary.BigEndian.Uint32(cell)))
	return nil
}

func float64s(p unsafe.Pointer, cell []byte) error {
	if err := width(cell, 8); err != nil {
		return err
	}
	*(*float64)(p) = math.Float64frombits(binary.BigEndian.Uint64(cell))
	return nil
}

func uuid(p unsafe.Pointer, cell []byte) error {
	if err := width(cell, 16); err != nil {
		return err
	}
	*(*[16]byte)(p) = [16]byte(cell)
	return nil
}
