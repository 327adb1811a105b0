package source_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/internal/virtualtime"
	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

func TestCloseInYieldMakesTheNextRowErrClosed(t *testing.T) {
	server, session := serve(t)
	numbers(server, 300)
	taken := 0
	var last error
	for _, err := range source.Query[int](session, selectNumbers).PageSize(100).ReadAhead(2).Rows().All(t.Context()) {
		if last = err; err != nil {
			break
		}
		if taken++; taken == 50 {
			session.Close()
		}
	}
	require.Equal(t, 50, taken, "though the page has more rows")
	require.ErrorIs(t, last, cql.ErrClosed)
	_, err := source.Query[int](session, selectNumbers).Rows().First(t.Context())
	require.ErrorIs(t, err, cql.ErrClosed)
}

func TestShutdownInYieldRunsIntoItsDeadline(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, session := serveInBubble(t)
		numbers(server, 300)
		for _, err := range source.Query[int](session, selectNumbers).Rows().All(t.Context()) {
			require.NoError(t, err)
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			start := time.Now()
			require.ErrorIs(t, session.Shutdown(ctx), context.DeadlineExceeded)
			require.Equal(t, 50*time.Millisecond, time.Since(start))
			cancel()
			break
		}
		_, err := source.Query[int](session, selectNumbers).Rows().First(t.Context())
		require.ErrorIs(t, err, cql.ErrClosed, "the driver is closed")
	})
}

func TestShutdownLetsAnOpenStreamGoOn(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, session := serveInBubble(t)
		numbers(server, 300)
		shut := make(chan error, 1)
		taken := 0
		for _, err := range source.Query[int](session, selectNumbers).PageSize(10).Rows().All(t.Context()) {
			require.NoError(t, err)
			if taken++; taken == 1 {
				go func() { shut <- session.Shutdown(t.Context()) }()
				synctest.Wait()
				_, err := source.Query[int](session, selectNumbers).Rows().First(t.Context())
				require.ErrorIs(t, err, cql.ErrClosed, "nothing new")
			}
			require.Empty(t, shut)
		}
		require.Equal(t, 300, taken)
		require.NoError(t, <-shut)
	})
}

func TestAJobUnderWorkDrainsWhole(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, session := serveInBubble(t)
		numbers(server, 300)
		server.MustExec("CREATE TABLE lab.copy (n int PRIMARY KEY)")
		type copied struct{ N int }
		shut := make(chan error, 1)
		require.NoError(t, session.Work(t.Context(), func(ctx context.Context) error {
			// One query for all, then, when shutting down has begun, another one and a write.
			all, err := source.Query[int](session, selectNumbers).Rows().Collect(ctx)
			require.NoError(t, err)
			go func() { shut <- session.Shutdown(t.Context()) }()
			synctest.Wait()
			again, err := source.Query[int](session, selectNumbers).Rows().Collect(ctx)
			require.NoError(t, err)
			require.Equal(t, all, again)
			rows := operators.Map(rx.From(all...), func(n int) copied { return copied{n} })
			report, err := sink.Insert[copied](session, "lab.copy").Write(ctx, rows)
			require.EqualValues(t, 300, report.Written)
			return err
		}))
		require.NoError(t, <-shut)
		require.Len(t, server.Requests(func(r cqltest.Request) bool { return len(r.Values) == 1 }), 300)
	})
}

func TestCallbacksMayUseTheSession(t *testing.T) {
	server, session := serve(t)
	numbers(server, 300)
	server.MustExec("CREATE TABLE lab.seen (n int PRIMARY KEY)")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	tapped := operators.Tap(source.Query[int](session, selectNumbers).PageSize(10).Rows(), operators.Hooks[int]{
		OnNext: func(n int) {
			switch {
			case n < 5:
				require.NoError(t, session.Execute(ctx, cql.Statement{CQL: "INSERT INTO lab.seen (n) VALUES (?)", Args: []any{n}}))
				_, err := source.Query[int](session, "SELECT n FROM lab.seen WHERE n = ?", n).Rows().First(ctx)
				require.NoError(t, err)
			case n == 20:
				cancel()
			}
		},
		OnCancel: session.Close,
	})
	got, err := tapped.Collect(ctx)
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, upTo(21), got)
}

func TestCancelWakesAConsumerThatWaitsForAPage(t *testing.T) {
	for ahead := range 2 {
		virtualtime.Test(t, func(t *testing.T) {
			server, session := serveInBubble(t)
			numbers(server, 300)
			server.Inject(cqltest.Fault{Match: onPage(2), Lose: true})
			cause := errors.New("somebody pressed a key")
			ctx, cancel := context.WithCancelCause(t.Context())
			go func() { time.Sleep(time.Second); cancel(cause) }()
			start := time.Now()
			got, err := source.Query[int](session, selectNumbers).PageSize(100).ReadAhead(ahead).Rows().Collect(ctx)
			require.Equal(t, time.Second, time.Since(start))
			require.Equal(t, upTo(100), got)
			require.ErrorIs(t, err, context.Canceled)
			require.ErrorIs(t, err, cause)
		})
	}
}

