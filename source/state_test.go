package source_test

import (
	"testing"
	"time"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/source"
)

func TestAStateIsOfOneStatementWithItsArguments(t *testing.T) {
	server, session := serve(t)
	numbers(server, 300)
	const statement = selectNumbers + " WHERE p = ? AND n >= ?"
	query := source.Query[int](session, statement, 0, 10).PageSize(100)
	page, err := query.Page(t.Context())
	require.NoError(t, err)

	rest, err := query.From(page.State).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, upTo(300)[10:], append(page.Rows, rest...))
	zero, ten := int64(0), 10
	rest, err = source.Query[int](session, statement, &zero, &ten).From(page.State).Rows().Collect(t.Context())
	require.NoError(t, err, "the same values of other Go types")
	require.Equal(t, upTo(300)[110:], rest)

	rest, err = source.Query[int](session, " "+selectNumbers+" -- all\n WHERE p=? AND n >=?", 0, 10).From(page.State).Rows().Collect(t.Context())
	require.NoError(t, err, "other space")
	require.Equal(t, upTo(300)[110:], rest)

	server.ResetLog()
	for name, other := range map[string]source.Select[int]{
		"statement": source.Query[int](session, statement+" ALLOW FILTERING", 0, 10),
		"argument":  source.Query[int](session, statement, 0, 11),
		"number":    source.Query[int](session, selectNumbers+" WHERE p = ?", 0),
	} {
		_, err := other.From(page.State).Rows().Collect(t.Context())
		require.ErrorIs(t, err, source.ErrBadState, name)
		_, err = other.From(page.State).Page(t.Context())
		require.ErrorIs(t, err, source.ErrBadState, name)
	}
	for n := 1; n < len(page.State); n++ {
		_, err := query.From(page.State[n:]).Page(t.Context())
		require.ErrorIs(t, err, source.ErrBadState)
	}
	require.Empty(t, server.Requests(), "nothing is sent")
}

// cell encodes itself, so that nothing can be told of it.
type cell struct{ n byte }

func (c cell) MarshalCQL(gocql.TypeInfo) ([]byte, error) { return []byte{0, 0, 0, c.n}, nil }

func TestAStateOfArgumentsThatShowNothing(t *testing.T) {
	server, session := serve(t)
	numbers(server, 300)
	query := source.Query[int](session, selectNumbers+" WHERE p = ? AND n >= ?", 0, cell{10}).PageSize(100)
	page, err := query.Page(t.Context())
	require.NoError(t, err)
	require.NotEmpty(t, page.State, "it is not the last")
	all, err := query.Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, upTo(300)[10:], all)
	_, err = query.From(page.State).Page(t.Context())
	require.ErrorIs(t, err, source.ErrBadState, "it would be one of other arguments, too")
	require.ErrorContains(t, err, "argument 2 cannot be part of a token or paging state: a source_test.cell has the unexported field n and encodes itself")
}

func TestAPageErrorsStateIsMarkedToo(t *testing.T) {
	server, session := serve(t)
	numbers(server, 300)
	server.Inject(cqltest.Fault{Match: onPage(2), Times: 1, Err: cqltest.Invalid("oops")})
	_, err := source.Query[int](session, selectNumbers).PageSize(100).Rows().Collect(t.Context())
	var failed *source.PageError
	require.ErrorAs(t, err, &failed)
	_, err = source.Query[int](session, selectNumbers+" LIMIT 200").From(failed.State).Rows().Collect(t.Context())
	require.ErrorIs(t, err, source.ErrBadState)
}

func TestStatesOfAnyBytes(t *testing.T) {
	server, session := serve(t)
	numbers(server, 10)
	query := source.Query[int](session, selectNumbers).Retry(once).Timeout(time.Second)
	rapid.Check(t, func(r *rapid.T) {
		state := rapid.SliceOfN(rapid.Byte(), 1, 64).Draw(r, "state")
		_, err := query.From(state).Rows().Collect(t.Context())
		require.ErrorIs(r, err, source.ErrBadState)
	})
}
