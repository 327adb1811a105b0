package source_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/internal/virtualtime"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/source"
)

func TestPageFetchesExactlyOne(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, session := serveInBubble(t)
		numbers(server, 250)
		query := source.Query[int](session, selectNumbers).PageSize(100).ReadAhead(3)
		var got []int
		var state []byte
		for i := 1; ; i++ {
			page, err := query.From(state).Page(t.Context())
			require.NoError(t, err)
			synctest.Wait()
			require.Equal(t, i, server.Pages("lab.numbers"), "nothing is read ahead")
			require.Equal(t, 1, page.Index)
			got = append(got, page.Rows...)
			if state = page.State; len(state) == 0 {
				break
			}
		}
		require.Equal(t, upTo(250), got)
		require.Equal(t, 3, server.Pages("lab.numbers"))
	})
}

func TestPageOfAnEmptyTable(t *testing.T) {
	server, session := serve(t)
	numbers(server, 0)
	page, err := source.Query[int](session, selectNumbers).Page(t.Context())
	require.NoError(t, err)
	require.Empty(t, page.Rows)
	require.Empty(t, page.State)
	server.MustExec("CREATE TABLE lab.single (p int PRIMARY KEY)")
	_, err = source.Query[int](session, "INSERT INTO lab.single (p) VALUES (?)", 1).Page(t.Context())
	require.Equal(t, rx.ErrEmpty, err)
}

func TestPageRetriesAndFails(t *testing.T) {
	server, session := serve(t)
	numbers(server, 10)
	server.Inject(cqltest.Fault{Err: cqltest.Overloaded("busy"), Times: 3})
	query := source.Query[int](session, selectNumbers).PageSize(4).Retry(impatient)
	page, err := query.Page(t.Context())
	require.NoError(t, err)
	require.Equal(t, upTo(4), page.Rows)
	server.Inject(cqltest.Fault{Err: cqltest.Overloaded("busy")})
	_, err = query.Retry(once).Page(t.Context())
	var failed *source.PageError
	require.ErrorAs(t, err, &failed)
	require.ErrorIs(t, err, cql.Overloaded)

	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = query.Page(canceled)
	require.ErrorIs(t, err, context.Canceled)
	session.Close()
	_, err = query.Page(t.Context())
	require.ErrorIs(t, err, cql.ErrClosed)
}

// TestPagesOfALimitStayBelowIt goes from page to page in sizes that would make the server start again.
func TestPagesOfALimitStayBelowIt(t *testing.T) {
	server, session := serve(t)
	numbers(server, 1000)
	query := source.Query[int](session, selectNumbers+" LIMIT :n").BindMap(map[string]any{"n": 100})
	page, err := query.PageSize(40).Page(t.Context())
	require.NoError(t, err)
	got := page.Rows
	for len(page.State) > 0 {
		page, err = query.PageSize(1000).From(page.State).Page(t.Context())
		require.NoError(t, err)
		got = append(got, page.Rows...)
	}
	require.Equal(t, upTo(100), got)
}

func TestUnpaged(t *testing.T) {
	server, session := serve(t)
	server.MustExec("CREATE TABLE lab.events (p int, n int, PRIMARY KEY (p, n))")
	for n := range 30 {
		server.MustExec("INSERT INTO lab.events (p, n) VALUES (?, ?)", n%3, n)
	}
	query := source.Query[int](session, "SELECT n FROM lab.events WHERE p IN (0, 1, 2) ORDER BY n DESC")
	_, err := query.Page(t.Context())
	require.ErrorIs(t, err, cql.Invalid, "a server cannot page it")
	server.ResetLog()
	page, err := query.Unpaged().Page(t.Context())
	require.NoError(t, err)
	require.Len(t, page.Rows, 30)
	require.Equal(t, 29, page.Rows[0])
	require.Empty(t, page.State)
	rows, err := query.Unpaged().ReadAhead(2).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, page.Rows, rows)
	for _, r := range server.Requests() {
		require.Zero(t, r.PageSize)
	}

	numbers(server, 7000)
	page, err = source.Query[int](session, selectNumbers).Unpaged().Page(t.Context())
	require.NoError(t, err)
	require.Equal(t, upTo(7000), page.Rows)
	page, err = source.Query[int](session, selectNumbers).Unpaged().PageSize(7).Page(t.Context())
	require.NoError(t, err)
	require.Equal(t, upTo(7), page.Rows)
	server.ResetLog()
	_, err = source.Query[int](session, selectNumbers).From(page.State).Unpaged().Page(t.Context())
	require.ErrorContains(t, err, "the server would start again")
	require.Empty(t, server.Requests())
}

func TestTracing(t *testing.T) {
	server, session := serve(t)
	numbers(server, 10)
	query := source.Query[int](session, selectNumbers).PageSize(5)
	pages, err := query.Tracing(true).Pages().Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, pages, 2)
	seen := map[string]bool{}
	for _, p := range pages {
		_, err := gocql.ParseUUID(p.TraceID)
		require.NoError(t, err)
		seen[p.TraceID] = true
	}
	require.Len(t, seen, 2, "each page is a request with a trace of its own")
	page, err := query.Tracing(true).Tracing(false).Page(t.Context())
	require.NoError(t, err)
	require.Empty(t, page.TraceID)
}

func TestPayloads(t *testing.T) {
	server, session := serve(t)
	numbers(server, 10)
	answer := map[string][]byte{"cost": []byte("3"), "nothing": nil}
	server.Inject(cqltest.Fault{Payload: answer, Warnings: []string{"careful"}, Match: func(r cqltest.Request) bool { return r.Page == 2 }})
	request := map[string][]byte{"proxy-execute": []byte("ann")}
	query := source.Query[int](session, selectNumbers).PageSize(4).Payload(request)
	request["proxy-execute"][0] = 'A'
	request["more"] = nil
	pages, err := query.Pages().Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, pages, 3)
	require.Nil(t, pages[0].Payload)
	require.Nil(t, pages[0].Warnings)
	require.Equal(t, answer, pages[1].Payload)
	require.Equal(t, []string{"careful"}, pages[1].Warnings)
	for _, r := range server.Requests() {
		require.Equal(t, map[string][]byte{"proxy-execute": []byte("ann")}, r.Payload, "taken when it was set")
	}
}

// TestAPageIsAdmittedLikeAStream shuts the session down while one is fetched.
func TestAPageIsAdmittedLikeAStream(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, session := serveInBubble(t)
		numbers(server, 10)
		server.Inject(cqltest.Fault{Delay: time.Second})
		query := source.Query[int](session, selectNumbers)
		fetched := make(chan error)
		go func() {
			_, err := query.Page(context.Background())
			fetched <- err
		}()
		time.Sleep(time.Millisecond)
		go session.Shutdown(context.Background())
		synctest.Wait()
		_, err := query.Page(t.Context())
		require.ErrorIs(t, err, cql.ErrClosed)
		require.NoError(t, <-fetched)
	})
}
