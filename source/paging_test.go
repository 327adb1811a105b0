package source_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/internal/virtualtime"
	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/source"
)

func TestAQueryIsCold(t *testing.T) {
	server, session := serve(t)
	numbers(server, 1000)
	rows := source.Query[int](session, selectNumbers).PageSize(100).Rows()
	require.Zero(t, server.Pages("lab.numbers"), "nothing before the run")
	for range 2 {
		got, err := rows.Collect(t.Context())
		require.NoError(t, err)
		require.Equal(t, upTo(1000), got)
	}
	require.Equal(t, 20, server.Pages("lab.numbers"), "each run asks again")
}

func TestTakingTenRowsFetchesOnePage(t *testing.T) {
	for name, query := range map[string]func(source.Select[int]) source.Select[int]{
		"default":      func(q source.Select[int]) source.Select[int] { return q },
		"ReadAhead(0)": func(q source.Select[int]) source.Select[int] { return q.ReadAhead(0) },
	} {
		t.Run(name, func(t *testing.T) {
			server, session := serve(t)
			numbers(server, 1000)
			rows := query(source.Query[int](session, selectNumbers).PageSize(100)).Rows()
			got, err := operators.Take(rows, 10).Collect(t.Context())
			require.NoError(t, err)
			require.Equal(t, upTo(10), got)
			require.Equal(t, 1, server.Pages("lab.numbers"))
		})
	}
}

// TestDemandDecidesHowManyPagesAreFetched takes k rows and counts the requests that this took in all.
func TestDemandDecidesHowManyPagesAreFetched(t *testing.T) {
	for _, c := range []struct {
		ahead, rows, pages int
	}{
		{0, 99, 1}, {0, 100, 1}, {0, 101, 2}, {0, 200, 2}, {0, 201, 3},
		{-1, 25, 1}, {-1, 26, 2}, {-1, 100, 2}, {-1, 125, 2}, {-1, 126, 3},
		{1, 1, 2}, {2, 1, 3}, {2, 101, 4}, {3, 1, 4}, {99, 1, 10},
	} {
		t.Run(fmt.Sprintf("ReadAhead %d, %d rows", c.ahead, c.rows), func(t *testing.T) {
			virtualtime.Test(t, func(t *testing.T) {
				server, session := serveInBubble(t)
				numbers(server, 1000)
				query := source.Query[int](session, selectNumbers).PageSize(100)
				if c.ahead >= 0 {
					query = query.ReadAhead(c.ahead)
				}
				taken := 0
				for _, err := range query.Rows().All(t.Context()) {
					require.NoError(t, err)
					synctest.Wait() // the consumer is slow: whatever may be fetched ahead is
					if taken++; taken == c.rows {
						break
					}
				}
				require.Equal(t, c.pages, server.Pages("lab.numbers"))
			})
		})
	}
}

func TestAPageIsFetchedAtOnceWhenFetchingIsTheSlowerPart(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, session := serveInBubble(t)
		numbers(server, 1000)
		server.Inject(cqltest.Fault{Delay: time.Second})
		taken := 0
		for _, err := range source.Query[int](session, selectNumbers).PageSize(100).Rows().All(t.Context()) {
			require.NoError(t, err)
			if taken++; taken == 101 { // the first row of page 2, which was waited for
				synctest.Wait()
				require.Equal(t, 3, server.Pages("lab.numbers"))
				break
			}
		}
	})
}

// TestAScanDoesNotWaitWhereTheServerKeepsUp: not even where it needs nearly all the time that consuming takes.
func TestAScanDoesNotWaitWhereTheServerKeepsUp(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, session := serveInBubble(t)
		numbers(server, 2000)
		server.Inject(cqltest.Fault{Match: func(r cqltest.Request) bool { return cqltest.User(r) && r.IsSelect() }, Delay: 98 * time.Millisecond})
		taken := 0
		var left time.Time
		for _, err := range source.Query[int](session, selectNumbers).PageSize(100).Rows().All(t.Context()) {
			require.NoError(t, err)
			if taken++; taken > 101 {
				require.Zero(t, time.Since(left), "before row %d", taken)
			}
			time.Sleep(time.Millisecond)
			left = time.Now()
		}
		require.Equal(t, 2000, taken)
	})
}

func TestLeavingStopsFetching(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, session := serveInBubble(t)
		numbers(server, 10_000)
		for range source.Query[int](session, selectNumbers).PageSize(100).ReadAhead(2).Rows().All(t.Context()) {
			synctest.Wait()
			break
		}
		require.Equal(t, 3, server.Pages("lab.numbers"))
		time.Sleep(time.Minute)
		require.Equal(t, 3, server.Pages("lab.numbers"), "nobody goes on")
	})
}

func TestAnExactFitLastPage(t *testing.T) {
	server, session := serve(t)
	numbers(server, 300)
	got, err := source.Query[int](session, selectNumbers).PageSize(100).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, upTo(300), got)
	require.Equal(t, 3, server.Pages("lab.numbers"))

	server, session = serve(t, cqltest.ExactFitHasState())
	numbers(server, 300)
	got, err = source.Query[int](session, selectNumbers).PageSize(100).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, upTo(300), got)
	require.Equal(t, 4, server.Pages("lab.numbers"), "an empty page ends it")
}

