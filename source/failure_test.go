package source_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/internal/virtualtime"
	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/source"
)

// onPage matches the requests for the k-th page.
func onPage(k int) func(cqltest.Request) bool {
	return func(r cqltest.Request) bool { return cqltest.User(r) && r.Page == k }
}

func TestFailuresOfAPage(t *testing.T) {
	for name, c := range map[string]struct {
		fault cqltest.Fault
		class cql.Class
	}{
		"read timeout":       {cqltest.Fault{Err: cqltest.ReadTimeout(1, 2, false)}, cql.ReadTimeout},
		"read failure":       {cqltest.Fault{Err: cqltest.ReadFailure(0, 1, 1, false)}, cql.ReadFailure},
		"unavailable":        {cqltest.Fault{Err: cqltest.Unavailable(2, 1)}, cql.Unavailable},
		"overloaded":         {cqltest.Fault{Err: cqltest.Overloaded("oops")}, cql.Overloaded},
		"bootstrapping":      {cqltest.Fault{Err: cqltest.Bootstrapping("oops")}, cql.Bootstrapping},
		"server error":       {cqltest.Fault{Err: cqltest.ServerError("oops")}, cql.ServerError},
		"syntax":             {cqltest.Fault{Err: cqltest.Syntax("oops")}, cql.Syntax},
		"invalid":            {cqltest.Fault{Err: cqltest.Invalid("oops")}, cql.Invalid},
		"unauthorized":       {cqltest.Fault{Err: cqltest.Unauthorized("oops")}, cql.Unauthorized},
		"dropped connection": {cqltest.Fault{Drop: true}, cql.ConnectionClosed},
	} {
		for _, page := range []int{1, 2, 3} {
			for ahead := range 3 {
				t.Run(fmt.Sprintf("%s on page %d, ReadAhead %d", name, page, ahead), func(t *testing.T) {
					t.Parallel()
					server, session := serve(t)
					numbers(server, 300)
					f := c.fault
					f.Match = onPage(page)
					fault := server.Inject(f)
					query := source.Query[int](session, selectNumbers).PageSize(100).ReadAhead(ahead).Retry(once)
					got, err := query.Rows().Collect(t.Context())
					require.Equal(t, upTo((page-1)*100), append([]int{}, got...), "the rows before it")
					var failed *source.PageError
					require.ErrorAs(t, err, &failed)
					require.ErrorIs(t, err, c.class)
					require.Equal(t, c.class, failed.Class)
					require.Equal(t, page, failed.Page)
					require.Equal(t, 1, failed.Attempts)
					require.Equal(t, 1, fault.Hits())
					var driver *cql.Error
					require.ErrorAs(t, err, &driver)

					fault.Remove()
					rest, err := collectPatiently(t, query.From(failed.State))
					require.NoError(t, err)
					require.Equal(t, upTo(300), append(got, rest...), "resumed without loss or repetition")
				})
			}
		}
	}
}

// collectPatiently collects while the driver may still be reconnecting.
func collectPatiently(t *testing.T, query source.Select[int]) ([]int, error) {
	return query.Retry(operators.Backoff{Attempts: 100, Base: time.Millisecond, Max: 20 * time.Millisecond}).Rows().Collect(t.Context())
}

func TestATimeOutOnPageTwo(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, session := serveInBubble(t)
		numbers(server, 300)
		server.Inject(cqltest.Fault{Match: onPage(2), Times: 1, Lose: true})
		query := source.Query[int](session, selectNumbers).PageSize(100).Timeout(3 * time.Second).Retry(once)
		start := time.Now()
		got, err := query.Rows().Collect(t.Context())
		require.Equal(t, upTo(100), got)
		require.ErrorIs(t, err, cql.ClientTimeout)
		require.Equal(t, 3*time.Second, time.Since(start))
		var failed *source.PageError
		require.ErrorAs(t, err, &failed)
		rest, err := query.From(failed.State).Rows().Collect(t.Context())
		require.NoError(t, err)
		require.Equal(t, upTo(300), append(got, rest...))
	})
}

