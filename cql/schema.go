package cql

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrUndefined is what asking for a table or keyspace gets that is not there. Schemas take a moment to spread, so a node
// may not know what another does.
var ErrUndefined = errors.New("not in the schema as the node knows it")

// Table is the definition of a table or materialized view. Two of one name are the same table if their IDs are the
// same; their columns may still differ, by ALTER.
type Table struct {
	Keyspace, Name string // as in the schema, without quotes
	ID             string // a UUID; a table that is dropped and made again gets another one
	// Columns are all columns as SELECT * gives them: those of the partition key and the clustering columns, in their
	// order, then the static ones by name, then the others by name.
	Columns []TableColumn
	View    bool // a materialized view
	Counter bool // a counter table
}

// String gives the name as CQL writes it, with the keyspace.
func (t Table) String() string { return Quote(t.Keyspace) + "." + Quote(t.Name) }

// TableColumn is a column of a table.
type TableColumn struct {
	Name       string
	Kind       ColumnKind
	Position   int    // in the partition key or among the clustering columns, from 0; of others -1
	Type       string // as CQL writes it; unlike in results it tells what is frozen
	Descending bool   // of a clustering column: rows come from the greatest to the least
}

// ColumnKind is what a column is to its table.
type ColumnKind uint8

// The kinds of columns.
const (
	PartitionKey ColumnKind = iota
	Clustering
	Static
	Regular
)

// columnKinds are the kinds by their names in system_schema.columns.
var columnKinds = map[string]ColumnKind{
	"partition_key": PartitionKey, "clustering": Clustering, "static": Static, "regular": Regular,
}

// Table reads the definition of a table or materialized view from system_schema. The name is as in CQL, keyspace.table:
// lower case unless in quotes. One that is not there is an [*Error] that matches [ErrUndefined] and class Invalid.
//
// It makes two requests, three for a view, of the node that the driver picks, and does not retry. A table that is
// dropped and made again in between may be seen with the ID of the one and the columns of the other.
func (s *Session) Table(ctx context.Context, name string) (Table, error) {
	keyspace, table, err := parseTableName(name)
	if err != nil {
		return Table{}, &Error{Op: "table", Class: Invalid, Err: err}
	}
	t := Table{Keyspace: keyspace, Name: table}
	if err = s.identify(ctx, &t); err != nil {
		return Table{}, err
	}
	if err = s.readColumns(ctx, &t); err != nil {
		return Table{}, err
	}
	if t.ID == "" || len(t.Columns) == 0 { // without columns it was dropped in between
		hint := ""
		if !strings.Contains(name, `"`) && name != strings.ToLower(name) {
			hint = " (names with capitals need double quotes)"
		}
		return Table{}, &Error{Op: "table", Class: Invalid, Err: fmt.Errorf("table %v%s: %w", t, hint, ErrUndefined)}
	}
	return t, nil
}

// identify reads what there is of a table beside its columns; its ID stays empty if there is no such table.
func (s *Session) identify(ctx context.Context, t *Table) error {
	err := s.lookUp(ctx, "table", func(row cells) error {
		t.ID = row.uuid(0)
		t.Counter = slices.Contains(row.texts(1, 1), "counter")
		return row.err
	}, "SELECT id, flags FROM system_schema.tables WHERE keyspace_name = ? AND table_name = ?", t.Keyspace, t.Name)
	if err != nil || t.ID != "" {
		return err
	}
	return s.lookUp(ctx, "table", func(row cells) error {
		t.ID, t.View = row.uuid(0), true
		return row.err
	}, "SELECT id FROM system_schema.views WHERE keyspace_name = ? AND view_name = ?", t.Keyspace, t.Name)
}

func (s *Session) readColumns(ctx context.Context, t *Table) error {
	if t.ID == "" {
		return nil
	}
	err := s.lookUp(ctx, "table", func(row cells) error {
		kind, ok := columnKinds[row.text(1)]
		if !ok {
			return fmt.Errorf("column %q is of a kind %q that is not known", row.text(0), row.text(1))
		}
		t.Columns = append(t.Columns, TableColumn{
			Name: row.text(0), Kind: kind, Position: int(row.integer(2, 4)), Type: row.text(3), Descending: row.text(4) == "desc",
		})
		return row.err
	}, "SELECT column_name, kind, position, type, clustering_order FROM system_schema.columns WHERE keyspace_name = ? AND table_name = ?",
		t.Keyspace, t.Name)
	slices.SortFunc(t.Columns, func(a, b TableColumn) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Position, b.Position), strings.Compare(a.Name, b.Name))
	})
	return err
}

// Keyspace reads how a keyspace is replicated: what CREATE KEYSPACE was given, with the strategy's full name as
// "class". The name is as in the schema, like [Table]'s, without quotes. One that is not there is an [*Error] that
// matches [ErrUndefined] and class Invalid.
func (s *Session) Keyspace(ctx context.Context, name string) (replication map[string]string, err error) {
	err = s.lookUp(ctx, "keyspace", func(row cells) error {
		replication = map[string]string{}
		for pair := range slices.Chunk(row.texts(0, 2), 2) {
			replication[pair[0]] = pair[1]
		}
		return row.err
	}, "SELECT replication FROM system_schema.keyspaces WHERE keyspace_name = ?", name)
	if err == nil && replication == nil {
		err = &Error{Op: "keyspace", Class: Invalid, Err: fmt.Errorf("keyspace %s: %w", Quote(name), ErrUndefined)}
	}
	return replication, err
}

// Partitioner reads the class of the cluster's partitioner. Tokens are int64 only with
// org.apache.cassandra.dht.Murmur3Partitioner.
func (s *Session) Partitioner(ctx context.Context) (class string, err error) {
	err = s.lookUp(ctx, "partitioner", func(row cells) error {
		class = row.text(0)
		return row.err
	}, "SELECT partitioner FROM system.local WHERE key = 'local'")
	return class, err
}
