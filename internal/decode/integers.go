package decode

import (
	"encoding/binary"
	"reflect"
	"unsafe"
)

// integer gives the function that reads a cell of 1, 2, 4 or 8 bytes into an integer of the given kind; nil for other
// kinds. A value that the Go type cannot hold is an error.
func integer(bytes int, kind reflect.Kind) cellFunc {
	switch kind {
	case reflect.Int:
		return integerAs[int](bytes)
	case reflect.Int8:
		return integerAs[int8](bytes)
	case reflect.Int16:
		return integerAs[int16](bytes)
	case reflect.Int32:
		return integerAs[int32](bytes)
	case reflect.Int64:
		return integerAs[int64](bytes)
	case reflect.Uint:
		return integerAs[uint](bytes)
	case reflect.Uint8:
		return integerAs[uint8](bytes)
	case reflect.Uint16:
		return integerAs[uint16](bytes)
	case reflect.Uint32:
		return integerAs[uint32](bytes)
	case reflect.Uint64:
		return integerAs[uint64](bytes)
	default:
		return nil
	}
}

func integerAs[N int | int8 | int16 | int32 | int64 | uint | uint8 | uint16 | uint32 | uint64](bytes int) cellFunc {
	put := func(p unsafe.Pointer, v int64) error {
		n := N(v)
		if int64(n) != v || (n < 0) != (v < 0) {
			return errRange
		}
		*(*N)(p) = n
		return nil
	}
	switch bytes {
	case 1:
		return func(p unsafe.Pointer, cell []byte) error {
			if err := width(cell, 1); err != nil {
				return err
			}
			return put(p, int64(int8(cell[0])))
		}
	case 2:
		return func(p unsafe.Pointer, cell []byte) error {
			if err := width(cell, 2); err != nil {
				return err
			}
			return put(p, int64(int16(binary.BigEndian.Uint16(cell))))
		}
	case 4:
		return func(p unsafe.Pointer, cell []byte) error {
			if err := width(cell, 4); err != nil {
				return err
			}
			return put(p, int64(int32(binary.BigEndian.Uint32(cell))))
		}
	default:
		return func(p unsafe.Pointer, cell []byte) error {
			if err := width(cell, 8); err != nil {
				return err
			}
			return put(p, int64(binary.BigEndian.Uint64(cell)))
		}
	}
}
