package source_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/internal/virtualtime"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/rxtest"
	"github.com/rxcql/rxcql/source"
)

func TestATrackerTellsHowFarAScanHasGot(t *testing.T) {
	server, session := serve(t)
	want := spots(server, 60, 5)
	for _, parallel := range []int{1, 4} {
		var tracker source.Tracker
		table := source.Table[spot](session, "lab.spots").PageSize(3).SplitInto(8).Parallel(parallel).Track(&tracker)
		require.Zero(t, tracker.Progress())

		var rows, pages, size int
		last := source.Progress{}
		require.NoError(t, table.Pages().ForEach(t.Context(), func(p source.TablePage[spot]) error {
			now := tracker.Progress()
			require.EqualValues(t, rows, now.Rows, "what was consumed before this page")
			require.EqualValues(t, pages, now.Pages)
			require.EqualValues(t, size, now.Bytes)
			require.Equal(t, 8, now.Ranges)
			require.GreaterOrEqual(t, now.Done, last.Done)
			require.GreaterOrEqual(t, now.Share, last.Share)
			require.Less(t, now.Share, 1.0)
			require.GreaterOrEqual(t, now.Share, float64(now.Done)/8-0.001)
			require.False(t, now.Ended)
			rows, pages, size, last = rows+len(p.Rows), pages+1, size+p.Bytes, now
			return nil
		}))
		require.Greater(t, last.Share, 0.9)
		end := tracker.Progress()
		require.Equal(t, len(want), rows)
		require.EqualValues(t, rows, end.Rows)
		require.Equal(t, 8, end.Done)
		require.Equal(t, 1.0, end.Share)
		require.Zero(t, end.Resumed)
		require.True(t, end.Ended)
		require.Equal(t, end, tracker.Progress(), "it stays")

		n, err := table.Count(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, n, tracker.Progress().Rows)
	}
}

func TestATrackerCountsWhatEarlierRunsDid(t *testing.T) {
	server, session := serve(t)
	want := spots(server, 60, 5)
	var tracker source.Tracker
	kept := &memory{}
	table := source.Table[spot](session, "lab.spots").PageSize(3).SplitInto(8).Parallel(2).ReadAhead(0).Track(&tracker).Resume(kept)
	rows, before := 0, source.Progress{}
	for {
		pages := 0
		err := table.Each(t.Context(), 1, func(_ context.Context, p source.TablePage[spot]) error {
			now := tracker.Progress()
			require.InDelta(t, before.Share, now.Resumed, 1e-9)
			require.GreaterOrEqual(t, now.Share, now.Resumed)
			require.GreaterOrEqual(t, now.Done, before.Done)
			if pages++; pages > 20 {
				return errConsumer
			}
			rows += len(p.Rows)
			return nil
		})
		now := tracker.Progress()
		require.True(t, now.Ended)
		require.Greater(t, now.Share, before.Share)
		before = now
		if err == nil {
			break
		}
		require.Equal(t, errConsumer, err)
	}
	require.Equal(t, len(want), rows)
	require.Equal(t, 1.0, before.Share)
	require.Equal(t, before.Ranges, before.Done)

	require.NoError(t, table.Each(t.Context(), 1, nil), "there is nothing left")
	again := tracker.Progress()
	require.True(t, again.Ended)
	require.Equal(t, 1.0, again.Share)
	require.Equal(t, 1.0, again.Resumed)
	require.Zero(t, again.Rows)
}

func TestATrackerCountsRangesThatAreHalvedOrGivenUp(t *testing.T) {
	server, session := serve(t)
	all := spots(server, 60, 1)
	bad := int64(0)
	for _, s := range all[:1] {
		token, err := source.Query[int64](session, "SELECT token(a, b) FROM lab.spots WHERE a = ? AND b = ?", s.A, s.B).Rows().First(t.Context())
		require.NoError(t, err)
		bad = token
	}
	server.Inject(cqltest.Fault{
		Match: onSpots(func(r cqltest.Request) bool { start, end := rangeOf(r); return start < bad && bad <= end }),
		Err:   cqltest.ReadFailure(0, 1, 1, false),
	})
	var tracker source.Tracker
	n := 0
	err := source.Table[spot](session, "lab.spots").SplitInto(4).Track(&tracker).Retry(impatient).Rows().ForEach(t.Context(), func(spot) error {
		n++
		return nil
	})
	var failed *source.ScanError
	require.ErrorAs(t, err, &failed)
	end := tracker.Progress()
	require.Equal(t, len(all)-1, n)
	require.EqualValues(t, n, end.Rows)
	require.Equal(t, len(failed.Failed), end.Failed)
	require.Greater(t, end.Ranges, 4)
	require.Equal(t, end.Ranges, end.Done+end.Failed)
	require.InDelta(t, 1, end.Share, 1e-3)
	require.Contains(t, end.String(), ", 1 range failed")
}

func TestATrackedRunThatCannotBeginEnds(t *testing.T) {
	_, session := serve(t)
	var tracker source.Tracker
	_, err := source.Table[spot](session, "lab.nothing").Track(&tracker).Count(t.Context())
	require.Error(t, err)
	states, err := tracker.Watch(time.Hour).Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, states, 1)
	require.True(t, states[0].Ended)
	require.Zero(t, states[0].Share)
}

