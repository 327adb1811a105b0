package cql_test

import (
	"database/sql"
	"math/big"
	"net/netip"
	"reflect"
	"testing"
	"time"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
)

func TestCellsAsArguments(t *testing.T) {
	server, session := serve(t)
	server.MustExec("CREATE TABLE ks.t (p int PRIMARY KEY, l list<text>)")
	typ := func(k cql.Kind, elems ...cql.Type) *cql.Type { return &cql.Type{Kind: k, Elems: elems} }
	cell := func(t *cql.Type, v any) *cql.Cell {
		b, err := t.Marshal(v)
		if err != nil {
			panic(err)
		}
		return &cql.Cell{Type: t, Bytes: b}
	}
	texts := typ(cql.List, cql.Type{Kind: cql.Varchar})
	insert := func(args ...any) error {
		return session.Execute(t.Context(), cql.Statement{CQL: "INSERT INTO ks.t (p, l) VALUES (?, ?)", Args: args})
	}
	require.NoError(t, insert(cell(typ(cql.Int), 7), cell(texts, []string{"a", "b"})))
	require.NoError(t, insert(cell(typ(cql.Int), 8), &cql.Cell{Type: texts}))
	page, err := session.Fetch(t.Context(), cql.PageRequest{Statement: cql.Statement{CQL: "SELECT p FROM ks.t"}})
	require.NoError(t, err)
	require.Equal(t, 2, page.Len())
	for _, args := range [][]any{
		{cell(typ(cql.Bigint), 7), cql.Unset},
		{cell(typ(cql.Int), 7), cell(typ(cql.List, *typ(cql.Int)), []int{1})},
	} {
		err := insert(args...)
		require.ErrorIs(t, err, cql.ErrCellType)
		require.ErrorIs(t, err, cql.Malformed)
	}
}

func TestAccepts(t *testing.T) {
	type point struct{ X, Y int }
	type self struct{ P *self }
	list := cql.Type{Kind: cql.List, Elems: []cql.Type{{Kind: cql.Int}}}
	m := cql.Type{Kind: cql.Map, Elems: []cql.Type{{Kind: cql.Varchar}, list}}
	udt := cql.Type{Kind: cql.UDT, Name: "point", Fields: []string{"x"}, Elems: []cql.Type{{Kind: cql.Int}}}
	for _, c := range []struct {
		t  cql.Type
		v  any
		ok bool
	}{
		{cql.Type{Kind: cql.Int}, 1, true}, {cql.Type{Kind: cql.Int}, "", false}, {cql.Type{Kind: cql.Int}, new(string), false},
		{cql.Type{Kind: cql.Int}, sql.NullInt64{}, true}, {cql.Type{Kind: cql.Int}, sql.NullString{}, false},
		{cql.Type{Kind: cql.Int}, time.Time{}, false}, {cql.Type{Kind: cql.Timestamp}, time.Time{}, true},
		{cql.Type{Kind: cql.UUID}, "", true}, {cql.Type{Kind: cql.UUID}, gocql.UUID{}, true}, {cql.Type{Kind: cql.Bigint}, gocql.UUID{}, false},
		{cql.Type{Kind: cql.Inet}, netip.Addr{}, true}, {cql.Type{Kind: cql.Varint}, &big.Int{}, true}, {cql.Type{Kind: cql.Boolean}, big.Int{}, false},
		{list, []int{}, true}, {list, []string{}, false}, {list, 1, false}, {list, []any{}, true}, {list, []*string{}, false},
		{m, map[string][]int32{}, true}, {m, map[string][]string{}, false}, {m, map[int][]int{}, false},
		{cql.Type{Kind: cql.Vector, Elems: list.Elems, Dimensions: 3}, []int{}, true}, {cql.Type{Kind: cql.Vector, Elems: list.Elems, Dimensions: 3}, 1, false},
		{udt, struct{ X int }{}, true}, {udt, point{}, false}, {udt, struct{ X string }{}, false},
		{cql.Type{Kind: cql.Tuple, Elems: list.Elems}, struct{ A int }{}, true}, {cql.Type{Kind: cql.Tuple, Elems: list.Elems}, point{}, false},
		{cql.Type{Kind: cql.Int}, self{}, false}, {cql.Type{Kind: cql.Int}, selfMarshaling{}, true}, {cql.Type{Kind: cql.Int}, map[any]any{}, false},
	} {
		err := c.t.Accepts(reflect.TypeOf(c.v))
		require.Equal(t, c.ok, err == nil, "%v from %T: %v", c.t, c.v, err)
	}
}

type selfMarshaling struct{}

func (selfMarshaling) MarshalCQL(gocql.TypeInfo) ([]byte, error) { panic("not to be called") }
