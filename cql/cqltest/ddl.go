package cqltest

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/rxcql/rxcql/cql/cqltest/internal/syntax"
	"github.com/rxcql/rxcql/cql/cqltest/internal/types"
)

// change is a schema change as the protocol tells it; nil when nothing changed (IF NOT EXISTS).
type change struct{ what, target, keyspace, table string }

func (c *change) append(b []byte) []byte {
	for _, s := range []string{c.what, c.target, c.keyspace} {
		b = appendString(b, s)
	}
	if c.target == "TABLE" {
		b = appendString(b, c.table)
	}
	return b
}

// define runs a DDL statement; the caller holds the write lock.
func (db *database) define(st syntax.Statement, current string) (*change, error) {
	var c *change
	var err error
	switch st := st.(type) {
	case *syntax.CreateKeyspace:
		c, err = db.createKeyspace(st)
	case *syntax.DropKeyspace:
		c, err = db.dropKeyspace(st)
	case *syntax.CreateTable:
		c, err = db.createTable(st, current)
	case *syntax.DropTable:
		c, err = db.dropTable(st, current)
	case *syntax.AlterTable:
		c, err = db.alterTable(st, current)
	}
	if c != nil {
		db.version++
		db.system.Clear()
		db.forget(c.keyspace, c.table)
	}
	return c, err
}

func (db *database) createKeyspace(st *syntax.CreateKeyspace) (*change, error) {
	name := st.Name.Name
	if isSystem(name) {
		return nil, invalidAt(st.Name.Pos, "%s keyspace is not user-modifiable", name)
	}
	if db.keyspaces[name] != nil {
		if st.IfNotExists {
			return nil, nil
		}
		return nil, AlreadyExists(name, "")
	}
	replication := maps.Clone(st.Replication)
	if !strings.Contains(replication["class"], ".") {
		replication["class"] = "org.apache.cassandra.locator." + replication["class"]
	}
	db.keyspaces[name] = &keyspace{name, replication, st.DurableWrites, map[string]*table{}}
	return &change{"CREATED", "KEYSPACE", name, ""}, nil
}

func (db *database) dropKeyspace(st *syntax.DropKeyspace) (*change, error) {
	name := st.Name.Name
	if db.keyspaces[name] == nil {
		if st.IfExists {
			return nil, nil
		}
		return nil, invalidAt(st.Name.Pos, "Keyspace '%s' doesn't exist", name)
	}
	delete(db.keyspaces, name)
	return &change{"DROPPED", "KEYSPACE", name, ""}, nil
}

// owner is the keyspace that a table is or will be in.
func (db *database) owner(t syntax.Table, current string) (*keyspace, error) {
	name := t.Keyspace
	if name == "" {
		name = current
	}
	switch {
	case name == "":
		return nil, invalidAt(t.Pos, "No keyspace has been specified. USE a keyspace, or explicitly specify keyspace.tablename")
	case isSystem(name):
		return nil, invalidAt(t.Pos, "%s keyspace is not user-modifiable", name)
	case db.keyspaces[name] == nil:
		return nil, invalidAt(t.Pos, "Keyspace '%s' doesn't exist", name)
	}
	return db.keyspaces[name], nil
}

func (db *database) createTable(st *syntax.CreateTable, current string) (*change, error) {
	k, err := db.owner(st.Table, current)
	if err != nil {
		return nil, err
	}
	if k.tables[st.Table.Name] != nil {
		if st.IfNotExists {
			return nil, nil
		}
		return nil, AlreadyExists(k.name, st.Table.Name)
	}
	s, err := newSchema(st)
	if err != nil {
		return nil, err
	}
	s.keyspace, s.id = k.name, tableID(db.version+1)
	k.tables[s.name] = &table{schema: s, store: newStore(s)}
	db.created[[2]string{k.name, s.name}] = true
	return &change{"CREATED", "TABLE", k.name, s.name}, nil
}

func (db *database) dropTable(st *syntax.DropTable, current string) (*change, error) {
	k, err := db.owner(st.Table, current)
	if err != nil {
		return nil, err
	}
	if k.tables[st.Table.Name] == nil {
		if st.IfExists {
			return nil, nil
		}
		return nil, invalidAt(st.Table.Pos, "Table '%s.%s' doesn't exist", k.name, st.Table.Name)
	}
	delete(k.tables, st.Table.Name)
	return &change{"DROPPED", "TABLE", k.name, st.Table.Name}, nil
}

