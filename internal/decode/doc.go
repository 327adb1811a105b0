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
// What goes together, and what is natural for an any, is told in package cql, whose Type.Marshal is the reverse.
package decode