func TestWatchGoesFromTheBeginOfARunToItsEnd(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, session := serveInBubble(t)
		spots(server, 40, 1)
		var (
			tracker source.Tracker
			states  []source.Progress
			watcher sync.WaitGroup
		)
		start := time.Now()
		watcher.Go(func() {
			require.NoError(t, tracker.Watch(10*time.Second).ForEach(context.Background(), func(p source.Progress) error {
				states = append(states, p)
				return nil
			}))
		})
		time.Sleep(15500 * time.Millisecond) // nothing is told before it begins
		began := time.Now()
		table := source.Table[spot](session, "lab.spots").PageSize(1).SplitInto(1).Track(&tracker)
		require.NoError(t, table.Rows().ForEach(t.Context(), func(spot) error {
			time.Sleep(time.Second)
			return nil
		}))
		took := time.Since(began)
		watcher.Wait()
		require.Equal(t, 55500*time.Millisecond, time.Since(start))
		require.Len(t, states, 5)
		for i, s := range states[:4] {
			require.False(t, s.Ended)
			require.EqualValues(t, 10*i+4, s.Rows)
			require.InDelta(t, 1, s.Rate(), 0.2)
			left, known := s.TimeLeft()
			require.True(t, known)
			require.InDelta(t, took-s.Elapsed, left, float64(20*time.Second), "tokens of 40 partitions are not spread evenly")
		}
		require.True(t, states[4].Ended)
		require.EqualValues(t, 40, states[4].Rows)
		require.Equal(t, took, states[4].Elapsed)
		require.Equal(t, "100.0%, 1 of 1 range, 40 rows, 1 rows/s", states[4].String())
	})
}

func TestWatchKeepsTheContract(t *testing.T) {
	server, session := serve(t)
	spots(server, 3, 1)
	var tracker source.Tracker
	_, err := source.Table[spot](session, "lab.spots").Track(&tracker).Count(t.Context())
	require.NoError(t, err)
	rxtest.Source(t, rxtest.Case[source.Progress]{
		New: func() rx.Observable[source.Progress] { return tracker.Watch(time.Hour) }, Want: []source.Progress{tracker.Progress()},
		Foreign: []string{"github.com/gocql/gocql", "github.com/rxcql/rxcql/cql/cqltest"},
	})
	require.Panics(t, func() { tracker.Watch(0) })
}

func TestProgressBeforeAnythingIsKnown(t *testing.T) {
	var p source.Progress
	require.Zero(t, p.Rate())
	_, known := p.TimeLeft()
	require.False(t, known)
	require.Equal(t, "0.0%, 0 of 0 ranges, 0 rows, 0 rows/s", p.String())

	p = source.Progress{Share: 0.5, Resumed: 0.25, Elapsed: time.Minute}
	left, known := p.TimeLeft()
	require.True(t, known)
	require.Equal(t, 2*time.Minute, left, "the other half takes twice as long as the quarter of this run")
	p = source.Progress{Share: 1e-300, Elapsed: time.Hour}
	left, known = p.TimeLeft()
	require.True(t, known)
	require.Positive(t, left)
}

func TestAScanIsThrottledPausedAndLetGo(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, session := serveInBubble(t)
		all := spots(server, 40, 5)
		limiter := rate.NewLimiter(10, 1)
		table := source.Table[spot](session, "lab.spots").PageSize(5).SplitInto(4).Parallel(2).Throttle(limiter)
		for name, run := range map[string]func(consumed func(rows int)) error{
			"Rows": func(consumed func(int)) error {
				return table.Rows().ForEach(t.Context(), func(spot) error { consumed(1); return nil })
			},
			"Each": func(consumed func(int)) error {
				return table.Each(t.Context(), 1, func(_ context.Context, p source.TablePage[spot]) error { consumed(len(p.Rows)); return nil })
			},
		} {
			limiter.SetLimit(10)
			server.ResetLog()
			rows := 0
			start := time.Now()
			require.NoError(t, run(func(n int) {
				before := rows
				rows += n
				if before < 100 && rows >= 100 {
					require.InDelta(t, 10*time.Second, time.Since(start), float64(time.Second))
					require.LessOrEqual(t, server.Pages("lab.spots"), rows/5+2*2, "reading waits, too")
					limiter.SetLimit(0)
					time.AfterFunc(time.Hour, func() { limiter.SetLimit(rate.Inf) })
				}
			}))
			require.Equal(t, len(all), rows)
			require.InDelta(t, time.Hour+10*time.Second, time.Since(start), float64(2*time.Second), name)
		}
	})
}

func TestAPausedScanEndsWithItsContext(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, session := serveInBubble(t)
		spots(server, 40, 5)
		table := source.Table[spot](session, "lab.spots").Throttle(rate.NewLimiter(0, 1))
		for _, run := range []func(context.Context) error{
			func(ctx context.Context) error { _, err := table.Rows().Collect(ctx); return err },
			func(ctx context.Context) error { _, err := table.Count(ctx); return err },
			func(ctx context.Context) error {
				return table.Each(ctx, 2, func(context.Context, source.TablePage[spot]) error { return nil })
			},
		} {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			start := time.Now()
			require.ErrorIs(t, run(ctx), context.DeadlineExceeded)
			require.Equal(t, time.Minute, time.Since(start))
			cancel()
		}
		require.Panics(t, func() { table.Throttle(nil) })
	})
}

// The run begins and ends between two looks of the watch.
func TestAWatchTellsTheEndOnce(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, session := serveInBubble(t)
		spots(server, 10, 2)
		var tracker source.Tracker
		watched := make(chan []source.Progress)
		go func() {
			states, err := tracker.Watch(time.Hour).Collect(t.Context())
			require.NoError(t, err)
			watched <- states
		}()
		synctest.Wait()
		_, err := source.Table[spot](session, "lab.spots").Track(&tracker).Count(t.Context())
		require.NoError(t, err)
		states := <-watched
		require.Len(t, states, 1)
		require.True(t, states[0].Ended)
	})
}
