// Package types knows the CQL types as the bytes that stand for their values: how they are named, checked, compared and
// written down as literals.
package types

import (
	"fmt"
	"strconv"
	"strings"
)

// Kind is the option id of a type in the native protocol.
type Kind uint16

// The option ids of the native protocol, version 4. A vector travels as Custom.
const (
	Custom    Kind = 0x00
	Ascii     Kind = 0x01
	Bigint    Kind = 0x02
	Blob      Kind = 0x03
	Boolean   Kind = 0x04
	Counter   Kind = 0x05
	Decimal   Kind = 0x06
	Double    Kind = 0x07
	Float     Kind = 0x08
	Int       Kind = 0x09
	Timestamp Kind = 0x0B
	UUID      Kind = 0x0C
	Text      Kind = 0x0D
	Varint    Kind = 0x0E
	Timeuuid  Kind = 0x0F
	Inet      Kind = 0x10
	Date      Kind = 0x11
	Time      Kind = 0x12
	Smallint  Kind = 0x13
	Tinyint   Kind = 0x14
	Duration  Kind = 0x15
	List      Kind = 0x20
	Map       Kind = 0x21
	Set       Kind = 0x22
	Tuple     Kind = 0x31
)

var names = map[Kind]string{
	Ascii: "ascii", Bigint: "bigint", Blob: "blob", Boolean: "boolean", Counter: "counter", Decimal: "decimal",
	Double: "double", Float: "float", Int: "int", Timestamp: "timestamp", UUID: "uuid", Text: "text",
	Varint: "varint", Timeuuid: "timeuuid", Inet: "inet", Date: "date", Time: "time", Smallint: "smallint",
	Tinyint: "tinyint", Duration: "duration", List: "list", Map: "map", Set: "set", Tuple: "tuple",
}

var natives = func() map[string]*Type {
	m := map[string]*Type{}
	for k, n := range names {
		if k < List {
			m[n] = &Type{Kind: k}
		}
	}
	m["varchar"] = m["text"]
	return m
}()

// Type is a CQL type. Elems are a list's or set's element, a map's key and value, a tuple's components, a vector's
// element.
type Type struct {
	Kind   Kind
	Elems  []*Type
	Frozen bool
	Dim    int // length of a vector
}

// Native returns the native type of that name.
func Native(name string) (*Type, bool) {
	t, ok := natives[strings.ToLower(name)]
	return t, ok
}

// Of makes the native type of that kind.
func Of(k Kind) *Type { return &Type{Kind: k} }

// ListOf makes a frozen list.
func ListOf(e *Type) *Type { return &Type{Kind: List, Elems: []*Type{e}, Frozen: true} }

// String is the name that CQL gives the type.
func (t *Type) String() string {
	if t.Kind == Custom {
		return fmt.Sprintf("vector<%s, %d>", t.Elems[0], t.Dim)
	}
	name := names[t.Kind]
	if len(t.Elems) == 0 {
		return name
	}
	parts := make([]string, len(t.Elems))
	for i, e := range t.Elems {
		parts[i] = e.String()
	}
	name += "<" + strings.Join(parts, ", ") + ">"
	if t.Frozen && t.Kind != Tuple {
		name = "frozen<" + name + ">"
	}
	if t.Kind == Tuple {
		name = "frozen<" + name + ">" // tuples are always frozen, and the schema tables say so
	}
	return name
}

// Freeze returns the frozen form of the type, at every depth.
func (t *Type) Freeze() *Type {
	if len(t.Elems) == 0 {
		return t
	}
	f := &Type{Kind: t.Kind, Frozen: true, Dim: t.Dim}
	for _, e := range t.Elems {
		f.Elems = append(f.Elems, e.Freeze())
	}
	return f
}

// IsCollection says whether the type is a list, set or map.
func (t *Type) IsCollection() bool { return t.Kind == List || t.Kind == Set || t.Kind == Map }

// IsMulticell says whether single elements of a value can be changed.
func (t *Type) IsMulticell() bool { return t.IsCollection() && !t.Frozen }

// AppendOption appends the type as the protocol's [option].
func (t *Type) AppendOption(b []byte) []byte {
	b = append(b, byte(t.Kind>>8), byte(t.Kind))
	switch t.Kind {
	case Custom:
		s := t.class()
		b = append(b, byte(len(s)>>8), byte(len(s)))
		return append(b, s...)
	case Tuple:
		b = append(b, byte(len(t.Elems)>>8), byte(len(t.Elems)))
	}
	for _, e := range t.Elems {
		b = e.AppendOption(b)
	}
	return b
}

const marshalPackage = "org.apache.cassandra.db.marshal."

func (t *Type) class() string {
	if t.Kind == Custom {
		return marshalPackage + "VectorType(" + t.Elems[0].class() + " , " + strconv.Itoa(t.Dim) + ")"
	}
	classes := map[Kind]string{Float: "FloatType", Double: "DoubleType", Int: "Int32Type", Bigint: "LongType"}
	return marshalPackage + classes[t.Kind]
}

// VectorOf makes a vector of n elements; the element must be a float, double, int or bigint.
func VectorOf(e *Type, n int) (*Type, error) {
	switch e.Kind {
	case Float, Double, Int, Bigint:
		if n < 1 || n > 1<<13 {
			return nil, fmt.Errorf("a vector has 1 to %d elements, not %d", 1<<13, n)
		}
		return &Type{Kind: Custom, Elems: []*Type{e}, Dim: n, Frozen: true}, nil
	}
	return nil, fmt.Errorf("cqltest does not support vectors of %s", e)
}