func TestRetryGoesOnWithoutLossOrRepetition(t *testing.T) {
	server, session := serve(t)
	numbers(server, 500)
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(30, 200).Draw(t, "page size")
		faults := []cqltest.Fault{
			{Err: cqltest.ReadTimeout(1, 2, false)}, {Err: cqltest.Unavailable(2, 1)}, {Err: cqltest.Overloaded("oops")}, {Err: cqltest.ServerError("oops")},
			{Drop: true}, {ApplyThenDrop: true}, {Lose: true},
		}
		var injected []*cqltest.Injected
		for range rapid.IntRange(0, 4).Draw(t, "faults") {
			f := rapid.SampledFrom(faults).Draw(t, "fault")
			f.Match, f.Times = onPage(rapid.IntRange(1, 5).Draw(t, "page")), 1
			injected = append(injected, server.Inject(f))
		}
		// After a dropped connection the driver needs a moment to have another.
		patient := operators.Backoff{Attempts: 1000, Base: time.Millisecond, Max: 10 * time.Millisecond}
		query := source.Query[int](session, selectNumbers).PageSize(size).Retry(patient).Timeout(50 * time.Millisecond)
		got, err := query.Rows().Collect(context.Background())
		for _, i := range injected {
			i.Remove()
		}
		require.NoError(t, err)
		require.Equal(t, upTo(500), got)
	})
}

func TestWhatIsNotRetried(t *testing.T) {
	for name, c := range map[string]struct {
		fault      cqltest.Fault
		idempotent bool
		attempts   int
	}{
		"read timeout":                    {cqltest.Fault{Err: cqltest.ReadTimeout(1, 2, false)}, true, 3},
		"read failure":                    {cqltest.Fault{Err: cqltest.ReadFailure(0, 1, 1, false)}, true, 1},
		"syntax":                          {cqltest.Fault{Err: cqltest.Syntax("oops")}, true, 1},
		"server error":                    {cqltest.Fault{Err: cqltest.ServerError("oops")}, true, 3},
		"server error, not idempotent":    {cqltest.Fault{Err: cqltest.ServerError("oops")}, false, 1},
		"unavailable, not idempotent too": {cqltest.Fault{Err: cqltest.Unavailable(2, 1)}, false, 3},
	} {
		t.Run(name, func(t *testing.T) {
			server, session := serve(t)
			numbers(server, 10)
			fault := server.Inject(c.fault)
			retry := impatient
			retry.Attempts = 3
			_, err := source.Query[int](session, selectNumbers).Idempotent(c.idempotent).Retry(retry).Rows().Collect(t.Context())
			var failed *source.PageError
			require.ErrorAs(t, err, &failed)
			require.Equal(t, c.attempts, failed.Attempts)
			require.Equal(t, c.attempts, fault.Hits())
		})
	}
}

func TestWaitsBetweenRetriesGrowAndCanBeCancelled(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, session := serveInBubble(t)
		numbers(server, 10)
		fault := server.Inject(cqltest.Fault{Err: cqltest.Overloaded("oops")})
		query := source.Query[int](session, selectNumbers).Retry(operators.Backoff{NoJitter: true})
		start := time.Now()
		_, err := query.Rows().Collect(t.Context())
		require.ErrorIs(t, err, cql.Overloaded)
		require.Equal(t, 1500*time.Millisecond, time.Since(start), "100 + 200 + 400 + 800 ms")
		require.Equal(t, 5, fault.Hits())

		ctx, cancel := context.WithTimeout(t.Context(), 150*time.Millisecond)
		defer cancel()
		start = time.Now()
		_, err = query.Rows().Collect(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, 150*time.Millisecond, time.Since(start))
	})
}

func TestRowsThatDoNotFit(t *testing.T) {
	server, session := serve(t)
	server.MustExec("CREATE TABLE lab.readings (p int, n int, note text, PRIMARY KEY (p, n))")
	server.MustExec("INSERT INTO lab.readings (p, n, note) VALUES (0, 0, 'a')")
	server.MustExec("INSERT INTO lab.readings (p, n) VALUES (0, 1)")
	type reading struct {
		N    int
		Note string
	}
	got, err := source.Query[reading](session, "SELECT n, note FROM lab.readings").Rows().Collect(t.Context())
	require.Equal(t, []reading{{0, "a"}}, got, "the rows before it")
	require.ErrorIs(t, err, cql.Malformed)
	require.ErrorIs(t, err, source.ErrNull)
	var cell *source.DecodeError
	require.ErrorAs(t, err, &cell)
	require.Equal(t, source.DecodeError{Column: "note", CQLType: "text", GoType: "string", Field: "Note", Row: 1, Err: source.ErrNull}, *cell)

	type mistyped struct {
		N    int
		Note int
	}
	_, err = source.Query[mistyped](session, "SELECT n, note FROM lab.readings").Rows().Collect(t.Context())
	require.ErrorAs(t, err, &cell)
	require.Equal(t, "note", cell.Column)
	require.Equal(t, "int", cell.GoType)
	require.Equal(t, "text", cell.CQLType)

	_, err = source.Query[reading](session, "SELECT n FROM lab.readings").Rows().Collect(t.Context())
	require.ErrorContains(t, err, `column "note" into string (field Note): the result has no such column`)
	_, err = source.Query[reading](session, "SELECT * FROM lab.readings").Rows().Collect(t.Context())
	require.ErrorContains(t, err, `column "p" (int)`)
	_, err = source.Query[int](session, "SELECT n, note FROM lab.readings").Pages().Collect(t.Context())
	require.ErrorContains(t, err, "int holds one column")
	_, err = source.Query[int](session, "SELECT n FROM lab.readings WHERE p = ?").Rows().Collect(t.Context())
	require.Error(t, err, "an argument is missing")
	_, err = source.Query[int](session, "SELEKT").Rows().Collect(t.Context())
	require.ErrorIs(t, err, cql.Syntax)
	_, err = source.Query[int](session, "SELECT n FROM lab.nowhere").Rows().Collect(t.Context())
	require.ErrorIs(t, err, cql.Invalid)
}

