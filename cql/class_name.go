package cql

import (
	"encoding/hex"
	"strconv"
	"strings"
)

// className reads what the server calls a type that the protocol has no id for, its class with the classes inside:
//
//	org.apache.cassandra.db.marshal.VectorType(org.apache.cassandra.db.marshal.FloatType, 3)
type className struct{ rest string }

const (
	classPrefix  = "org.apache.cassandra.db.marshal."
	deepestClass = 32 // types inside types; CQL's own are far from it
)

var kindOfClass = map[string]Kind{
	"AsciiType": Ascii, "LongType": Bigint, "BytesType": Blob, "BooleanType": Boolean, "CounterColumnType": Counter,
	"DecimalType": Decimal, "DoubleType": Double, "FloatType": Float, "Int32Type": Int, "UTF8Type": Varchar,
	"TimestampType": Timestamp, "DateType": Timestamp, "UUIDType": UUID, "LexicalUUIDType": UUID,
	"IntegerType": Varint, "TimeUUIDType": Timeuuid, "InetAddressType": Inet, "SimpleDateType": Date,
	"TimeType": Time, "ShortType": Smallint, "ByteType": Tinyint, "DurationType": Duration,
}

// typeOfClass gives the type that a class stands for; a custom type if that is not known.
func typeOfClass(class string) Type {
	c := className{class}
	if t, ok := c.parse(0); ok && c.rest == "" {
		return t
	}
	return Type{Kind: Custom, Name: class}
}

func (c *className) parse(depth int) (t Type, ok bool) {
	whole := c.rest
	name := strings.TrimPrefix(c.word(), classPrefix)
	if kind, native := kindOfClass[name]; native {
		return Type{Kind: kind}, true
	}
	if depth == deepestClass || !c.skip("(") {
		return t, false
	}
	inner := func(n int) []Type {
		elems := make([]Type, n)
		for i := range elems {
			if i == 0 || ok && c.skip(",") {
				elems[i], ok = c.parse(depth + 1)
			} else {
				ok = false
			}
		}
		return elems
	}
	switch name {
	case "FrozenType", "ReversedType":
		t = inner(1)[0]
	case "ListType":
		t = Type{Kind: List, Elems: inner(1)}
	case "SetType":
		t = Type{Kind: Set, Elems: inner(1)}
	case "MapType":
		t = Type{Kind: Map, Elems: inner(2)}
	case "VectorType":
		t = Type{Kind: Vector, Elems: inner(1)}
		t.Dimensions, ok = c.number(ok && c.skip(","))
	case "TupleType":
		t = Type{Kind: Tuple, Elems: inner(1)}
		for ok && c.skip(",") {
			t.Elems = append(t.Elems, inner(1)[0])
		}
	case "UserType":
		t, ok = c.userType(depth + 1)
	}
	if !ok || !c.skip(")") {
		return t, false
	}
	if name == "VectorType" {
		t.Name = whole[:len(whole)-len(c.rest)]
	}
	return t, true
}

// userType reads keyspace,name,field:class,… where all names but the keyspace's are in hexadecimal.
func (c *className) userType(depth int) (t Type, ok bool) {
	t = Type{Kind: UDT, Keyspace: c.word()}
	if t.Name, ok = c.hexWord(c.skip(",")); !ok {
		return t, false
	}
	for c.skip(",") {
		field, ok := c.hexWord(true)
		if !ok || !c.skip(":") {
			return t, false
		}
		elem, ok := c.parse(depth)
		if !ok {
			return t, false
		}
		t.Fields, t.Elems = append(t.Fields, field), append(t.Elems, elem)
	}
	return t, true
}

func (c *className) word() string {
	c.rest = strings.TrimLeft(c.rest, " ")
	n := strings.IndexAny(c.rest, "(), :")
	if n < 0 {
		n = len(c.rest)
	}
	word := c.rest[:n]
	c.rest = c.rest[n:]
	return word
}

func (c *className) hexWord(ok bool) (string, bool) {
	b, err := hex.DecodeString(c.word())
	return string(b), ok && err == nil
}

// maxDimensions is more than a vector in Cassandra has, and few enough to count with.
const maxDimensions = 1 << 20

func (c *className) number(ok bool) (int, bool) {
	n, err := strconv.Atoi(c.word())
	return n, ok && err == nil && n > 0 && n <= maxDimensions
}

func (c *className) skip(token string) bool {
	c.rest = strings.TrimLeft(c.rest, " ")
	if !strings.HasPrefix(c.rest, token) {
		return false
	}
	c.rest = c.rest[len(token):]
	return true
}
