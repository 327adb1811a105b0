package source_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/source"
)

// tooWide makes requests for ranges that are wider than a part of the ring time out.
func tooWide(server *cqltest.Server, most uint64) *cqltest.Injected {
	return server.Inject(cqltest.Fault{
		Match: onSpots(func(r cqltest.Request) bool { s, e := rangeOf(r); return uint64(e)-uint64(s) > most }),
		Err:   cqltest.ReadTimeout(1, 1, false),
	})
}

// An engine that keeps no more than Left of the last page that it dealt with loses nothing and repeats nothing, also when
// the range was halved: what was cut off is part of it.
func TestLeftIsAllThatIsLeftOfARange(t *testing.T) {
	server, session := serve(t)
	want := spots(server, 100, 3)
	fault := tooWide(server, 1<<61)
	table := source.Table[spot](session, "lab.spots").PageSize(4).SplitInto(1).Where("n >= 0").Retry(impatient)
	left, err := table.Splits(t.Context())
	require.NoError(t, err)
	var rows []spot
	most := 0
	for len(left) > 0 {
		n, given := 0, left
		err := table.Ranges(left...).Parallel(3).Pages()(t.Context(), func(p source.TablePage[spot]) bool {
			rows = append(rows, p.Rows...)
			left, most = p.Left, max(most, len(p.Left))
			require.Contains(t, given, p.Of, "the one that was given, also of what was cut off it")
			require.Equal(t, p.Last, !slices.ContainsFunc(p.Left, func(r source.Range) bool { return r.Start == p.Range.Start }))
			n++
			return n < 3
		})
		require.NoError(t, err)
		if n == 0 {
			break
		}
		if len(left) > 1 { // only one range can be asked for if Left is to be of all
			var more []spot
			require.NoError(t, table.Ranges(left[1:]...).Rows().ForEach(t.Context(), func(s spot) error { more = append(more, s); return nil }))
			rows, left = append(rows, more...), left[:1]
		}
	}
	require.Greater(t, most, 1, "it was halved")
	require.Positive(t, fault.Hits())
	require.ElementsMatch(t, want, rows)
}

// Pages of one range are under way at the same time; that of the first fails when the second is done with.
func TestLeftHasThePagesBeforeThatAreNotDoneWith(t *testing.T) {
	server, session := serve(t)
	want := spots(server, 10, 5)
	table := source.Table[spot](session, "lab.spots").PageSize(5).SplitInto(1)
	first, err := table.Pages().First(t.Context())
	require.NoError(t, err)
	var (
		second = make(chan struct{})
		seen   []spot
		left   []source.Range
	)
	broken := errors.New("the first is not written")
	err = table.Each(t.Context(), 2, func(ctx context.Context, p source.TablePage[spot]) error {
		if p.Rows[0] == first.Rows[0] { // which may be called after that for the second
			<-second
			return broken
		}
		seen, left = p.Rows, p.Left
		close(second)
		<-ctx.Done()
		return nil
	})
	require.ErrorIs(t, err, broken)
	require.NotEmpty(t, seen)
	rest, err := table.Ranges(left...).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.ElementsMatch(t, want, rest, "all of it, as nothing before the first page was done with")
}

// What Left says is true whatever pages are under way and in whichever order they are done with.
func TestLeftLosesNothingWhateverTheOrder(t *testing.T) {
	server, session := serve(t)
	want := spots(server, 60, 3)
	tooWide(server, 1<<61)
	table := source.Table[spot](session, "lab.spots").PageSize(4).SplitInto(1).Where("n >= 0").Retry(impatient).Parallel(3).ReadAhead(3)
	enough := errors.New("enough")
	for pages := range 12 {
		var (
			mu   sync.Mutex
			rows = map[spot]bool{}
			left []source.Range
		)
		err := table.Each(t.Context(), 5, func(_ context.Context, p source.TablePage[spot]) error {
			mu.Lock()
			defer mu.Unlock()
			if left != nil {
				return enough
			}
			for _, row := range p.Rows {
				rows[row] = true
			}
			if pages--; pages < 0 {
				left = p.Left
				return enough
			}
			return nil
		})
		require.ErrorIs(t, err, enough)
		require.NoError(t, table.Ranges(left...).Rows().ForEach(t.Context(), func(row spot) error { rows[row] = true; return nil }))
		require.Len(t, rows, len(want))
	}
}

func TestARangeErrorTellsWhatWasNotConsumed(t *testing.T) {
	server, session := serve(t)
	server.MustExec("CREATE TABLE lab.spots (a int, b text, n int, v int, PRIMARY KEY ((a, b), n))")
	for n := range 60 {
		server.MustExec("INSERT INTO lab.spots (a, b, n, v) VALUES (1, 'x', ?, ?)", n, n)
	}
	server.MustExec("UPDATE lab.spots SET v = null WHERE a = 1 AND b = 'x' AND n = 42")
	table := source.Table[spot](session, "lab.spots").PageSize(5).SplitInto(1).ReadAhead(6)
	var rows []spot
	err := table.Rows().ForEach(t.Context(), func(s spot) error { rows = append(rows, s); return nil })
	var failed *source.RangeError
	require.ErrorAs(t, err, &failed)
	require.ErrorIs(t, err, cql.Malformed)
	require.Len(t, rows, 40)
	server.MustExec("UPDATE lab.spots SET v = 42 WHERE a = 1 AND b = 'x' AND n = 42")
	rest, err := table.Ranges(failed.Range).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, rest, 20, "nothing twice")
}

