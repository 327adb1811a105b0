package cql

// Kind is the kind of a CQL type: its option id in the native protocol, where it has one.
type Kind uint16

// The kinds of CQL types (native protocol v4, section 6). A vector has no id there: the server sends it as a custom
// type.
const (
	Custom    Kind = 0x0000
	Ascii     Kind = 0x0001
	Bigint    Kind = 0x0002
	Blob      Kind = 0x0003
	Boolean   Kind = 0x0004
	Counter   Kind = 0x0005
	Decimal   Kind = 0x0006
	Double    Kind = 0x0007
	Float     Kind = 0x0008
	Int       Kind = 0x0009
	Text      Kind = 0x000A
	Timestamp Kind = 0x000B
	UUID      Kind = 0x000C
	Varchar   Kind = 0x000D
	Varint    Kind = 0x000E
	Timeuuid  Kind = 0x000F
	Inet      Kind = 0x0010
	Date      Kind = 0x0011
	Time      Kind = 0x0012
	Smallint  Kind = 0x0013
	Tinyint   Kind = 0x0014
	Duration  Kind = 0x0015
	List      Kind = 0x0020
	Map       Kind = 0x0021
	Set       Kind = 0x0022
	UDT       Kind = 0x0030
	Tuple     Kind = 0x0031
	Vector    Kind = 0xFF00
)

var kindNames = map[Kind]string{
	Custom: "custom", Ascii: "ascii", Bigint: "bigint", Blob: "blob", Boolean: "boolean", Counter: "counter",
	Decimal: "decimal", Double: "double", Float: "float", Int: "int", Text: "text", Timestamp: "timestamp",
	UUID: "uuid", Varchar: "text", Varint: "varint", Timeuuid: "timeuuid", Inet: "inet", Date: "date", Time: "time",
	Smallint: "smallint", Tinyint: "tinyint", Duration: "duration", List: "list", Map: "map", Set: "set", UDT: "udt",
	Tuple: "tuple", Vector: "vector",
}

// String gives the kind's name in CQL; varchar is text.
func (k Kind) String() string { return kindNames[k] }
