package rx_test

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/virtualtime"
	"github.com/rxcql/rxcql/rx"
)

// subscriber notes the signals that it gets, and does what its functions do.
type subscriber struct {
	rx.Subscription
	signals []string

	subscribed func(rx.Subscription)
	next       func(int)
	end        func()
}

func (s *subscriber) OnSubscribe(sub rx.Subscription) {
	s.Subscription = sub
	s.signals = append(s.signals, "subscribed")
	if s.subscribed != nil {
		s.subscribed(sub)
	}
}

func (s *subscriber) OnNext(v int) {
	s.signals = append(s.signals, fmt.Sprint(v))
	if s.next != nil {
		s.next(v)
	}
}

func (s *subscriber) OnError(err error) {
	s.signals = append(s.signals, "error: "+err.Error())
	if s.end != nil {
		s.end()
	}
}

func (s *subscriber) OnComplete() {
	s.signals = append(s.signals, "complete")
	if s.end != nil {
		s.end()
	}
}

// subscribe runs src until it is blocked or ends, in a bubble.
func subscribe(ctx context.Context, src rx.Observable[int], s *subscriber) (result chan error) {
	result = make(chan error, 1)
	go func() { result <- src.Subscribe(ctx, s) }()
	synctest.Wait()
	return result
}

func TestItemsComeAsTheyAreRequested(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		s := &subscriber{}
		result := subscribe(t.Context(), rx.Range(1, 5), s)
		require.Equal(t, []string{"subscribed"}, s.signals)
		s.Request(1)
		synctest.Wait()
		require.Equal(t, []string{"subscribed", "1"}, s.signals)
		s.Request(1)
		s.Request(2)
		synctest.Wait()
		require.Equal(t, []string{"subscribed", "1", "2", "3", "4"}, s.signals)
		s.Request(1)
		require.NoError(t, <-result)
		require.Equal(t, []string{"subscribed", "1", "2", "3", "4", "5", "complete"}, s.signals, "the end needs no demand")
	})
}

func TestWhatNeedsNoDemand(t *testing.T) {
	for name, c := range map[string]struct {
		src  rx.Observable[int]
		end  string
		want error
	}{
		"Empty": {rx.Empty[int](), "complete", nil},
		"Fail":  {rx.Fail[int](errBoom), "error: boom", errBoom},
	} {
		t.Run(name, func(t *testing.T) {
			s := &subscriber{}
			require.Equal(t, c.want, c.src.Subscribe(t.Context(), s))
			require.Equal(t, []string{"subscribed", c.end}, s.signals)
		})
	}
}

func TestOnSubscribeComesFirstAlsoWhenTheContextHasEnded(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errBoom)
	s := &subscriber{}
	err := rx.Range(1, 5).Subscribe(ctx, s)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, err, errBoom)
	require.Equal(t, []string{"subscribed", "error: context canceled: boom"}, s.signals)
}

func TestTheContextEndsWhileDemandIsAwaited(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		for _, src := range []rx.Observable[int]{rx.Range(1, 5), rx.Interval(time.Second), rx.FromChan(make(chan int)), rx.Never[int]()} {
			ctx, cancel := context.WithCancelCause(t.Context())
			s := &subscriber{}
			result := subscribe(ctx, src, s)
			time.Sleep(time.Minute)
			cancel(errBoom)
			err := <-result
			require.ErrorIs(t, err, context.Canceled)
			require.ErrorIs(t, err, errBoom)
			require.Equal(t, []string{"subscribed", "error: context canceled: boom"}, s.signals)
		}
	})
}

func TestANilSubscriberPanics(t *testing.T) {
	require.PanicsWithValue(t, "rx.Subscribe: nil Subscriber", func() { _ = rx.Range(1, 5).Subscribe(t.Context(), nil) })
}

