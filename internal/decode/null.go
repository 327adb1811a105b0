package decode

import (
	"reflect"

	"github.com/gocql/gocql"

	"github.com/rxcql/rxcql/cql"
)

// nulls tells what is null to a Go type that has a place for it: null, and an empty value where the CQL type has none.
// Cassandra takes such for many types, the driver writes one for time.Time{}, and none of them means more than null.
type nulls struct{ empty bool }

// nullsFor is for what holds a t or null. A t that decodes itself as the driver has it sees empty values, too.
func nullsFor(ct cql.Type, t reflect.Type) nulls {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return nulls{empty: !hasEmpty(ct.Kind) && !implements[gocql.Unmarshaler](t)}
}

func (n nulls) is(cell []byte) bool { return len(cell) == 0 && (n.empty || cell == nil) }

// hasEmpty tells the types of which no bytes are a value of its own, or a broken one.
func hasEmpty(kind cql.Kind) bool {
	switch kind {
	case cql.Ascii, cql.Text, cql.Varchar, cql.Blob, cql.Custom: // the empty one
		return true
	case cql.Tuple, cql.UDT: // one of nulls
		return true
	case cql.List, cql.Set, cql.Map: // without its count
		return true
	}
	return false
}
