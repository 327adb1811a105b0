package cqltest

import (
	"strings"
	"sync"

	"github.com/gocql/gocql"

	"github.com/rxcql/rxcql/cql/cqltest/internal/syntax"
)

// keyspace is a keyspace and its tables.
type keyspace struct {
	name        string
	replication map[string]string
	durable     bool
	tables      map[string]*table
}

// table is a table's current schema and content: rows in store, or a generator that makes them.
type table struct {
	schema *schema
	store  *store
	gen    *generator
	script []int // page sizes
}

func (t *table) content() content {
	if t.gen != nil {
		return t.gen
	}
	return t.store
}

// database is everything that statements read and change. mu guards it all; it is never held while a user's function
// runs or a socket is written to.
type database struct {
	mu        sync.RWMutex
	keyspaces map[string]*keyspace
	created   map[[2]string]bool // the tables that are or were, by keyspace and name
	version   uint64             // counts schema changes
	seq       int64              // counts writes, to tell which of two with the same timestamp came later
	prepared  map[string]*prepared
	texts     map[string]prepared // of all ids ever, for the log
	nodes     []*node
	options   options
	system    sync.Map // systemTable's, by systemKey; emptied when the schema changes
}

func newDatabase(nodes []*node, o options) *database {
	return &database{
		keyspaces: map[string]*keyspace{}, created: map[[2]string]bool{}, prepared: map[string]*prepared{}, texts: map[string]prepared{},
		nodes: nodes, options: o,
	}
}

func isSystem(keyspace string) bool {
	return keyspace == "system" || strings.HasPrefix(keyspace, "system_")
}

// schemaVersion changes with every schema change and is the same on all nodes.
func (db *database) schemaVersion() gocql.UUID {
	u := tableID(db.version)
	u[0] = 0x5c
	return u
}

// table finds a table for a statement. node is whose system tables are meant.
func (db *database) table(t syntax.Table, current string, node *node) (*table, error) {
	ks := t.Keyspace
	if ks == "" {
		ks = current
	}
	if ks == "" {
		return nil, invalidAt(t.Pos, "No keyspace has been specified. USE a keyspace, or explicitly specify keyspace.tablename")
	}
	if isSystem(ks) {
		return db.systemTable(ks, t, node)
	}
	k := db.keyspaces[ks]
	if k == nil {
		return nil, invalidAt(t.Pos, "keyspace %s does not exist", ks)
	}
	if tab := k.tables[t.Name]; tab != nil {
		return tab, nil
	}
	return nil, invalidAt(t.Pos, "unconfigured table %s", t.Name)
}

// named finds a user's table by "keyspace.table", or by "table" if only one keyspace has it.
func (db *database) named(name string) (*table, error) {
	ks, tab, full := strings.Cut(name, ".")
	if !full {
		tab = name
	}
	var found []*table
	for _, k := range db.keyspaces {
		if t := k.tables[tab]; t != nil && (!full || k.name == ks) {
			found = append(found, t)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return nil, invalidf("cqltest: there is no table %s; create it first", name)
	}
	return nil, invalidf("cqltest: more than one keyspace has a table %s; write keyspace.table", name)
}

// wasCreated says whether a user's name means a table that there is or was, or one of the system's.
func (db *database) wasCreated(name string) bool {
	if ks, _, full := strings.Cut(name, "."); full && isSystem(ks) {
		return true
	}
	db.mu.RLock()
	defer db.mu.RUnlock()
	for t := range db.created {
		if sameTable(name, t[0], t[1]) {
			return true
		}
	}
	return false
}

// sameTable says whether a user's name, with or without keyspace, means this table.
func sameTable(name, keyspace, table string) bool {
	return name == table || name == keyspace+"."+table
}
