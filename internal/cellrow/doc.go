// Package cellrow opens the items that are written to files as rows of encoded cells, so that every format means the same
// by a struct: its fields by tag `cql:"name"` or by name in snake_case, each of the CQL type that its column has, or, where
// nobody says, of the one that holds all its values. Items that bring their columns are rows by themselves.
package cellrow
