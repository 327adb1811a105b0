// Package syntax turns CQL text into statements. It knows no schema: which columns exist and of what type they are is
// for the caller to say.
package syntax

import "github.com/rxcql/rxcql/cql/cqltest/internal/types"

// Statement is one of the structs below, by pointer.
type Statement interface{ statement() }

// Table names a table; Keyspace is empty when the text leaves it out.
type Table struct {
	Keyspace, Name string
	Pos            Pos
}

// Name is an identifier with its place.
type Name struct {
	Name string
	Pos  Pos
}

// TermKind tells which fields of a Term are set.
type TermKind int

// The kinds of terms.
const (
	Null    TermKind = iota
	Literal          // Lit, Text
	Marker           // Index, Text (the name, may be empty)
	List             // Elems: [a, b]
	Set              // Elems: {a, b}
	Map              // Elems: {k: v, …}, alternating
	Tuple            // Elems: (a, b)
	Call             // Text (the function), Elems
)

// Term is a value as written.
type Term struct {
	Kind  TermKind
	Lit   types.LiteralKind
	Text  string
	Index int // of a marker, from 0 in the order of the text
	Elems []Term
	Pos   Pos
}

// Relation is one condition of WHERE: Columns has several names for (a, b) > (x, y) and for token(a, b).
type Relation struct {
	Columns []Name
	Token   bool
	Multi   bool
	Key     *Term  // m[key] = …, in IF only
	Op      string // = < <= > >= != IN CONTAINS, CONTAINS KEY
	Terms   []Term // one; for IN (…) one for each; a sole marker for IN ?
	InList  bool   // IN (…), not IN ?
	Pos     Pos
}

// Selector is one entry of a selection.
type Selector struct {
	Column Name
	Func   string // "", count, token, writetime, ttl
	Args   []Name // of token
	Alias  string
	Pos    Pos
}

// Order is one column of ORDER BY.
type Order struct {
	Column Name
	Desc   bool
}

// Select is SELECT; Selectors is nil for *.
type Select struct {
	Table               Table
	Selectors           []Selector
	Distinct            bool
	Where               []Relation
	Order               []Order
	Limit, PerPartition *Term
	AllowFiltering      bool
}

// Using is USING TTL … AND TIMESTAMP ….
type Using struct{ TTL, Timestamp *Term }

// Insert is INSERT.
type Insert struct {
	Table       Table
	Columns     []Name
	Values      []Term
	IfNotExists bool
	Using       Using
}

// Assignment is one of UPDATE's: column = Value, column = column Op Value, column = Value + column (Prepend), or
// column[Key] = Value.
type Assignment struct {
	Column  Name
	Key     *Term
	Op      string // "", "+", "-"
	Prepend bool
	Value   Term
}

// Update is UPDATE.
type Update struct {
	Table    Table
	Using    Using
	Set      []Assignment
	Where    []Relation
	IfExists bool
	If       []Relation
}

// Deletion is a column, or one element of it.
type Deletion struct {
	Column Name
	Key    *Term
}

// Delete is DELETE; without columns it deletes rows.
type Delete struct {
	Table    Table
	Columns  []Deletion
	Using    Using
	Where    []Relation
	IfExists bool
	If       []Relation
}

// Use is USE.
type Use struct{ Keyspace Name }

// CreateKeyspace is CREATE KEYSPACE.
type CreateKeyspace struct {
	Name          Name
	IfNotExists   bool
	Replication   map[string]string
	DurableWrites bool
}

// DropKeyspace is DROP KEYSPACE.
type DropKeyspace struct {
	Name     Name
	IfExists bool
}

// ColumnDef is a column of CREATE TABLE or ALTER TABLE ADD.
type ColumnDef struct {
	Name   Name
	Type   *types.Type
	Static bool
}

// CreateTable is CREATE TABLE.
type CreateTable struct {
	Table                    Table
	IfNotExists              bool
	Columns                  []ColumnDef
	PartitionKey, Clustering []Name
	Order                    []Order
}

// DropTable is DROP TABLE.
type DropTable struct {
	Table    Table
	IfExists bool
}

// Truncate is TRUNCATE.
type Truncate struct{ Table Table }

// Rename is one of ALTER TABLE RENAME's.
type Rename struct{ From, To Name }

// AlterTable is ALTER TABLE; one of the lists is set.
type AlterTable struct {
	Table  Table
	Add    []ColumnDef
	Drop   []Name
	Rename []Rename
}

func (*Select) statement()         {}
func (*Insert) statement()         {}
func (*Update) statement()         {}
func (*Delete) statement()         {}
func (*Use) statement()            {}
func (*CreateKeyspace) statement() {}
func (*DropKeyspace) statement()   {}
func (*CreateTable) statement()    {}
func (*DropTable) statement()      {}
func (*Truncate) statement()       {}
func (*AlterTable) statement()     {}

// Target is the table that a statement reads or writes, if it is about one.
func Target(s Statement) (Table, bool) {
	switch s := s.(type) {
	case *Select:
		return s.Table, true
	case *Insert:
		return s.Table, true
	case *Update:
		return s.Table, true
	case *Delete:
		return s.Table, true
	case *CreateTable:
		return s.Table, true
	case *DropTable:
		return s.Table, true
	case *Truncate:
		return s.Table, true
	case *AlterTable:
		return s.Table, true
	}
	return Table{}, false
}
