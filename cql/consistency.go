package cql

import (
	"fmt"
	"strings"
)

// Consistency is a consistency level. The zero value stands for the session's default, which is LocalQuorum unless
// [Connect] is told otherwise: reading and writing at it sees one's own writes, and survives a node that has restarted
// without its data.
type Consistency uint8

// The consistency levels of CQL.
const (
	DefaultConsistency Consistency = iota
	Any
	One
	Two
	Three
	Quorum
	All
	LocalQuorum
	EachQuorum
	LocalOne
	Serial
	LocalSerial
)

var consistencyNames = [...]string{
	DefaultConsistency: "DEFAULT", Any: "ANY", One: "ONE", Two: "TWO", Three: "THREE", Quorum: "QUORUM",
	All: "ALL", LocalQuorum: "LOCAL_QUORUM", EachQuorum: "EACH_QUORUM", LocalOne: "LOCAL_ONE", Serial: "SERIAL",
	LocalSerial: "LOCAL_SERIAL",
}

// String gives the level as CQL writes it.
func (c Consistency) String() string { return consistencyNames[c] }

// MarshalText gives the level as CQL writes it.
func (c Consistency) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads a level as CQL writes it, so that a Consistency can be a flag (flag.TextVar).
func (c *Consistency) UnmarshalText(text []byte) error {
	for i := Any; int(i) < len(consistencyNames); i++ {
		if strings.EqualFold(consistencyNames[i], string(text)) {
			*c = i
			return nil
		}
	}
	return fmt.Errorf("cql: no consistency level %q; take one of %s", text, strings.Join(consistencyNames[Any:], ", "))
}