func TestCancelStopsInTheMiddleOfAPage(t *testing.T) {
	server, session := serve(t)
	numbers(server, 300)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	taken := 0
	for _, err := range source.Query[int](session, selectNumbers).Rows().All(ctx) {
		if err != nil {
			require.ErrorIs(t, err, context.Canceled)
			continue
		}
		if taken++; taken == 7 {
			cancel()
		}
	}
	require.Equal(t, 7, taken)
	_, err := source.Query[int](session, selectNumbers).Rows().Collect(ctx)
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, 1, server.Pages("lab.numbers"), "a cancelled run sends nothing")
}

// TestRepliesAtAnyMoment has replies come before, while and after the consumer wants them, and after it has left or was
// cancelled.
func TestRepliesAtAnyMoment(t *testing.T) {
	type reply struct {
		name  string
		page  int // that fails; 0: none
		sizes []int
		rows  int // that come
	}
	moments := []time.Duration{0, time.Millisecond, time.Second}
	for _, c := range []reply{
		{"rows", 0, []int{100, 100, 100}, 300},
		{"an empty page first", 0, []int{0, 100, 200}, 300}, {"an empty page then", 0, []int{100, 0, 200}, 300},
		{"an error first", 1, []int{100, 100, 100}, 0}, {"an error then", 2, []int{100, 100, 100}, 100},
	} {
		for _, delay := range moments { // of each reply
			for _, pause := range moments { // of the consumer, at rows 1 and 100
				for _, leave := range []int{0, 1, 100, 101} { // after so many rows; 0: never
					for _, cancel := range []bool{false, true} { // instead of leaving
						virtualtime.Test(t, func(t *testing.T) {
							server, session := serveInBubble(t)
							numbers(server, 300)
							server.PageSizes("lab.numbers", c.sizes...)
							if c.page > 0 {
								server.Inject(cqltest.Fault{Match: onPage(c.page), Err: cqltest.Invalid("oops"), Delay: delay})
							}
							server.Inject(cqltest.Fault{Delay: delay})
							ctx, cancelRun := context.WithCancel(t.Context())
							defer cancelRun()
							taken := 0
							var end error
							for _, err := range source.Query[int](session, selectNumbers).ReadAhead(1).Rows().All(ctx) {
								if end = err; err != nil {
									break
								}
								taken++
								if taken == 1 || taken == 100 {
									time.Sleep(pause)
								}
								if taken == leave && cancel {
									cancelRun()
								} else if taken == leave {
									break
								}
							}
							time.Sleep(2 * time.Second) // replies come when nobody is there any more
							left := leave > 0 && leave <= c.rows
							switch {
							case left && cancel:
								require.Equal(t, leave, taken, c.name)
								require.ErrorIs(t, end, context.Canceled)
							case left:
								require.Equal(t, leave, taken, c.name)
								require.NoError(t, end)
							case c.page > 0:
								require.Equal(t, c.rows, taken, c.name)
								require.ErrorIs(t, end, cql.Invalid)
							default:
								require.Equal(t, c.rows, taken, c.name)
								require.NoError(t, end)
							}
							require.NoError(t, session.Shutdown(t.Context()), "nothing is under way")
						})
					}
				}
			}
		}
	}
}

func TestNoGoroutineIsLeftHoweverAStreamIsLeft(t *testing.T) {
	server, session := serve(t)
	numbers(server, 300)
	rows := source.Query[int](session, selectNumbers).PageSize(100).ReadAhead(1).Rows()
	_, err := rows.Collect(t.Context()) // the driver's own goroutines are there
	require.NoError(t, err)
	before := goleak.IgnoreCurrent()
	for i := range 1000 {
		ctx, cancel := context.WithCancel(t.Context())
		switch i % 4 {
		case 0:
			require.NoError(t, rows(ctx, func(n int) bool { return n < i%200 }))
		case 1:
			for n := range rows.All(ctx) {
				if n == i%200 {
					break
				}
			}
		case 2:
			_, err := operators.Tap(rows, operators.Hooks[int]{OnNext: func(n int) {
				if n == i%200 {
					cancel()
				}
			}}).Collect(ctx)
			require.ErrorIs(t, err, context.Canceled)
		case 3:
			require.Panics(t, func() {
				for n := range rows.All(ctx) {
					if n == i%200 {
						panic("left")
					}
				}
			})
		}
		cancel()
	}
	require.NoError(t, goleak.Find(before))
	require.NoError(t, session.Shutdown(t.Context()), "no stream counts as open")
}

func TestAPanicInARangeBodyOverAMergeCanBeRecovered(t *testing.T) {
	server, session := serve(t)
	numbers(server, 300)
	rows := source.Query[int](session, selectNumbers).PageSize(10).Rows()
	merged := operators.Merge(2, rows, rows)
	require.PanicsWithValue(t, "left", func() {
		for range merged.All(t.Context()) {
			panic("left")
		}
	})
	done := make(chan bool)
	go func() {
		defer func() { done <- recover() == nil }()
		for range merged.All(context.Background()) {
			runtime.Goexit() // as t.FailNow does
		}
	}()
	require.True(t, <-done)
	require.NoError(t, session.Shutdown(t.Context()))
}
