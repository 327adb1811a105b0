package cqltest

import (
	"encoding/binary"
	"maps"
	"slices"
	"strings"

	"github.com/gocql/gocql"

	"github.com/rxcql/rxcql/cql/cqltest/internal/syntax"
	"github.com/rxcql/rxcql/cql/cqltest/internal/types"
)

type columnKind string

const (
	partitionKey columnKind = "partition_key"
	clusteringCl columnKind = "clustering"
	staticColumn columnKind = "static"
	regular      columnKind = "regular"
)

// column is a column of one version of a schema. Its slot is where values of it are kept; a column that is dropped and
// added again gets another one.
type column struct {
	name string
	typ  *types.Type
	kind columnKind
	pos  int // among the partition key's or the clustering columns
	desc bool
	slot int
}

// schema is one version of a table's definition. It never changes: ALTER makes another one.
type schema struct {
	keyspace, name string
	id             gocql.UUID
	pk, ck         []*column
	rest           []*column // static columns by name, then regular ones by name, as SELECT * orders them
	declared       []*column // as CREATE TABLE lists them
	dropped        map[string]*column
	slots          int
	counter        bool // of a counter table, also when all counters are dropped
}

func (s *schema) column(name string) *column {
	for _, c := range s.declared {
		if c.name == name {
			return c
		}
	}
	return nil
}

// find is column with an error for what does not exist.
func (s *schema) find(n syntax.Name) (*column, error) {
	if c := s.column(n.Name); c != nil {
		return c, nil
	}
	return nil, invalidAt(n.Pos, "Undefined column name %s in table %s.%s", n.Name, s.keyspace, s.name)
}

// all are the columns in the order of SELECT *.
func (s *schema) all() []*column { return slices.Concat(s.pk, s.ck, s.rest) }

// arrange derives everything from the declared columns.
func (s *schema) arrange() {
	s.pk, s.ck, s.rest = nil, nil, nil
	var statics, regulars []*column
	for _, c := range s.declared {
		switch c.kind {
		case partitionKey:
			s.pk = append(s.pk, c)
		case clusteringCl:
			s.ck = append(s.ck, c)
		case staticColumn:
			statics = append(statics, c)
		default:
			regulars = append(regulars, c)
		}
	}
	byPos := func(a, b *column) int { return a.pos - b.pos }
	byName := func(a, b *column) int { return strings.Compare(a.name, b.name) }
	slices.SortFunc(s.pk, byPos)
	slices.SortFunc(s.ck, byPos)
	slices.SortFunc(statics, byName)
	slices.SortFunc(regulars, byName)
	s.rest = append(statics, regulars...)
}

// clone copies the schema and its columns for a change.
func (s *schema) clone() *schema {
	n := *s
	n.declared, n.dropped = nil, maps.Clone(s.dropped)
	for _, c := range s.declared {
		cc := *c
		n.declared = append(n.declared, &cc)
	}
	return &n
}

// compareClustering orders two clusterings, or the prefixes of them that both have.
func (s *schema) compareClustering(a, b [][]byte) int {
	for i := range min(len(a), len(b), len(s.ck)) {
		c := types.Compare(s.ck[i].typ, a[i], b[i])
		if s.ck[i].desc {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

// newSchema checks a CREATE TABLE.
func newSchema(st *syntax.CreateTable) (*schema, error) {
	s := &schema{keyspace: st.Table.Keyspace, name: st.Table.Name, dropped: map[string]*column{}}
	for _, d := range st.Columns {
		if s.column(d.Name.Name) != nil {
			return nil, invalidAt(d.Name.Pos, "Duplicate column '%s' declaration for table '%s'", d.Name.Name, s.name)
		}
		c := &column{name: d.Name.Name, typ: d.Type, kind: regular, pos: -1, slot: s.slots}
		if d.Static {
			c.kind = staticColumn
		}
		s.declared = append(s.declared, c)
		s.slots++
		s.counter = s.counter || c.typ.Kind == types.Counter
	}
	if err := s.key(st.PartitionKey, partitionKey); err != nil {
		return nil, err
	}
	if err := s.key(st.Clustering, clusteringCl); err != nil {
		return nil, err
	}
	s.arrange()
	if err := s.order(st.Order); err != nil {
		return nil, err
	}
	return s, s.check(st.Table.Pos)
}

func (s *schema) key(names []syntax.Name, kind columnKind) error {
	for i, n := range names {
		c := s.column(n.Name)
		switch {
		case c == nil:
			return invalidAt(n.Pos, "Unknown column '%s' referenced in PRIMARY KEY for table '%s'", n.Name, s.name)
		case c.kind == staticColumn:
			return invalidAt(n.Pos, "Static column '%s' cannot be part of the PRIMARY KEY", n.Name)
		case c.kind != regular:
			return invalidAt(n.Pos, "Duplicate column '%s' in PRIMARY KEY", n.Name)
		case c.typ.IsMulticell() || c.typ.Kind == types.Duration || c.typ.Kind == types.Counter:
			return invalidAt(n.Pos, "Invalid type %s for PRIMARY KEY column '%s'", c.typ, n.Name)
		}
		c.kind, c.pos = kind, i
	}
	return nil
}

func (s *schema) order(order []syntax.Order) error {
	for i, o := range order {
		if i >= len(s.ck) || s.ck[i].name != o.Column.Name {
			return invalidAt(o.Column.Pos, "Clustering key columns must exactly match columns in CLUSTERING ORDER BY directive")
		}
		s.ck[i].desc = o.Desc
	}
	if len(order) > 0 && len(order) < len(s.ck) {
		return invalidAt(order[0].Column.Pos, "Missing CLUSTERING ORDER for column %s", s.ck[len(order)].name)
	}
	return nil
}

func (s *schema) check(pos syntax.Pos) error {
	for _, c := range s.rest {
		if s.counter && c.typ.Kind != types.Counter {
			return invalidAt(pos, "Cannot mix counter and non counter columns in the same table")
		}
		if c.kind == staticColumn && len(s.ck) == 0 {
			return invalidAt(pos, "Static columns are only useful (and thus allowed) if the table has at least one clustering column")
		}
	}
	return nil
}

// tableID makes ids that differ for each creation, as version-1 UUIDs do in Cassandra.
func tableID(n uint64) gocql.UUID {
	u := gocql.UUID{0: 0xc9, 1: 0x1e, 6: 0x10, 8: 0x80}
	binary.BigEndian.PutUint32(u[12:], uint32(n))
	return u
}
