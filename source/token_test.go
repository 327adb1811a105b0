package source_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/virtualtime"
	"github.com/rxcql/rxcql/source"
)

func tokensFor(t testing.TB, tenant string) source.Tokens {
	t.Helper()
	keys, err := source.NewKeys(bytes.Repeat([]byte{7}, 32))
	require.NoError(t, err)
	return source.Tokens{Keys: keys, Tenant: tenant}
}

func TestFromTokenToToken(t *testing.T) {
	server, session := serve(t)
	numbers(server, 1000)
	tokens := tokensFor(t, "ann")
	var got []int
	text := ""
	for size := 10; ; size *= 3 {
		// Each request of a client makes its query anew.
		page, err := source.Query[int](session, selectNumbers+" WHERE p = ? AND n < ?", 0, int64(900)).
			FromToken(tokens, text).PageSize(size).Page(t.Context())
		require.NoError(t, err)
		got = append(got, page.Rows...)
		text, err = page.Token(tokens)
		require.NoError(t, err)
		require.Equal(t, len(page.State) == 0, text == "", "the last page has no token")
		if text == "" {
			break
		}
	}
	require.Equal(t, upTo(900), got)
}

func TestABadTokenSendsNothing(t *testing.T) {
	server, session := serve(t)
	numbers(server, 100)
	tokens := tokensFor(t, "ann")
	query := func(p int) source.Select[int] {
		return source.Query[int](session, selectNumbers+" WHERE p = :p").BindMap(map[string]any{"p": p}).PageSize(10)
	}
	page, err := query(0).Page(t.Context())
	require.NoError(t, err)
	text, err := page.Token(tokens)
	require.NoError(t, err)
	server.ResetLog()
	for _, bad := range []source.Select[int]{
		query(1).FromToken(tokens, text),
		query(0).FromToken(tokensFor(t, "bob"), text),
		query(0).FromToken(tokens, text[1:]),
		query(0).FromToken(tokens, string(page.State)),
		source.Query[int](session, selectNumbers).FromToken(tokens, text),
	} {
		rows, err := bad.Rows().Collect(t.Context())
		require.Empty(t, rows)
		require.Equal(t, source.ErrBadToken, err)
		_, err = bad.Page(t.Context())
		require.Equal(t, source.ErrBadToken, err)
	}
	_, err = query(0).FromToken(tokens, text).Unpaged().Page(t.Context())
	require.ErrorContains(t, err, "Unpaged")
	require.Empty(t, server.Requests())

	rows, err := query(0).FromToken(tokens, text).Rows().Collect(t.Context())
	require.NoError(t, err, "a stream may go on from a token, too")
	require.Equal(t, upTo(100)[10:], rows)
	rows, err = query(0).FromToken(tokens, text).From(nil).Rows().Collect(t.Context())
	require.NoError(t, err, "the last of From and FromToken counts")
	require.Equal(t, upTo(100), rows)
	rows, err = query(0).From(page.State).FromToken(tokens, "").Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, upTo(100), rows)
}

func TestATokenExpiresBetweenPages(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, session := serveInBubble(t)
		numbers(server, 100)
		tokens := tokensFor(t, "")
		tokens.Lifetime = time.Minute
		query := source.Query[int](session, selectNumbers).PageSize(10)
		page, err := query.Page(t.Context())
		require.NoError(t, err)
		text, err := page.Token(tokens)
		require.NoError(t, err)
		next := query.FromToken(tokens, text)
		time.Sleep(time.Minute - time.Millisecond)
		page, err = next.Page(t.Context())
		require.NoError(t, err)
		require.Equal(t, upTo(20)[10:], page.Rows)
		time.Sleep(time.Millisecond)
		_, err = next.Page(t.Context())
		require.Equal(t, source.ErrTokenExpired, err)
		require.ErrorIs(t, err, source.ErrBadToken)
		require.Equal(t, 2, server.Pages("lab.numbers"))
	})
}

func TestArgumentsThatCannotBeSigned(t *testing.T) {
	server, session := serve(t)
	numbers(server, 10)
	type opaque struct{ n int }
	query := source.Query[int](session, selectNumbers+" WHERE p = ?", opaque{1}).FromToken(tokensFor(t, ""), "")
	_, err := query.Page(t.Context())
	require.ErrorContains(t, err, "argument 1 cannot be part of a token or paging state: a source_test.opaque has the unexported field n")
	require.NotErrorIs(t, err, source.ErrBadToken, "it is no fault of the client's, and shows on the first page")
	require.Empty(t, server.Requests())
}
