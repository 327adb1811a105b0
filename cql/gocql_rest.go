package cql

import (
	"reflect"
	"slices"
	"unsafe"

	"github.com/gocql/gocql"

	"github.com/rxcql/rxcql/internal/wire"
)

// restOf gives what an Iter has not read yet of its page: rows of cells, each with its length in front of it. The driver
// offers no way to get at it, and taking rows out of it by Scan costs several times what it costs here. It is nil if this
// version of the driver keeps it elsewhere than where it is looked for; then Scan serves. Nothing is ever written there,
// and [gocqlPage] believes it only where it is what Scan reads.
var restOf = findRest()

func findRest() func(*gocql.Iter) []byte {
	framer, ok := reflect.TypeFor[gocql.Iter]().FieldByName("framer")
	if !ok || framer.Type.Kind() != reflect.Pointer || framer.Type.Elem().Kind() != reflect.Struct {
		return nil
	}
	buf, ok := framer.Type.Elem().FieldByName("buf")
	if !ok || buf.Type != reflect.TypeFor[[]byte]() {
		return nil
	}
	return func(iter *gocql.Iter) []byte {
		f := reflect.ValueOf(iter).Elem().FieldByIndex(framer.Index)
		if f.IsNil() {
			return nil
		}
		return f.Elem().FieldByIndex(buf.Index).Bytes()
	}
}

func (p *gocqlPage) Rest() ([]byte, bool) { return p.rest, p.direct }

// readFrom tells whether the row that the driver has just read is the one that unread begins with, cell by cell, each at
// its place in memory, and whether the driver goes on from where it ends. If so it gives what is behind the row.
func (p *gocqlPage) readFrom(unread []byte) (rest []byte, ok bool) {
	if unread == nil {
		return nil, false
	}
	cells := make([][]byte, len(p.cells))
	rest, err := wire.Row(cells, unread)
	if err != nil || !slices.EqualFunc(cells, p.cells, same) || !same(rest, restOf(p.iter)) {
		return nil, false
	}
	return rest, true
}

// same tells whether two slices are the same bytes at the same place.
func same(a, b []byte) bool {
	return (a == nil) == (b == nil) && len(a) == len(b) && (len(a) == 0 || unsafe.SliceData(a) == unsafe.SliceData(b))
}
