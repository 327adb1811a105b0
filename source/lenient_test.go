package source_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/source"
)

// sensors makes a table of which the structs below know columns, more and others.
func sensors(t *testing.T) *cql.Session {
	server, session := serve(t)
	server.MustExec("CREATE TABLE lab.sensors (id int PRIMARY KEY, name text, room text, added int)")
	server.MustExec("INSERT INTO lab.sensors (id, name, room, added) VALUES (1, 'n', 'r', 2)")
	return session
}

// lenient reads all columns of the one row, which without Lenient is an error that names a column.
func lenient[T any](t *testing.T, session *cql.Session, statement, column string) T {
	t.Helper()
	q := source.Query[T](session, statement)
	_, err := q.Rows().First(t.Context())
	var wrong *source.DecodeError
	require.ErrorAs(t, err, &wrong, "%T", *new(T))
	require.Equal(t, column, wrong.Column)
	require.ErrorContains(t, err, "ask for a lenient query")
	got, err := q.Lenient().Rows().First(t.Context())
	require.NoError(t, err, "%T", *new(T))
	return got
}

const allSensors = "SELECT * FROM lab.sensors"

func TestLenientStructs(t *testing.T) {
	session := sensors(t)
	type fewer struct {
		ID   int
		Name string
	}
	type more struct {
		ID, Added         int
		Name, Room, Owner string
		Weight            *float64
	}
	type other struct {
		Owner string // not a column
		Name  string // a column, behind others that are no fields
	}
	require.Equal(t, fewer{1, "n"}, lenient[fewer](t, session, allSensors, "added"))
	require.Equal(t, more{ID: 1, Added: 2, Name: "n", Room: "r"}, lenient[more](t, session, allSensors, "owner"))
	require.Equal(t, other{Name: "n"}, lenient[other](t, session, allSensors, "id"))
	require.Equal(t, &other{Name: "n"}, lenient[*other](t, session, allSensors, "id"))
	require.Equal(t, struct{}{}, lenient[struct{}](t, session, allSensors, "id"))
	require.Equal(t, more{Name: "n"}, lenient[more](t, session, "SELECT name FROM lab.sensors", "id"))
}

func TestLenientEmbeddedStructs(t *testing.T) {
	session := sensors(t)
	type Place struct{ Room, Floor string }
	type Key struct {
		ID    int
		Shard int
	}
	type sensor struct {
		Key
		Place
		Name *string
	}
	name := "n"
	want := sensor{Key: Key{ID: 1}, Place: Place{Room: "r"}, Name: &name}
	require.Equal(t, want, lenient[sensor](t, session, allSensors, "added"))
	require.Equal(t, &want, lenient[*sensor](t, session, allSensors, "added"))
}

// TestLenientIsNotCareless: what is there must fit, and a null needs a place.
func TestLenientIsNotCareless(t *testing.T) {
	session := sensors(t)
	type wrongType struct{ Name int }
	_, err := source.Query[wrongType](session, allSensors).Lenient().Rows().First(t.Context())
	require.ErrorContains(t, err, `column "name" (text) into int (field Name)`)
	type noPlace struct{ Added int }
	require.NoError(t, session.Execute(t.Context(), cql.Statement{CQL: "UPDATE lab.sensors SET added = null WHERE id = 1"}))
	_, err = source.Query[noPlace](session, allSensors).Lenient().Rows().First(t.Context())
	require.ErrorIs(t, err, source.ErrNull)
	_, err = source.Query[string](session, allSensors).Lenient().Rows().First(t.Context())
	require.ErrorContains(t, err, "string holds one column, and the result has 4")
	type twice struct{ Name string }
	_, err = source.Query[twice](session, "SELECT name, name FROM lab.sensors").Lenient().Rows().Collect(t.Context())
	require.ErrorContains(t, err, "twice")
}

// TestLenientRowsOfNoStruct have all columns as ever.
func TestLenientRowsOfNoStruct(t *testing.T) {
	session := sensors(t)
	m, err := source.Query[map[string]any](session, allSensors).Lenient().Rows().First(t.Context())
	require.NoError(t, err)
	require.Equal(t, map[string]any{"id": 1, "name": "n", "room": "r", "added": 2}, m)
	s, err := source.Query[[]any](session, allSensors).Lenient().Rows().First(t.Context())
	require.NoError(t, err)
	require.Len(t, s, 4)
}

// page is a driver with one page of one row: cqltest knows no user-defined types.
type page struct {
	cql.Driver
	cql.Page
	columns []cql.Column
	cells   [][]byte
}

func (p page) Fetch(context.Context, cql.PageRequest) (cql.Page, error) { return p, nil }
func (page) Close()                                                     {}
func (p page) Columns() []cql.Column                                    { return p.columns }
func (page) Len() int                                                   { return 1 }
func (page) State() []byte                                              { return nil }
func (p page) Next() ([][]byte, error)                                  { return p.cells, nil }
func (page) Host() string                                               { return "" }
func (page) Warnings() []string                                         { return nil }
func (page) TraceID() string                                            { return "" }

// TestLenientUserDefinedTypes: types got fields that the structs do not know, and lost some that they have, at every
// depth: in a field, behind a pointer, in lists, maps, sets and tuples.
func TestLenientUserDefinedTypes(t *testing.T) {
	text, number := cql.Type{Kind: cql.Varchar}, cql.Type{Kind: cql.Int}
	street := cql.Type{Kind: cql.UDT, Keyspace: "lab", Name: "street", Fields: []string{"name", "added", "no"}, Elems: []cql.Type{text, text, number}}
	list := cql.Type{Kind: cql.List, Elems: []cql.Type{street}}
	home := cql.Type{
		Kind: cql.UDT, Keyspace: "lab", Name: "home", Fields: []string{"new", "at", "before", "by_name", "pair"},
		Elems: []cql.Type{number, street, list, {Kind: cql.Map, Elems: []cql.Type{text, street}}, {Kind: cql.Tuple, Elems: []cql.Type{number, street}}},
	}
	is := map[string]any{"name": "s", "added": "a", "no": 7}
	cell, err := home.Marshal(map[string]any{
		"new": 1, "at": is, "before": []any{is, is}, "by_name": map[string]any{"s": is}, "pair": []any{1, is},
	})
	require.NoError(t, err)
	session := cql.NewSession(page{columns: []cql.Column{{Name: "home", Type: home}}, cells: [][]byte{cell}})
	defer session.Close()

	type Numbered struct{ No int }
	type Street struct {
		Name string
		Numbered
		Town string // the type has none any more
	}
	type Home struct {
		At     *Street
		Before []Street
		ByName map[string]*Street
		Pair   struct {
			N  int
			At Street
		}
		Lost *int
	}
	type person struct {
		Home Home
		Age  int
	}
	at := Street{Name: "s", Numbered: Numbered{7}}
	want := person{Home: Home{At: &at, Before: []Street{at, at}, ByName: map[string]*Street{"s": &at}}}
	want.Home.Pair.N, want.Home.Pair.At = 1, at
	require.Equal(t, want, lenient[person](t, session, "SELECT home FROM lab.people", "home"))
	require.Equal(t, &want, lenient[*person](t, session, "SELECT home FROM lab.people", "home"))

	type wrong struct {
		Home struct{ At struct{ No string } }
	}
	_, err = source.Query[wrong](session, "SELECT home FROM lab.people").Lenient().Rows().First(t.Context())
	require.ErrorContains(t, err, `field "at": field "no": string cannot hold int`)
}