// TestRequestingInOnNextDoesNotRecurse asks for a million items one by one, from within.
func TestRequestingInOnNextDoesNotRecurse(t *testing.T) {
	const n = 1_000_000
	depth := func() int { return runtime.Callers(0, make([]uintptr, 200)) }
	count, first, deepest := 0, 0, 0
	s := &counter{sub: func(sub rx.Subscription) { sub.Request(1) }}
	s.next = func(sub rx.Subscription, v int) {
		count++
		if count == 1 {
			first = depth()
		}
		if count%1000 == 0 {
			deepest = max(deepest, depth())
		}
		sub.Request(1)
	}
	require.NoError(t, rx.Range(0, n).Subscribe(t.Context(), s))
	require.Equal(t, n, count)
	require.Equal(t, first, deepest)
}

// counter is a subscriber that keeps nothing.
type counter struct {
	rx.Subscription
	sub  func(rx.Subscription)
	next func(rx.Subscription, int)
}

func (c *counter) OnSubscribe(s rx.Subscription) { c.Subscription = s; c.sub(s) }
func (c *counter) OnNext(v int)                  { c.next(c.Subscription, v) }
func (c *counter) OnError(error)                 {}
func (c *counter) OnComplete()                   {}

func TestDemandAddsUpToUnbounded(t *testing.T) {
	for _, requests := range [][]int64{
		{math.MaxInt64}, {math.MaxInt64, math.MaxInt64}, {1, math.MaxInt64 - 1}, {math.MaxInt64 - 1, 2}, {2, math.MaxInt64},
	} {
		s := &counter{next: func(sub rx.Subscription, _ int) { sub.Request(math.MaxInt64) }}
		s.sub = func(sub rx.Subscription) {
			for _, n := range requests {
				sub.Request(n)
			}
		}
		require.NoError(t, rx.Range(0, 100).Subscribe(t.Context(), s), "%v", requests)
	}
}

func TestARequestOfNothingEndsTheRun(t *testing.T) {
	for _, n := range []int64{0, -1, math.MinInt64} {
		s := &subscriber{}
		s.next = func(int) { s.Request(n); s.Request(-5); s.Request(1) }
		s.subscribed = func(rx.Subscription) { s.Request(3) }
		var cause error
		src := func(ctx context.Context, yield func(int) bool) error {
			err := rx.Range(1, 5)(ctx, yield)
			cause = context.Cause(ctx)
			return err
		}
		err := rx.Observable[int](src).Subscribe(t.Context(), s)
		var refused *rx.RequestError
		require.ErrorAs(t, err, &refused)
		require.Equal(t, n, refused.N, "the first one counts")
		require.Equal(t, []string{"subscribed", "1", "error: " + err.Error()}, s.signals)
		require.Equal(t, err, cause)
	}
	virtualtime.Test(t, func(t *testing.T) {
		s := &subscriber{}
		result := subscribe(t.Context(), rx.Range(1, 5), s)
		s.Request(-1)
		require.Equal(t, &rx.RequestError{N: -1}, <-result)
	})
}

func TestCancel(t *testing.T) {
	errUnsubscribed := "rx: the subscriber has cancelled"
	for name, c := range map[string]struct {
		arrange func(s *subscriber)
		signals []string
	}{
		"in OnSubscribe": {func(s *subscriber) {
			s.subscribed = func(sub rx.Subscription) { sub.Request(5); sub.Cancel(); sub.Request(5); sub.Request(-1) }
		}, []string{"subscribed"}},
		"in OnNext": {func(s *subscriber) {
			s.subscribed = func(sub rx.Subscription) { sub.Request(5) }
			s.next = func(int) { s.Cancel(); s.Cancel(); s.Request(5); s.Request(-1) }
		}, []string{"subscribed", "1"}},
		"after a wrong Request": {func(s *subscriber) {
			s.subscribed = func(sub rx.Subscription) { sub.Request(5) }
			s.next = func(int) { s.Request(-1); s.Cancel() }
		}, []string{"subscribed", "1"}},
		"at the end": {func(s *subscriber) {
			s.subscribed = func(sub rx.Subscription) { sub.Request(5) }
			s.end = func() { s.Cancel(); s.Request(-1); s.Request(1) }
		}, []string{"subscribed", "1", "2", "complete"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := &subscriber{}
			c.arrange(s)
			var cause error
			src := rx.Observable[int](func(ctx context.Context, yield func(int) bool) error {
				err := rx.Range(1, 2)(ctx, yield)
				cause = context.Cause(ctx)
				return err
			})
			require.NoError(t, src.Subscribe(t.Context(), s))
			require.Equal(t, c.signals, s.signals)
			if name == "in OnNext" {
				require.EqualError(t, cause, errUnsubscribed)
			}
			s.Cancel() // after the end nothing matters
			s.Request(-1)
		})
	}
}

