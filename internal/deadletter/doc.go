// Package deadletter is the format of a dead-letter file: one JSON object a line, for people to look into and for
// programs to read back. sink writes it and source reads it, which may not import each other.
//
// What a line has of the row is exact: reading gives the value that was written, for every Go type that a row may have.
// encoding/json does not: it loses NaN and infinities, bytes that are no UTF-8, the type of what is in an any, the
// difference of nil and empty, and what a type's tags or methods leave out. The values are
//
//	bool, integers               as in JSON
//	floats                       as in JSON; "NaN:" and its bits in hexadecimal, "+Inf", "-Inf"
//	string                       as in JSON; {"base64": "…"} if it is no UTF-8
//	[]byte and arrays of bytes   a string in base64
//	slices and arrays            an array
//	maps                         an array of [key, value]
//	structs                      an object of the exported fields, by the names in Go
//	structs with hidden fields   a string, by their MarshalText, or in base64 by their MarshalBinary, if they have these
//	pointers                     null, or as what they point to; [value] where that may be null itself
//	any                          null, or {"type": value} with the Go type, such as int64, []string or map[string]any
//	nil slices and maps          null
//	time.Time                    RFC 3339, or "@seconds.nanoseconds" since 1970 where that has no form for it
//	inf.Dec                      "unscaled E exponent", such as 125E-2
//	schema-driven rows           their columns, with types, and the cells as the server sent them in base64
package deadletter
