package source_test

import (
	"context"
	"fmt"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/internal/virtualtime"
	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/source"
)

// subscriber requests nothing by itself, unless next does.
type subscriber[T any] struct {
	rx.Subscription
	items []T
	ended bool
	err   error
	first func(rx.Subscription)
	next  func(*subscriber[T])
}

func (s *subscriber[T]) OnSubscribe(sub rx.Subscription) {
	s.Subscription = sub
	if s.first != nil {
		s.first(sub)
	}
}

func (s *subscriber[T]) OnNext(v T) {
	s.items = append(s.items, v)
	if s.next != nil {
		s.next(s)
	}
}

func (s *subscriber[T]) OnError(err error) { s.ended, s.err = true, err }
func (s *subscriber[T]) OnComplete()       { s.ended = true }

// subscribe runs src in a bubble until it is blocked or ends. The run is cancelled with the test.
func subscribe[T any](t *testing.T, src rx.Observable[T]) *subscriber[T] {
	s := &subscriber[T]{}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = src.Subscribe(context.Background(), s)
	}()
	synctest.Wait()
	t.Cleanup(func() { s.Cancel(); <-ended })
	return s
}

// request asks for n items and waits until whatever may happen has.
func (s *subscriber[T]) request(n int64) {
	s.Request(n)
	time.Sleep(time.Minute)
	synctest.Wait()
}

func TestAQueryOfWhichNothingIsRequestedSendsNothing(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, session := serveInBubble(t)
		numbers(server, 1000)
		query := source.Query[int](session, selectNumbers).PageSize(10)
		server.ResetLog()
		streams := map[string]rx.Observable[int]{
			"default": query.Rows(), "ReadAhead(0)": query.ReadAhead(0).Rows(), "ReadAhead(2)": query.ReadAhead(2).Rows(),
			"pages":           operators.Map(query.Pages(), func(p source.Page[int]) int { return p.Index }),
			"below operators": operators.Until(operators.Timeout(operators.Filter(query.Rows(), func(int) bool { return true }), operators.Timeouts{First: time.Second}), t.Context()),
		}
		for name, src := range streams {
			s := subscribe(t, src)
			time.Sleep(time.Minute)
			synctest.Wait()
			require.False(t, s.ended, name)
			require.Empty(t, server.Requests(), name)
		}
	})
}

// TestDemandDecidesHowManyPagesAreAsked requests rows and counts the requests that are sent for them.
func TestDemandDecidesHowManyPagesAreAsked(t *testing.T) {
	const defaultAhead = -1
	for _, c := range []struct {
		ahead    int
		requests []int64
		pages    []int // after each request
		rows     []int
	}{
		{defaultAhead, []int64{1, 9, 1, 20, 1000}, []int{1, 1, 2, 4, 10}, []int{1, 10, 11, 31, 100}},
		{defaultAhead, []int64{25, 5, 10}, []int{3, 3, 4}, []int{25, 30, 40}},
		{0, []int64{10, 10, 1}, []int{1, 2, 3}, []int{10, 20, 21}},
		{0, []int64{math.MaxInt64}, []int{10}, []int{100}},
		{2, []int64{1, 9, 1}, []int{3, 3, 4}, []int{1, 10, 11}},
		{99, []int64{1}, []int{10}, []int{1}},
	} {
		t.Run(fmt.Sprintf("ReadAhead %d, %v", c.ahead, c.requests), func(t *testing.T) {
			virtualtime.Test(t, func(t *testing.T) {
				server, session := serveInBubble(t)
				numbers(server, 100)
				query := source.Query[int](session, selectNumbers).PageSize(10)
				if c.ahead >= 0 {
					query = query.ReadAhead(c.ahead)
				}
				s := subscribe(t, query.Rows())
				for i, n := range c.requests {
					s.request(n)
					require.Len(t, s.items, c.rows[i])
					require.Equal(t, c.pages[i], server.Pages("lab.numbers"))
				}
				require.Equal(t, len(s.items) == 100, s.ended)
			})
		})
	}
}

func TestUnboundedDemandReadsAheadByDefault(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, session := serveInBubble(t)
		numbers(server, 100)
		s := &subscriber[int]{first: func(sub rx.Subscription) { sub.Request(math.MaxInt64) }}
		s.next = func(s *subscriber[int]) {
			synctest.Wait()
			if len(s.items) == 4 {
				require.Equal(t, 2, server.Pages("lab.numbers"))
				s.Cancel()
			}
		}
		require.NoError(t, source.Query[int](session, selectNumbers).PageSize(10).Rows().Subscribe(t.Context(), s))
		require.Len(t, s.items, 4)
	})
}

func TestPagesAreRequestedInPages(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, session := serveInBubble(t)
		numbers(server, 100)
		s := subscribe(t, source.Query[int](session, selectNumbers).PageSize(10).Pages())
		for _, n := range []int{1, 3, 4} {
			s.request(int64(n) - int64(len(s.items)))
			require.Len(t, s.items, n)
			require.Equal(t, n, server.Pages("lab.numbers"))
		}
	})
}

func TestEmptyPagesNeedNoFurtherDemand(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, session := serveInBubble(t)
		numbers(server, 3)
		server.PageSizes("lab.numbers", 0, 1, 0, 0, 1, 0, 0, 0, 1, 0)
		s := subscribe(t, source.Query[int](session, selectNumbers).Rows())
		for i, pages := range []int{2, 5, 9} {
			s.request(1)
			require.Len(t, s.items, i+1)
			require.Equal(t, pages, server.Pages("lab.numbers"))
			require.False(t, s.ended)
		}
		s.request(1)
		require.True(t, s.ended, "that nothing more comes is seen by asking for it")
		require.NoError(t, s.err)
	})
}