func TestCancelOfACancelledContextIsNoError(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := &subscriber{}
	s.subscribed = func(sub rx.Subscription) { cancel(); sub.Cancel() }
	require.NoError(t, rx.Range(1, 2).Subscribe(ctx, s))
	require.Equal(t, []string{"subscribed"}, s.signals)
}

func TestCancelWhileDemandIsAwaited(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		s := &subscriber{}
		result := subscribe(t.Context(), rx.Range(1, 5), s)
		s.Cancel()
		require.NoError(t, <-result)
		require.Equal(t, []string{"subscribed"}, s.signals)
	})
}

func TestASubscriberThatPanicsGetsNothingMore(t *testing.T) {
	panics := func() { panic(errBoom) }
	for name, arrange := range map[string]func(s *subscriber){
		"OnSubscribe": func(s *subscriber) { s.subscribed = func(rx.Subscription) { panics() } },
		"OnNext": func(s *subscriber) {
			s.subscribed = func(sub rx.Subscription) { sub.Request(5) }
			s.next = func(int) { panics() }
		},
		"OnComplete": func(s *subscriber) {
			s.subscribed = func(sub rx.Subscription) { sub.Request(5) }
			s.end = panics
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := &subscriber{}
			arrange(s)
			var ctx context.Context
			src := rx.Observable[int](func(run context.Context, yield func(int) bool) error {
				ctx = run
				return rx.Range(1, 1)(run, yield)
			})
			require.PanicsWithValue(t, errBoom, func() { _ = src.Subscribe(t.Context(), s) })
			if ctx != nil {
				require.Error(t, ctx.Err(), "the run is cancelled")
			}
			n := len(s.signals)
			s.Request(1)
			s.Cancel()
			require.Len(t, s.signals, n)
		})
	}
	t.Run("and a stream that recovers", func(t *testing.T) {
		s := &subscriber{next: func(int) { panics() }, subscribed: func(sub rx.Subscription) { sub.Request(5) }}
		src := rx.Observable[int](func(ctx context.Context, yield func(int) bool) error {
			func() {
				defer func() { _ = recover() }()
				yield(1)
			}()
			yield(2)
			return errBoom
		})
		require.NoError(t, src.Subscribe(t.Context(), s))
		require.Equal(t, []string{"subscribed", "1"}, s.signals)
	})
}

func TestASubscriberThatExitsGetsNothingMore(t *testing.T) {
	s := &subscriber{next: func(int) { runtime.Goexit() }, subscribed: func(sub rx.Subscription) { sub.Request(5) }}
	cleaned := false
	src := rx.Observable[int](func(ctx context.Context, yield func(int) bool) error {
		defer func() { cleaned = true }()
		return rx.Range(1, 2)(ctx, yield)
	})
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = src.Subscribe(t.Context(), s)
	}()
	<-done
	require.Equal(t, []string{"subscribed", "1"}, s.signals)
	require.True(t, cleaned)
}

