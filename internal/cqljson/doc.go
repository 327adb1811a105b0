// Package cqljson writes the cells of rows as JSON and reads them back: the form that Cassandra's SELECT JSON gives and
// INSERT JSON takes (cassandra.apache.org, "JSON Support").
//
// It departs from what SELECT JSON gives where that would lose something, for another form that INSERT JSON takes:
// decimals are texts, as the server reads a number as a double; so are NaN, Infinity and -Infinity, which SELECT JSON
// makes null; timestamps before 1583 or after 9999 are numbers of milliseconds, as the server writes no era and no
// Gregorian date for them; a duration of zero is "0s" and not empty. A value of no bytes is "", of a tuple [] and of a
// user-defined type {}. A tuple or user-defined type that ends early, written before its type had all the parts, has
// fewer of them. So every value comes back as it was, byte by byte, unless its bytes are another encoding of the same
// value than the server's own: a varint with superfluous bytes, a NaN with a payload.
//
// What is read may also have the server's other forms: numbers and whole collections as texts, numbers without quotes for
// decimals. A name that has capitals, of a column or a field, has quotes of its own; without them names are in any case.
package cqljson
