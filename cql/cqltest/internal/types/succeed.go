package types

import "slices"

// CanSucceed says whether a column of the type may have the name of a dropped column of the old type. What was written
// to that may still be found, and must then be readable; Cassandra allows less than would be.
func (t *Type) CanSucceed(old *Type) bool {
	if t.IsMulticell() != old.IsMulticell() {
		return false
	}
	if t.Kind == old.Kind {
		return t.elementsCanSucceed(old)
	}
	switch t.Kind {
	case Blob: // of everything that Cassandra keeps with its length, which is not quite what has no fixed one
		return slices.Contains([]Kind{Ascii, Text, Decimal, Varint, Duration, Inet, Date, Time, Smallint, Tinyint,
			List, Set, Map, Tuple}, old.Kind)
	case Text:
		return old.Kind == Ascii
	case Bigint:
		return old.Kind == Timestamp
	case Timestamp:
		return old.Kind == Bigint
	case UUID:
		return old.Kind == Timeuuid
	}
	return false
}

// elementsCanSucceed: tuples may grow.
func (t *Type) elementsCanSucceed(old *Type) bool {
	if t.Dim != old.Dim || len(t.Elems) < len(old.Elems) {
		return false
	}
	for i, e := range old.Elems {
		if !t.Elems[i].CanSucceed(e) {
			return false
		}
	}
	return true
}
