// Package decode turns the cells of a page into rows of a Go type.
//
// A [Decoder] is bound to a result's columns once, and again only when they change: for each column it finds the
// field, and for each pair of CQL type and Go type the function that writes the cell straight to the field's place.
// All are ours: the driver's own decoding trusts the bytes.
//
// Nothing is guessed: a pair that does not go together, a null for what cannot hold one, a number out of range, a cell
// of the wrong width, a column without a field and a field without a column are errors that name the column. A cell is
// not trusted: whatever its bytes are, the outcome is their value or an error, and no more is allocated than they are
// good for.
//
// # What goes together
//
//	ascii, text          string, []byte; what unmarshals itself from text
//	blob, custom types   []byte; a blob string and [n]byte too, if it has n bytes
//	tinyint … counter    integers, if the value is in their range; big.Int
//	varint               integers, if the value is in their range; big.Int, string
//	decimal              inf.Dec, string
//	float                float32, float64
//	double               float64
//	boolean              bool
//	uuid, timeuuid       gocql.UUID, [16]byte, []byte, string; a timeuuid time.Time too, for its time
//	inet                 net.IP, netip.Addr, []byte, string
//	timestamp            time.Time in UTC; int64, for milliseconds since 1970
//	date                 time.Time, for the day's start in UTC; string
//	time                 time.Duration, int64, for nanoseconds since midnight
//	duration             gocql.Duration; time.Duration, if it has no months and no days
//	list, set            []T, [n]T, if there are n elements; a set map[T]struct{} too
//	vector               []T, [n]T
//	map                  map[K]V; [][2]any, for keys that Go cannot compare
//	tuple                struct, by the order of its fields; []T, [n]T, where T is any or goes with all elements
//	user-defined type    struct, by the names of its fields; map[string]T
//
// A type goes where one of its kind does: type Celsius float64 where float64 does. A pointer goes where what it points
// to does, and is nil for null. So do sql.Null[T] and its relatives, which are not valid for null. uuid, inet, date,
// varint and decimal go into what unmarshals itself from text, too. An sql.Scanner gets an int64, float64, bool,
// []byte, string or time.Time; a gocql.Unmarshaler a copy of the cell.
//
// Into an any goes what is natural for the CQL type, the same as the driver's MapScan gives: string for text and inet,
// int for int, int64, int16 and int8 for the other integers, *big.Int for varint, *inf.Dec for decimal, float32,
// float64, bool, []byte for blob, gocql.UUID, time.Time for timestamp and date, time.Duration for time,
// gocql.Duration, []T, map[K]V, []any for a tuple and map[string]any for a user-defined type, with nil for what is null
// in them. Beyond the driver's: []T for a vector, [][2]any for a map whose keys Go cannot compare, []byte for a custom
// type.
//
// A null, or an empty value where a type has none, needs a place: a pointer, sql.Null, slice, map or any. Else it is
// [ErrNull]. An empty timestamp or date, as the driver writes time.Time{}, reads as that.
package decode
