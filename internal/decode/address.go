package decode

import (
	"fmt"
	"net"
	"net/netip"
	"reflect"
	"unsafe"

	"github.com/gocql/gocql"
)

// address finds the function for an inet and a Go type; nil if there is none.
func address(t reflect.Type) cellFunc {
	switch {
	case t == reflect.TypeFor[netip.Addr]():
		return netipAddr
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		return netIP
	case t.Kind() == reflect.String:
		return addressText
	}
	return nil
}

// checkAddress checks the length of an inet, which is 4 or 16 bytes.
func checkAddress(cell []byte) error {
	switch len(cell) {
	case 4, 16:
		return nil
	case 0:
		return ErrNull
	default:
		return fmt.Errorf("the cell has %d bytes instead of 4 or 16; was the table altered or made anew?", len(cell))
	}
}

func netipAddr(p unsafe.Pointer, cell []byte) error {
	if err := checkAddress(cell); err != nil {
		return err
	}
	*(*netip.Addr)(p), _ = netip.AddrFromSlice(cell)
	return nil
}

// netIP reads an IPv4 address that is written as an IPv6 one as what it is.
func netIP(p unsafe.Pointer, cell []byte) error {
	if len(cell) == 0 {
		*(*net.IP)(p) = nil
		return nil
	}
	if err := checkAddress(cell); err != nil {
		return err
	}
	if v4 := net.IP(cell).To4(); v4 != nil {
		cell = v4
	}
	*(*net.IP)(p) = append(make(net.IP, 0, len(cell)), cell...)
	return nil
}

func addressText(p unsafe.Pointer, cell []byte) error {
	if err := checkAddress(cell); err != nil {
		return err
	}
	*(*string)(p) = net.IP(cell).String()
	return nil
}

func uuidBytes(p unsafe.Pointer, cell []byte) error {
	if len(cell) == 0 {
		*(*[]byte)(p) = nil
		return nil
	}
	if err := width(cell, 16); err != nil {
		return err
	}
	return blob(p, cell)
}

func uuidText(p unsafe.Pointer, cell []byte) error {
	if err := width(cell, 16); err != nil {
		return err
	}
	*(*string)(p) = gocql.UUID(cell).String()
	return nil
}
