// Package decode turns the cells of a page into rows of a Go type.
//
// A [Decoder] is bound to a result's columns once, and again only when they change: for each column it finds the
// field, and for each pair of CQL type and Go type the function that writes the cell straight to the field's place.
// Pairs without a function of their own go through the driver's Unmarshal, so what the driver scans, this does.
//
// Nothing is guessed: a null for what cannot hold one, a number out of range, a cell of the wrong width, a column
// without a field and a field without a column are errors that name the column.
package decode
