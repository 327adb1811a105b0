// Package clustering knows the order of the values of a clustering column, as far as it takes to cut the rows of a
// partition in two wherever they are. It does no I/O.
package clustering

import "github.com/gocql/gocql"

// Value is a value as the protocol encodes it, or none if it is nil.
type Value []byte

// MarshalCQL makes it an argument for a marker of its type.
func (v Value) MarshalCQL(gocql.TypeInfo) ([]byte, error) { return v, nil }

// Span is the values v of a column with Lo ≤ v < Hi. Without Lo it starts with the least of all, without Hi it ends with
// the greatest.
type Span struct{ Lo, Hi Value }

// Order is the order of the values of a type, from the least to the greatest.
type Order interface {
	// Cut gives a value M that cuts a span into Lo … M and M … Hi; none if the span has a single value, or none that it
	// could be cut by. However it is cut, and its parts are, whatever value is sought is alone in its span soon.
	Cut(Span) Value
	// Single gives the value of a span that has only one, else none.
	Single(Span) Value
	// Depth is how many cuts lead, at most, from the whole to any one value; of a type whose values may be of any length,
	// to one of up to 40 bytes.
	Depth() int
}

// OrderOf is the order of a type as CQL writes it; nil if it is not known here, as for collections, decimals or floats.
func OrderOf(cqlType string) Order {
	switch cqlType {
	case "tinyint":
		return signed(1)
	case "smallint":
		return signed(2)
	case "int":
		return signed(4)
	case "bigint", "timestamp":
		return signed(8)
	case "date":
		return unsigned(4)
	case "time":
		return timeOfDay
	case "uuid":
		return uuid
	case "timeuuid":
		return timeuuid
	case "blob":
		return digits{base: 1 << 8, decode: bytesToDigits, encode: digitsToBytes}
	case "ascii":
		return digits{base: 1 << 7, decode: bytesToDigits, encode: digitsToBytes}
	case "text", "varchar":
		return digits{base: runes, decode: textToDigits, encode: digitsToText}
	}
	return nil
}