func TestRangesThatAreGiven(t *testing.T) {
	server, session := serve(t)
	want := spots(server, 40, 2)
	table := source.Table[spot](session, "lab.spots")
	var none []source.Range
	rows, err := table.Ranges(none...).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Empty(t, rows, "no ranges are not the whole table")

	_, err = table.Ranges(source.Range{Start: 0, End: 10}, source.Range{Start: 5, End: 20}).Rows().Collect(t.Context())
	require.ErrorContains(t, err, "overlap")

	ranges, err := table.SplitInto(8).Splits(t.Context())
	require.NoError(t, err)
	ordered, err := table.Ranges(ranges...).InTokenOrder().Rows().Collect(t.Context())
	require.NoError(t, err)
	direct, err := source.Query[spot](session, "SELECT a, b, n, v FROM lab.spots").Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, direct, ordered)
	require.ElementsMatch(t, want, ordered)

	kept := &memory{}
	nothing := func(context.Context, source.TablePage[spot]) error { return nil }
	require.NoError(t, table.Ranges(ranges...).Resume(kept).Each(t.Context(), 1, nothing))
	slices.Reverse(ranges)
	require.NoError(t, table.Ranges(ranges...).Resume(kept).Each(t.Context(), 1, nothing), "in another order")
	require.Panics(t, func() { table.ReadAhead(1 << 40) })
	require.Panics(t, func() { table.Parallel(1 << 40) })
}

func TestWhereTakesNothingButACondition(t *testing.T) {
	server, session := serve(t)
	spots(server, 40, 2)
	table := source.Table[spot](session, "lab.spots")
	for _, where := range []string{"v >= 0 LIMIT 3", "n = 1 PER PARTITION LIMIT 1", "n = 1 ORDER BY n", "n = 0; DROP TABLE x", "n = 0LIMIT 1", "n = 1 ALLOW FILTERING"} {
		_, err := table.Where(where).Rows().First(t.Context())
		require.ErrorContains(t, err, "Where", where)
	}
	n, err := table.Where("n = ? -- the second", 1).Count(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 40, n)
}

// Half of the requests fail, for reasons that have nothing to do with what they ask for.
func TestFailuresByChanceDoNotCutTheTableIntoTokens(t *testing.T) {
	server, session := serve(t)
	want := spots(server, 60, 5)
	var n atomic.Int64
	fault := server.Inject(cqltest.Fault{
		Match: onSpots(func(cqltest.Request) bool { return n.Add(1)%2 == 0 }), Err: cqltest.ReadFailure(1, 1, 1, false),
	})
	rows, err := source.Table[spot](session, "lab.spots").PageSize(10).SplitInto(4).Retry(impatient).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.ElementsMatch(t, want, rows)
	require.Less(t, fault.Hits(), 1000)
}

func TestCloseEndsAScanAtOnce(t *testing.T) {
	server, session := serve(t)
	spots(server, 1, 1000)
	n := 0
	err := source.Table[spot](session, "lab.spots").PageSize(1000).SplitInto(1).Rows()(t.Context(), func(spot) bool {
		if n++; n == 1 {
			session.Close()
		}
		return true
	})
	require.ErrorIs(t, err, cql.ErrClosed)
	require.Equal(t, 1, n)
}

func TestEachTellsWhyItsContextHasEnded(t *testing.T) {
	server, session := serve(t)
	spots(server, 10, 3)
	cause := errors.New("the reason")
	ctx, cancel := context.WithCancelCause(t.Context())
	err := source.Table[spot](session, "lab.spots").Each(ctx, 1, func(ctx context.Context, _ source.TablePage[spot]) error {
		cancel(cause)
		<-ctx.Done()
		return ctx.Err()
	})
	require.ErrorIs(t, err, cause)
	require.ErrorIs(t, err, context.Canceled)
	err = source.Table[spot](session, "lab.spots").Each(t.Context(), 1, func(ctx context.Context, _ source.TablePage[spot]) error {
		session.Close()
		return ctx.Err()
	})
	require.ErrorIs(t, err, cql.ErrClosed)
	require.NotErrorIs(t, err, rx.ErrEmpty)
}

func TestCountAsksForLargePages(t *testing.T) {
	server, session := serve(t)
	spots(server, 1, 20_000)
	n, err := source.Table[spot](session, "lab.spots").SplitInto(1).Count(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 20_000, n)
	require.Less(t, server.Pages("lab.spots"), 15)
}

// Each part of the last save has a time limit of its own.
func TestManyRangesAreSavedSomeAtATime(t *testing.T) {
	server, session := serve(t)
	spots(server, 300, 1)
	sizes := []int{}
	kept := &memory{before: func(s source.Saved) error { sizes = append(sizes, len(s.Ranges)); return nil }}
	require.NoError(t, source.Table[spot](session, "lab.spots").SplitInto(500).Resume(kept).
		Each(t.Context(), 2, func(context.Context, source.TablePage[spot]) error { return nil }))
	total := 0
	for _, n := range sizes {
		require.LessOrEqual(t, n, 100)
		total += n
	}
	require.GreaterOrEqual(t, total, 500)
}