func TestAStatementThatReturnsNoRows(t *testing.T) {
	server, session := serve(t)
	server.MustExec("CREATE TABLE lab.t (k int PRIMARY KEY)")
	rows, err := source.Query[int](session, "INSERT INTO lab.t (k) VALUES (?)", 1).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Empty(t, rows)
	require.Len(t, server.Requests(), 1)
}

func TestGoingOnAfterARowThatDoesNotFit(t *testing.T) {
	server, session := serve(t)
	server.MustExec("CREATE TABLE lab.readings (p int, n int, note text, PRIMARY KEY (p, n))")
	for i := range 10 {
		server.MustExec("INSERT INTO lab.readings (p, n, note) VALUES (0, ?, 'a')", i)
	}
	server.MustExec("DELETE note FROM lab.readings WHERE p = 0 AND n = 7")
	type reading struct {
		N    int
		Note string
	}
	query := source.Query[reading](session, "SELECT n, note FROM lab.readings").PageSize(4)
	var seen []int
	err := query.Rows().ForEach(t.Context(), func(r reading) error { seen = append(seen, r.N); return nil })
	var failed *source.PageError
	require.ErrorAs(t, err, &failed)
	require.Equal(t, 3, failed.Yielded)
	server.MustExec("UPDATE lab.readings SET note = 'mended' WHERE p = 0 AND n = 7")
	rest := operators.Skip(query.From(failed.State).Rows(), failed.Yielded)
	require.NoError(t, rest.ForEach(t.Context(), func(r reading) error { seen = append(seen, r.N); return nil }))
	require.Equal(t, upTo(10), seen)
}

func TestACellThatFailsComesAfterTheRowsBeforeItInPages(t *testing.T) {
	server, session := serve(t)
	server.MustExec("CREATE TABLE lab.readings (p int, n int, note text, PRIMARY KEY (p, n))")
	for i := range 4 {
		server.MustExec("INSERT INTO lab.readings (p, n, note) VALUES (0, ?, 'a')", i)
	}
	server.MustExec("INSERT INTO lab.readings (p, n) VALUES (0, 4)")
	pages, err := source.Query[string](session, "SELECT note FROM lab.readings").PageSize(2).Pages().Collect(t.Context())
	require.Len(t, pages, 2)
	var failed *source.PageError
	require.ErrorAs(t, err, &failed)
	require.Equal(t, 3, failed.Page)
	require.Equal(t, pages[1].State, failed.State)
}

// badValue is an argument whose marshalling panics.
type badValue struct{}

func (badValue) MarshalCQL(gocql.TypeInfo) ([]byte, error) { panic("bad value") }

func TestAPanicInAnArgumentReachesTheRun(t *testing.T) {
	server, session := serve(t)
	numbers(server, 300)
	require.PanicsWithValue(t, "bad value", func() {
		_, _ = source.Query[int](session, selectNumbers+" WHERE p = ?", badValue{}).Rows().Collect(context.Background())
	})
	var armed atomic.Bool
	defer func() {
		var p *rx.PanicError
		err, _ := recover().(error)
		require.True(t, errors.As(err, &p), "a page fetched ahead panics on another goroutine")
		require.Equal(t, "bad value", p.Value)
	}()
	query := source.Query[int](session, selectNumbers+" WHERE p = ?", armedValue{&armed}).PageSize(100)
	_, _ = operators.Tap(query.Rows(), operators.Hooks[int]{OnNext: func(int) { armed.Store(true) }}).Collect(context.Background())
}

// armedValue marshals as 0 until it is armed.
type armedValue struct{ armed *atomic.Bool }

func (v armedValue) MarshalCQL(gocql.TypeInfo) ([]byte, error) {
	if v.armed.Load() {
		panic("bad value")
	}
	return make([]byte, 4), nil
}
