package types

import (
	"fmt"
	"unicode/utf8"
)

// complaint is an error in Cassandra's own words, capitals and full stops included.
type complaint string

func (c complaint) Error() string { return string(c) }

func complain(format string, args ...any) error { return complaint(fmt.Sprintf(format, args...)) }

// width is the number of bytes of a fixed-size type, 0 for the others.
func width(k Kind) int {
	switch k {
	case Tinyint, Boolean:
		return 1
	case Smallint:
		return 2
	case Int, Float, Date:
		return 4
	case Bigint, Counter, Double, Timestamp, Time:
		return 8
	case UUID, Timeuuid:
		return 16
	}
	return 0
}

// Validate says what is wrong with bytes that are to be a value of the type. Null is not a value.
func Validate(t *Type, b []byte) error {
	if w := width(t.Kind); w > 0 {
		emptyAllowed := t.Kind != Smallint && t.Kind != Tinyint && t.Kind != Date && t.Kind != Time
		switch {
		case len(b) == 0 && emptyAllowed:
			return nil
		case len(b) != w && emptyAllowed:
			return complain("Expected %d or 0 byte %s (%d)", w, t, len(b))
		case len(b) != w:
			return complain("Expected %d byte %s (%d)", w, t, len(b))
		case t.Kind == Timeuuid && b[6]>>4 != 1:
			return complain("Invalid version for TimeUUID type.")
		}
		return nil
	}
	switch t.Kind {
	case Text:
		if !utf8.Valid(b) {
			return complain("String didn't validate.")
		}
	case Ascii:
		for _, c := range b {
			if c > 127 {
				return complain("Invalid byte for ascii: %d", int8(c))
			}
		}
	case Inet:
		if n := len(b); n != 0 && n != 4 && n != 16 {
			return complain("Expected 4 or 16 byte inetaddress; got %d", n)
		}
	case Decimal:
		if n := len(b); n != 0 && n < 5 {
			return complain("Expected 0 or at least 5 bytes for a decimal; got %d", n)
		}
	case Duration:
		if len(b) < 3 {
			return complain("Expected at least 3 bytes for a duration (%d)", len(b))
		}
	case List, Set, Map, Tuple, Custom:
		return validateElements(t, b)
	}
	return nil
}

func validateElements(t *Type, b []byte) error {
	elems, err := Split(t, b)
	if err != nil {
		return fmt.Errorf("invalid %s: %w", t, err)
	}
	if t.Kind == Tuple && len(elems) > len(t.Elems) {
		return fmt.Errorf("invalid %s: %d components", t, len(elems))
	}
	for i, e := range elems {
		if e == nil {
			continue
		}
		if err := Validate(t.Elem(i), e); err != nil {
			return fmt.Errorf("invalid %s: element %d: %w", t, i, err)
		}
	}
	return nil
}