func TestPatternsOfPages(t *testing.T) {
	for _, sizes := range [][]int{
		{1, 0, 1}, {1, 0, 0, 1}, {0, 0, 0, 0}, {1, 0, 0, 0, 0, 0, 0, 1}, {0, 1}, {1, 0}, {2, 0, 0, 3, 0}, {0},
	} {
		for ahead := -1; ahead <= 2; ahead++ {
			t.Run(fmt.Sprint(sizes, " ReadAhead ", ahead), func(t *testing.T) {
				server, session := serve(t)
				total := 0
				for _, n := range sizes {
					total += n
				}
				numbers(server, total)
				server.PageSizes("lab.numbers", sizes...)
				query := source.Query[int](session, selectNumbers)
				if ahead >= 0 {
					query = query.ReadAhead(ahead)
				}
				got, err := query.Rows().Collect(t.Context())
				require.NoError(t, err)
				require.Equal(t, upTo(total), append([]int{}, got...))
				require.Equal(t, len(sizes), server.Pages("lab.numbers"))
			})
		}
	}
}

func TestTwentyThousandEmptyPages(t *testing.T) {
	server, session := serve(t)
	numbers(server, 2)
	sizes := make([]int, 20_000)
	sizes[0], sizes[len(sizes)-1] = 1, 1
	server.PageSizes("lab.numbers", sizes...)
	depth := 0
	got, err := operators.Tap(source.Query[int](session, selectNumbers).Rows(), operators.Hooks[int]{OnNext: func(int) {
		depth = runtime.Callers(0, make([]uintptr, 1000))
	}}).Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, upTo(2), got)
	require.Less(t, depth, 60, "the stack does not grow with the pages")
}

func TestLimitWithGrowingPages(t *testing.T) {
	for _, q := range []struct {
		cql  string
		args []any
	}{
		{selectNumbers + " LIMIT 350", nil},
		{selectNumbers + " LIMIT ?", []any{350}},
	} {
		server, session := serve(t)
		numbers(server, 1000)
		got, err := source.Query[int](session, q.cql, q.args...).Rows().Collect(t.Context())
		require.NoError(t, err)
		require.Equal(t, upTo(350), got)
		for _, r := range server.Requests()[1:] {
			require.Less(t, r.PageSize, 350)
		}
	}
	server, session := serve(t)
	numbers(server, 1000)
	for _, n := range []int{1, 2, 99, 100, 101, 400} {
		for _, size := range []int{1, 40, 100, 1000} {
			got, err := source.Query[int](session, selectNumbers+" LIMIT ?", n).PageSize(size).Rows().Collect(t.Context())
			require.NoError(t, err)
			require.Equal(t, upTo(n), got, "LIMIT %d, page size %d", n, size)
		}
	}
	server.ResetLog()
	_, err := source.Query[int](session, selectNumbers+" LIMIT 1").Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, server.Pages("lab.numbers"), "LIMIT 1 is one page")
}

func TestPagesCarryTheStateToGoOnFrom(t *testing.T) {
	server, session := serve(t)
	numbers(server, 1000)
	query := source.Query[int](session, selectNumbers).PageSize(300)
	pages, err := query.Pages().Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, pages, 4)
	from := 0
	for i, p := range pages {
		require.Equal(t, i+1, p.Index)
		require.NotEmpty(t, p.Host)
		from += len(p.Rows)
		if i == len(pages)-1 {
			require.Empty(t, p.State)
			break
		}
		rest, err := query.From(p.State).PageSize(7).Rows().Collect(t.Context())
		require.NoError(t, err)
		require.Equal(t, upTo(1000)[from:], rest)
	}
	require.Equal(t, 1000, from)
}

func TestEmptyPagesAreShownByPages(t *testing.T) {
	server, session := serve(t)
	numbers(server, 2)
	server.PageSizes("lab.numbers", 1, 0, 1)
	pages, err := source.Query[int](session, selectNumbers).Pages().Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, pages, 3)
	require.Empty(t, pages[1].Rows)
	require.NotEmpty(t, pages[1].State)
}

func TestPagesGrowTowardsTheirTarget(t *testing.T) {
	server, session := serve(t)
	numbers(server, 50_000)
	pages, err := source.Query[int](session, selectNumbers).ReadAhead(0).Pages().Collect(t.Context())
	require.NoError(t, err)
	var sizes []int
	for _, p := range pages {
		sizes = append(sizes, len(p.Rows))
	}
	require.Equal(t, []int{100, 400, 1600, 5000, 5000}, sizes[:5])
}

func TestSettersReturnCopies(t *testing.T) {
	server, session := serve(t)
	numbers(server, 10)
	args := []any{0, 5}
	query := source.Query[int](session, selectNumbers+" WHERE p = ? AND n < ?", args...)
	args[1] = 1
	_ = query.PageSize(1)
	got, err := query.Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, upTo(5), got)
	require.Equal(t, 1, server.Pages("lab.numbers"))
	for _, set := range []func(){
		func() { query.PageSize(0) }, func() { query.ReadAhead(-1) }, func() { query.Timeout(0) },
	} {
		require.Panics(t, set)
	}
}

func TestRunsAreIndependent(t *testing.T) {
	server, session := serve(t)
	numbers(server, 2000)
	rows := source.Query[int](session, selectNumbers).PageSize(100).Rows()
	results := make(chan []int, 8)
	for range cap(results) {
		go func() {
			got, _ := rows.Collect(context.Background())
			results <- got
		}()
	}
	for range cap(results) {
		require.Equal(t, upTo(2000), <-results)
	}
}
