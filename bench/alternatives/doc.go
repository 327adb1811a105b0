// Package alternatives measures what the core of a stream could have been made of, on one pipeline: a source of
// pointers, map, filter, count. DESIGN.md weighs the figures.
//
//	go test -bench . ./alternatives
package alternatives