// TestASubscriptionKeepsNothingAlive holds on to the Subscription only.
func TestASubscriptionKeepsNothingAlive(t *testing.T) {
	for _, leave := range []func(s *subscriber){
		func(s *subscriber) { s.Request(10) },
		func(s *subscriber) { s.Cancel() },
		func(s *subscriber) { s.Request(-1) },
	} {
		sub, theSubscriber, theStream := func() (rx.Subscription, weak.Pointer[subscriber], weak.Pointer[[100]int]) {
			s, items := &subscriber{}, &[100]int{}
			s.subscribed = func(rx.Subscription) { leave(s) }
			_ = rx.From(items[:5]...).Subscribe(t.Context(), s)
			return s.Subscription, weak.Make(s), weak.Make(items)
		}()
		for range 10 {
			runtime.GC()
		}
		require.Nil(t, theSubscriber.Value())
		require.Nil(t, theStream.Value())
		sub.Request(1)
		sub.Cancel()
	}
}

func TestRequestAndCancelRaceWithTheRun(t *testing.T) {
	for range 200 {
		s := &subscriber{}
		sub := make(chan rx.Subscription, 1)
		s.subscribed = func(s rx.Subscription) { sub <- s }
		result := make(chan error, 1)
		go func() { result <- rx.Range(0, 1000).Subscribe(context.Background(), s) }()
		subscription := <-sub
		stopped := make(chan struct{}, 3)
		go func() {
			for range 500 {
				subscription.Request(1)
			}
			subscription.Cancel()
			stopped <- struct{}{}
		}()
		go func() {
			for range 100 {
				subscription.Request(3)
			}
			stopped <- struct{}{}
		}()
		go func() { subscription.Cancel(); stopped <- struct{}{} }()
		require.NoError(t, <-result)
		for range cap(stopped) {
			<-stopped
		}
		require.NotContains(t, s.signals, "complete", "at most 800 were requested")
		for i, v := range s.signals[1:] {
			require.Equal(t, fmt.Sprint(i), v)
		}
	}
}

// TestEveryRequestIsServed hands items to and fro between two goroutines, so that a lost wake-up hangs.
func TestEveryRequestIsServed(t *testing.T) {
	const n = 20_000
	got, sub := make(chan int, 1), make(chan rx.Subscription, 1)
	s := &counter{sub: func(s rx.Subscription) { sub <- s }, next: func(_ rx.Subscription, v int) { got <- v }}
	result := make(chan error, 1)
	go func() { result <- rx.Range(0, n).Subscribe(context.Background(), s) }()
	subscription := <-sub
	for i := range n {
		subscription.Request(1)
		require.Equal(t, i, <-got)
	}
	require.NoError(t, <-result)
}

func TestIntervalMissesTicksButNoNumberWhileNothingIsRequested(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		s := &subscriber{}
		result := subscribe(t.Context(), rx.Interval(time.Second), s)
		time.Sleep(10 * time.Second)
		s.Request(2)
		time.Sleep(1500 * time.Millisecond)
		synctest.Wait()
		require.Equal(t, []string{"subscribed", "0", "1"}, s.signals)
		s.Cancel()
		require.NoError(t, <-result)
	})
}

func TestAChannelKeepsWhatIsNotRequested(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		ch := make(chan int, 3)
		ch <- 1
		ch <- 2
		ch <- 3
		s := &subscriber{}
		result := subscribe(t.Context(), rx.FromChan(ch), s)
		require.Len(t, ch, 3)
		s.Request(2)
		synctest.Wait()
		require.Len(t, ch, 1)
		s.Cancel()
		require.NoError(t, <-result)
		require.Len(t, ch, 1)
	})
}

// TestAWayOutInsideOfARunTakesWhatComes collects a stream under the context of a run that has no demand.
func TestAWayOutInsideOfARunTakesWhatComes(t *testing.T) {
	var got []int
	src := rx.Defer(func(ctx context.Context) (rx.Observable[int], error) {
		ch := make(chan int, 3)
		ch <- 1
		close(ch)
		var err error
		got, err = rx.FromChan(ch).Collect(ctx)
		return rx.Empty[int](), err
	})
	require.NoError(t, src.Subscribe(t.Context(), &subscriber{}))
	require.Equal(t, []int{1}, got)
}