func (db *database) alterTable(st *syntax.AlterTable, current string) (*change, error) {
	k, err := db.owner(st.Table, current)
	if err != nil {
		return nil, err
	}
	tab := k.tables[st.Table.Name]
	if tab == nil {
		return nil, invalidAt(st.Table.Pos, "Table '%s.%s' doesn't exist", k.name, st.Table.Name)
	}
	s := tab.schema.clone()
	for _, d := range st.Add {
		if err := s.add(d); err != nil {
			return nil, err
		}
	}
	for _, n := range st.Drop {
		if err := s.drop(n); err != nil {
			return nil, err
		}
	}
	for _, r := range st.Rename {
		if err := s.rename(r); err != nil {
			return nil, err
		}
	}
	s.arrange()
	if err := s.check(st.Table.Pos); err != nil {
		return nil, err
	}
	tab.schema = s
	return &change{"UPDATED", "TABLE", k.name, s.name}, nil
}

func (s *schema) add(d syntax.ColumnDef) error {
	if s.column(d.Name.Name) != nil {
		return invalidAt(d.Name.Pos, "Column with name '%s' already exists", d.Name.Name)
	}
	c := &column{name: d.Name.Name, typ: d.Type, kind: regular, pos: -1, slot: s.slots}
	if d.Static {
		c.kind = staticColumn
	}
	old := s.dropped[c.name]
	switch {
	case s.counter != (c.typ.Kind == types.Counter):
		return Config(fmt.Sprintf("%s.%s: Cannot mix counter and non counter columns: %s (%s)", s.keyspace, s.name, c.name, d.Name.Pos))
	case old != nil && s.counter:
		return invalidAt(d.Name.Pos, "Cannot re-add previously dropped counter column %s", c.name)
	case old != nil && !c.typ.CanSucceed(old.typ):
		return invalidAt(d.Name.Pos, "Cannot re-add previously dropped column '%s' of type %s, incompatible with previous type %s",
			c.name, c.typ, old.typ)
	case old != nil && c.kind != old.kind:
		return invalidAt(d.Name.Pos, "Cannot re-add previously dropped column '%s' of kind %s, incompatible with previous kind %s",
			c.name, c.kind, old.kind)
	}
	s.slots++
	s.declared = append(s.declared, c)
	return nil
}

func (s *schema) drop(n syntax.Name) error {
	c, err := s.find(n)
	if err != nil {
		return err
	}
	if c.kind == partitionKey || c.kind == clusteringCl {
		return invalidAt(n.Pos, "Cannot drop PRIMARY KEY column %s", n.Name)
	}
	s.declared = slices.DeleteFunc(s.declared, func(x *column) bool { return x == c })
	s.dropped[c.name] = c
	return nil
}

func (s *schema) rename(r syntax.Rename) error {
	c, err := s.find(r.From)
	if err != nil {
		return err
	}
	if c.kind == regular || c.kind == staticColumn {
		return invalidAt(r.From.Pos, "Cannot rename non PRIMARY KEY column %s", r.From.Name)
	}
	if s.column(r.To.Name) != nil {
		return invalidAt(r.To.Pos, "Cannot rename column %s to %s in table '%s.%s'; another column of that name already exist",
			r.From.Name, r.To.Name, s.keyspace, s.name)
	}
	c.name = r.To.Name
	return nil
}

// useStatement returns the keyspace that a USE names.
func (db *database) useStatement(st *syntax.Use) (string, error) {
	name := st.Keyspace.Name
	if db.keyspaces[name] == nil && !isSystem(name) {
		return "", invalidAt(st.Keyspace.Pos, "Keyspace '%s' does not exist", name)
	}
	return name, nil
}

// truncate empties a table.
func (db *database) truncate(st *syntax.Truncate, current string) error {
	tab, err := db.table(st.Table, current, db.nodes[0])
	if err != nil {
		return err
	}
	if isSystem(tab.schema.keyspace) {
		return invalidAt(st.Table.Pos, "Cannot truncate table in %s", tab.schema.keyspace)
	}
	tab.gen, tab.store = nil, newStore(tab.schema)
	return nil
}

// appendColumns appends the description of columns, as in prepared statements and results. Without columns there is
// no table to name either.
func appendColumns(b []byte, ks, table string, names []string, typs []*types.Type) []byte {
	b = appendString(appendString(b, ks), table)
	for i, n := range names {
		b = typs[i].AppendOption(appendString(b, n))
	}
	return b
}

func cloneValues(vals [][]byte) [][]byte {
	out := make([][]byte, len(vals))
	for i, v := range vals {
		out[i] = bytes.Clone(v)
		if v != nil && out[i] == nil {
			out[i] = []byte{}
		}
	}
	return out
}