func TestTheEndBehindAnExactFitNeedsNoDemand(t *testing.T) {
	for name, read := range map[string]struct {
		options []cqltest.Option
		ahead   int
	}{
		"no state":                       {nil, 0},
		"a state, and a page ahead":      {[]cqltest.Option{cqltest.ExactFitHasState()}, 1},
		"no state, and two pages ahead":  {nil, 2},
		"a state, with five pages ahead": {[]cqltest.Option{cqltest.ExactFitHasState()}, 5},
	} {
		t.Run(name, func(t *testing.T) {
			virtualtime.Test(t, func(t *testing.T) {
				server, session := serveInBubble(t, read.options...)
				numbers(server, 20)
				s := subscribe(t, source.Query[int](session, selectNumbers).PageSize(10).ReadAhead(read.ahead).Rows())
				s.request(20)
				require.Equal(t, upTo(20), s.items)
				require.True(t, s.ended)
				require.NoError(t, s.err)
			})
		})
	}
}

func TestBehindABoundaryItsBufferIsTheDemand(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, session := serveInBubble(t)
		numbers(server, 100)
		s := subscribe(t, operators.Prefetch(source.Query[int](session, selectNumbers).PageSize(10).Rows(), 15))
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Empty(t, s.items)
		require.Equal(t, 3, server.Pages("lab.numbers"), "15 rows, and a page ahead of them")
		s.request(100)
		require.Equal(t, upTo(100), s.items)
		require.True(t, s.ended)
	})
}

// TestResultsThatComeEarlyOrLate has rows, an empty result and an error meet a subscriber that has not requested
// anything, is in OnNext, or has cancelled: none is lost, and none hangs.
func TestResultsThatComeEarlyOrLate(t *testing.T) {
	failure := cqltest.ReadFailure(0, 1, 1, false)
	for name, result := range map[string]outcome{
		"rows":         {rows: 20, items: upTo(20)},
		"nothing":      {},
		"an error":     {rows: 20, fault: &cqltest.Fault{Delay: time.Second, Err: failure}, err: cql.ReadFailure},
		"a late error": {rows: 20, fault: &cqltest.Fault{Match: onPage(2), Err: failure}, items: upTo(10), err: cql.ReadFailure},
	} {
		for way, stream := range map[string]func(source.Select[int]) rx.Observable[int]{
			"default":      source.Select[int].Rows,
			"ReadAhead(0)": func(q source.Select[int]) rx.Observable[int] { return q.ReadAhead(0).Rows() },
			"ReadAhead(3)": func(q source.Select[int]) rx.Observable[int] { return q.ReadAhead(3).Rows() },
			"Prefetch":     func(q source.Select[int]) rx.Observable[int] { return operators.Prefetch(q.Rows(), 64) },
		} {
			t.Run(name+" "+way, func(t *testing.T) {
				virtualtime.Test(t, func(t *testing.T) {
					server, session := serveInBubble(t)
					numbers(server, result.rows)
					if result.fault != nil {
						server.Inject(*result.fault)
					}
					server.Inject(cqltest.Fault{Delay: time.Second})
					rows := stream(source.Query[int](session, selectNumbers).PageSize(10).Retry(once))
					result.beforeTheFirstRequest(t, rows, way == "Prefetch")
					result.duringOnNext(t, rows)
					result.afterCancel(t, rows)
				})
			})
		}
	}
}

// outcome is what a query comes to.
type outcome struct {
	rows  int
	fault *cqltest.Fault
	items []int
	err   error
}

func (o outcome) beforeTheFirstRequest(t *testing.T, rows rx.Observable[int], eager bool) {
	s := subscribe(t, rows)
	time.Sleep(time.Minute)
	synctest.Wait()
	require.Empty(t, s.items)
	require.Equal(t, eager && len(o.items) == 0, s.ended, "an end that is known needs no demand")
	s.request(100)
	o.requireAll(t, s)
}

func (o outcome) duringOnNext(t *testing.T, rows rx.Observable[int]) {
	s := &subscriber[int]{first: func(sub rx.Subscription) { sub.Request(1) }}
	s.next = func(s *subscriber[int]) {
		time.Sleep(3 * time.Second) // whatever is under way arrives
		s.Request(1)
	}
	require.Equal(t, rows.Subscribe(t.Context(), s), s.err)
	o.requireAll(t, s)
}

func (o outcome) afterCancel(t *testing.T, rows rx.Observable[int]) {
	s := subscribe(t, rows)
	s.Request(100)
	synctest.Wait() // the first page is on its way
	s.Cancel()
	time.Sleep(time.Minute)
	synctest.Wait()
	require.Empty(t, s.items)
	require.False(t, s.ended)
}

func (o outcome) requireAll(t *testing.T, s *subscriber[int]) {
	require.True(t, s.ended)
	require.Equal(t, o.items, s.items)
	if o.err == nil {
		require.NoError(t, s.err)
	} else {
		require.ErrorIs(t, s.err, o.err)
	}
}

func TestASessionThatIsClosedEndsAnUnrequestedRun(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, session := serveInBubble(t)
		numbers(server, 10)
		s := subscribe(t, source.Query[int](session, selectNumbers).Rows())
		session.Close()
		synctest.Wait()
		require.True(t, s.ended)
		require.ErrorIs(t, s.err, cql.ErrClosed)
		require.Empty(t, s.items)
	})
}
