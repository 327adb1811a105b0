package rxtest_test

import (
	"context"
	"errors"
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/rxtest"
)

type publisher func(ctx context.Context, s rx.Subscriber[int]) error

func (p publisher) Subscribe(ctx context.Context, s rx.Subscriber[int]) error { return p(ctx, s) }

// published checks a publisher that should publish 1, 2, 3.
func published(p rxtest.Subscribable[int]) func(rxtest.TB) {
	return func(t rxtest.TB) {
		rxtest.Publisher(t, rxtest.Publication[int]{
			New: func() rxtest.Subscribable[int] { return p }, Want: []int{1, 2, 3},
		})
	}
}

// between stands between a good publisher and its subscriber, and spoils the signals for which it has a function.
type between struct {
	rx.Subscriber[int]
	subscribe func(to rx.Subscriber[int], s rx.Subscription)
	next      func(to rx.Subscriber[int], v int)
	complete  func(to rx.Subscriber[int])
	fail      func(to rx.Subscriber[int], err error)
}

func (b between) OnSubscribe(s rx.Subscription) {
	if b.subscribe != nil {
		b.subscribe(b.Subscriber, s)
		return
	}
	b.Subscriber.OnSubscribe(s)
}

func (b between) OnNext(v int) {
	if b.next != nil {
		b.next(b.Subscriber, v)
		return
	}
	b.Subscriber.OnNext(v)
}

func (b between) OnError(err error) {
	if b.fail != nil {
		b.fail(b.Subscriber, err)
		return
	}
	b.Subscriber.OnError(err)
}

func (b between) OnComplete() {
	if b.complete != nil {
		b.complete(b.Subscriber)
		return
	}
	b.Subscriber.OnComplete()
}

// spoiled publishes 1, 2, 3 to what make makes for each run.
func spoiled(make func(ctx context.Context) between) publisher {
	return func(ctx context.Context, s rx.Subscriber[int]) error {
		if s == nil {
			panic("no subscriber")
		}
		b := make(ctx)
		b.Subscriber = s
		return rx.Range(1, 3).Subscribe(ctx, b)
	}
}

func spoils(b between) func(rxtest.TB) {
	return published(spoiled(func(context.Context) between { return b }))
}

// handle is a Subscription of which a method is spoiled.
type handle struct {
	rx.Subscription
	request func(rx.Subscription, int64)
	cancel  func(rx.Subscription)
}

func (h handle) Request(n int64) {
	if h.request != nil {
		h.request(h.Subscription, n)
		return
	}
	h.Subscription.Request(n)
}

func (h handle) Cancel() {
	if h.cancel != nil {
		h.cancel(h.Subscription)
		return
	}
	h.Subscription.Cancel()
}

// hands gives the subscriber the Subscription as h spoils it.
func hands(h handle) func(rxtest.TB) {
	return spoils(between{subscribe: func(to rx.Subscriber[int], s rx.Subscription) {
		h.Subscription = s
		to.OnSubscribe(h)
	}})
}

type deaf struct{}

func (deaf) Request(int64) {}
func (deaf) Cancel()       {}

func TestBrokenPublishers(t *testing.T) {
	catch(t, []broken{{
		name: "does not wait for demand", spec: "1.1", message: "1 is requested, from outside: item 1 came when 0 was requested",
		check: published(publisher(func(ctx context.Context, s rx.Subscriber[int]) error {
			s.OnSubscribe(deaf{})
			for i := range 3 {
				s.OnNext(i + 1)
			}
			s.OnComplete()
			return nil
		})),
	}, {
		name: "gives two for one", spec: "1.1", message: "item 2 came when 1 was requested",
		check: hands(handle{request: func(s rx.Subscription, n int64) { s.Request(2 * n) }}),
	}, {
		name: "drops an item", spec: "1.2", message: "everything is requested in OnSubscribe: got items [1 2], want [1 2 3]",
		check: published(rx.Range(1, 2)),
	}, {
		name: "signals on another goroutine", spec: "1.3", message: "OnSubscribe was called on another goroutine",
		check: published(publisher(func(ctx context.Context, s rx.Subscriber[int]) (err error) {
			var wg sync.WaitGroup
			wg.Go(func() { err = rx.Range(1, 3).Subscribe(ctx, s) })
			wg.Wait()
			return err
		})),
	}, {
		name: "signals on two goroutines at once", spec: "1.3", message: "OnNext was called while OnSubscribe was running",
		check: spoils(between{subscribe: func(to rx.Subscriber[int], s rx.Subscription) {
			to.OnSubscribe(handle{Subscription: s, request: func(rx.Subscription, int64) {
				var wg sync.WaitGroup
				wg.Go(func() { to.OnNext(1) })
				wg.Wait()
			}})
		}}),
	}, {
		name: "completes instead of failing", spec: "1.4", message: `OnComplete was called, want OnError with "boom"`,
		check: func(t rxtest.TB) {
			rxtest.Publisher(t, rxtest.Publication[int]{New: func() rxtest.Subscribable[int] { return rx.Empty[int]() }, Err: errBoom})
		},
	}, {
		name: "fails instead of completing", spec: "1.5", message: `OnError got "boom", want OnComplete; items [] of [1 2 3]`,
		check: published(rx.Fail[int](errBoom)),
	}, {
		name: "returns another error", spec: "1.4", message: `Subscribe returned "another", but OnError got "boom"`,
		check: published(publisher(func(ctx context.Context, s rx.Subscriber[int]) error {
			_ = rx.Fail[int](errBoom).Subscribe(ctx, s)
			return errors.New("another")
		})),
	}, {
		name: "gives OnError nothing", spec: "1.4", message: "OnError got nil",
		check: spoils(between{complete: func(to rx.Subscriber[int]) { to.OnError(nil) }}),
	}, {
		name: "fails without OnError", spec: "1.4", message: `Subscribe returned "boom" without a last signal`,
		check: published(publisher(func(ctx context.Context, s rx.Subscriber[int]) error {
			_ = rx.Range(1, 3).Subscribe(ctx, between{Subscriber: s, complete: func(rx.Subscriber[int]) {}})
			return errBoom
		})),
	}, {
		name: "hides the end of the context", spec: "1.4", message: "want OnError with an error that is both",
		check: published(publisher(func(ctx context.Context, s rx.Subscriber[int]) error {
			if s == nil {
				panic("no subscriber")
			}
			var failure error
			_ = rx.Range(1, 3).Subscribe(ctx, between{Subscriber: s, fail: func(to rx.Subscriber[int], err error) {
				if failure = err; errors.Is(err, context.Canceled) {
					failure = context.Canceled
				}
				to.OnError(failure)
			}})
			return failure
		})),
	}, {
		name: "does not complete", spec: "1.5", message: "Subscribe returned nil without a last signal",
		check: spoils(between{complete: func(rx.Subscriber[int]) {}}),
	}, {
		name: "completes and returns an error", spec: "1.5", message: `Subscribe returned "boom", but OnComplete was called`,
		check: published(publisher(func(ctx context.Context, s rx.Subscriber[int]) error {
			_ = rx.Range(1, 3).Subscribe(ctx, s)
			return errBoom
		})),
	}, {
		name: "does not end", spec: "1.5", message: "more than 10003 items came",
		check: published(rx.Range(1, math.MaxInt)),
	}, {
		name: "cannot bear its Subscription to be used at the end", spec: "1.6", message: "Subscribe panicked with too late",
		check: published(spoiled(func(context.Context) between {
			over := false
			return between{
				subscribe: func(to rx.Subscriber[int], s rx.Subscription) {
					to.OnSubscribe(handle{Subscription: s, request: func(s rx.Subscription, n int64) {
						if over {
							panic("too late")
						}
						s.Request(n)
					}})
				},
				complete: func(to rx.Subscriber[int]) { over = true; to.OnComplete() },
			}
		})),
	}, {
		name: "completes twice", spec: "1.7", message: "OnComplete was called after OnComplete",
		check: spoils(between{complete: func(to rx.Subscriber[int]) { to.OnComplete(); to.OnComplete() }}),
	}, {
		name: "goes on after the end", spec: "1.7", message: "OnNext was called after OnComplete",
		check: spoils(between{complete: func(to rx.Subscriber[int]) { to.OnComplete(); to.OnNext(4) }}),
	}, {
		name: "goes on after Cancel", spec: "1.8", message: "the subscriber cancels in OnSubscribe: OnNext was called when the subscriber had cancelled",
		check: hands(handle{cancel: func(rx.Subscription) {}}),
	}, {
		name: "completes after Cancel", spec: "1.8", message: "OnComplete was called when the subscriber had cancelled",
		check: published(publisher(func(ctx context.Context, s rx.Subscriber[int]) error {
			if s == nil {
				panic("no subscriber")
			}
			ended := false
			end := func(rx.Subscriber[int]) { ended = true; s.OnComplete() }
			err := rx.Range(1, 3).Subscribe(ctx, between{Subscriber: s, complete: end, fail: func(to rx.Subscriber[int], err error) { ended = true; to.OnError(err) }})
			if !ended {
				s.OnComplete()
			}
			return err
		})),
	}, {
		name: "has no Subscription to give", spec: "1.9", message: "OnComplete came before OnSubscribe",
		check: published(publisher(func(ctx context.Context, s rx.Subscriber[int]) error { s.OnComplete(); return nil })),
	}, {
		name: "does nothing", spec: "1.9", message: "Subscribe returned nil without OnSubscribe",
		check: published(publisher(func(context.Context, rx.Subscriber[int]) error { return nil })),
	}, {
		name: "calls OnSubscribe twice", spec: "1.9", message: "OnSubscribe was called twice",
		check: spoils(between{subscribe: func(to rx.Subscriber[int], s rx.Subscription) { to.OnSubscribe(s); to.OnSubscribe(s) }}),
	}, {
		name: "takes nil for a Subscriber", spec: "1.9", message: "the Subscriber is nil: Subscribe did not panic",
		check: published(publisher(func(ctx context.Context, s rx.Subscriber[int]) error {
			if s == nil {
				return errBoom
			}
			return rx.Range(1, 3).Subscribe(ctx, s)
		})),
	}, {
		name: "stumbles over nil", spec: "1.9", message: "nil pointer dereference, which does not say what is wrong",
		check: published(publisher(func(ctx context.Context, s rx.Subscriber[int]) error {
			return rx.Range(1, 3).Subscribe(ctx, between{Subscriber: s})
		})),
	}, {
		name: "looks at the context before OnSubscribe", spec: "1.9", message: "the context was cancelled before Subscribe: Subscribe returned",
		check: published(publisher(func(ctx context.Context, s rx.Subscriber[int]) error {
			if err := rx.Cause(ctx); err != nil {
				return err
			}
			return rx.Range(1, 3).Subscribe(ctx, s)
		})),
	}, {
		name: "serves one at a time", spec: "1.11", message: "two subscribe at once: got items [], want [1 2 3]",
		check: func(t rxtest.TB) {
			var busy atomic.Int32
			published(publisher(func(ctx context.Context, s rx.Subscriber[int]) error {
				if s == nil {
					panic("no subscriber")
				}
				defer busy.Add(-1)
				if busy.Add(1) > 1 {
					return rx.Empty[int]().Subscribe(ctx, s)
				}
				return rx.Range(1, 3).Subscribe(ctx, s)
			}))(t)
		},
	}, {
		name: "one-shot but runs twice", spec: "1.11", message: "want OnError with rx.ErrConsumed",
		check: func(t rxtest.TB) {
			rxtest.Publisher(t, rxtest.Publication[int]{
				New: func() rxtest.Subscribable[int] { return rx.Range(1, 3) }, Want: []int{1, 2, 3}, Mode: rxtest.Once,
			})
		},
	}, {
		name: "recovers from panics", spec: "2.13", message: "the subscriber panics in OnSubscribe: Subscribe returned",
		check: published(publisher(func(ctx context.Context, s rx.Subscriber[int]) (err error) {
			if s == nil {
				panic("no subscriber")
			}
			defer func() {
				if recover() != nil {
					err = errBoom
				}
			}()
			return rx.Range(1, 3).Subscribe(ctx, s)
		})),
	}, {
		name: "tells a subscriber of its own panic", spec: "2.13", message: "OnError was called when the subscriber had panicked",
		check: published(publisher(func(ctx context.Context, s rx.Subscriber[int]) error {
			if s == nil {
				panic("no subscriber")
			}
			defer func() {
				if v := recover(); v != nil {
					s.OnError(errBoom)
					panic(v)
				}
			}()
			return rx.Range(1, 3).Subscribe(ctx, s)
		})),
	}, {
		name: "recurses", spec: "3.3", message: "OnNext was called inside of OnSubscribe",
		check: published(publisher(func(_ context.Context, s rx.Subscriber[int]) error {
			next := 0
			request := func(rx.Subscription, int64) {
				if next++; next <= 3 {
					s.OnNext(next)
				}
			}
			s.OnSubscribe(handle{request: request, cancel: func(rx.Subscription) {}})
			s.OnComplete()
			return nil
		})),
	}, {
		name: "minds a wrong Request after Cancel", spec: "3.6", message: "cancels and requests -1 in OnSubscribe: OnError was called when the subscriber had cancelled",
		check: published(spoiled(func(context.Context) between {
			cancelled := false
			return between{subscribe: func(to rx.Subscriber[int], s rx.Subscription) {
				to.OnSubscribe(handle{
					Subscription: s,
					cancel:       func(s rx.Subscription) { cancelled = true; s.Cancel() },
					request: func(s rx.Subscription, n int64) {
						if s.Request(n); n < 0 && cancelled {
							to.OnError(errBoom)
						}
					},
				})
			}}
		})),
	}, {
		name: "cannot be cancelled twice", spec: "3.7", message: "Subscribe panicked with close of closed channel",
		check: published(spoiled(func(context.Context) between {
			gone := make(chan struct{})
			return between{subscribe: func(to rx.Subscriber[int], s rx.Subscription) {
				to.OnSubscribe(handle{Subscription: s, cancel: func(s rx.Subscription) { close(gone); s.Cancel() }})
			}}
		})),
	}, {
		name: "takes nothing for a cancel", spec: "3.9", message: "0 is requested in OnSubscribe: Subscribe returned nil without a last signal, want OnError",
		check: hands(handle{request: func(s rx.Subscription, n int64) {
			if n <= 0 {
				s.Cancel()
				return
			}
			s.Request(n)
		}}),
	}, {
		name: "takes less than nothing for nothing", spec: "3.9", message: "OnError with a *rx.RequestError of -1",
		check: hands(handle{request: func(s rx.Subscription, n int64) { s.Request(max(n, 0)) }}),
	}, {
		name: "goes on after a wrong Request", spec: "3.9", message: "0 is requested at item 1: OnNext was called when 0 had been requested",
		check: published(spoiled(func(context.Context) between {
			items := 0
			return between{
				next: func(to rx.Subscriber[int], v int) { items++; to.OnNext(v) },
				subscribe: func(to rx.Subscriber[int], s rx.Subscription) {
					to.OnSubscribe(handle{Subscription: s, request: func(s rx.Subscription, n int64) {
						if n > 0 || items == 0 {
							s.Request(n)
						}
					}})
				},
			}
		})),
	}, {
		name: "fails when it is cancelled", spec: "3.12", message: `Subscribe returned "boom", want nil after Cancel`,
		check: published(publisher(func(ctx context.Context, s rx.Subscriber[int]) error {
			cancelled := false
			err := rx.Range(1, 3).Subscribe(ctx, between{Subscriber: s, subscribe: func(to rx.Subscriber[int], s rx.Subscription) {
				to.OnSubscribe(handle{Subscription: s, cancel: func(s rx.Subscription) { cancelled = true; s.Cancel() }})
			}})
			if cancelled && err == nil {
				return errBoom
			}
			return err
		})),
	}, {
		name: "has a Subscription that keeps its Subscriber", spec: "3.13", message: "the Subscriber is still reachable",
		check: spoils(between{subscribe: func(to rx.Subscriber[int], s rx.Subscription) {
			to.OnSubscribe(handle{Subscription: s, cancel: func(s rx.Subscription) {
				if to != nil {
					s.Cancel()
				}
			}})
		}}),
	}, {
		name: "leaves a goroutine behind", rule: 2, virtual: true, message: "goroutines of the run are still there",
		check: spoils(between{complete: func(to rx.Subscriber[int]) {
			go time.Sleep(promptly)
			to.OnComplete()
		}}),
	}})
}

// promptly is how long the kit waits in virtual time for what a broken publisher leaves behind.
const promptly = 100 * time.Millisecond

// TestHangingPublishers has those of which some call does not return, which a bubble finds at once.
func TestHangingPublishers(t *testing.T) {
	catchHanging(t, []broken{{
		name: "takes one Request", spec: "3.2", message: "Subscribe hangs after 1 items",
		check: published(spoiled(func(context.Context) between {
			requested := false
			return between{subscribe: func(to rx.Subscriber[int], s rx.Subscription) {
				to.OnSubscribe(handle{Subscription: s, request: func(s rx.Subscription, n int64) {
					if !requested {
						requested = true
						s.Request(n)
					}
				}})
			}}
		})),
	}, {
		name: "forgets demand that comes later", spec: "1.1", message: "Subscribe hangs after 0 items",
		check: published(spoiled(func(context.Context) between {
			return between{subscribe: func(to rx.Subscriber[int], s rx.Subscription) {
				inside := true
				to.OnSubscribe(handle{Subscription: s, request: func(s rx.Subscription, n int64) {
					if inside {
						s.Request(math.MaxInt64 - 1)
					}
				}})
				inside = false
			}}
		})),
	}, {
		name: "completes on demand", spec: "1.5", message: "1 is requested, from outside: Subscribe hangs after 3 items",
		check: published(spoiled(func(ctx context.Context) between {
			requested := make(chan struct{}, 100_000)
			return between{
				subscribe: func(to rx.Subscriber[int], s rx.Subscription) {
					to.OnSubscribe(handle{Subscription: s, request: func(s rx.Subscription, n int64) {
						for range min(n, 100) {
							requested <- struct{}{}
						}
						s.Request(n)
					}})
				},
				next: func(to rx.Subscriber[int], v int) { <-requested; to.OnNext(v) },
				complete: func(to rx.Subscriber[int]) {
					select {
					case <-requested:
					case <-ctx.Done():
					}
					to.OnComplete()
				},
			}
		})),
	}, {
		name: "waits in Request", spec: "3.4", message: "Request does not return",
		check: published(spoiled(func(ctx context.Context) between {
			return between{subscribe: func(to rx.Subscriber[int], s rx.Subscription) {
				to.OnSubscribe(handle{Subscription: s, request: func(s rx.Subscription, n int64) { <-ctx.Done() }})
			}}
		})),
	}, {
		name: "waits in Cancel", spec: "3.5", message: "Cancel does not return",
		check: published(spoiled(func(ctx context.Context) between {
			return between{subscribe: func(to rx.Subscriber[int], s rx.Subscription) {
				to.OnSubscribe(handle{Subscription: s, cancel: func(s rx.Subscription) { <-ctx.Done(); s.Cancel() }})
			}}
		})),
	}, {
		name: "ignores a wrong Request", spec: "3.9", message: "0 is requested in OnSubscribe: Subscribe hangs",
		check: hands(handle{request: func(s rx.Subscription, n int64) {
			if n > 0 {
				s.Request(n)
			}
		}}),
	}, {
		name: "sees Cancel at its next item", spec: "3.12", message: "cancels from outside when it has got 0 items and requested no more: Subscribe hangs",
		check: published(spoiled(func(context.Context) between {
			var inside atomic.Bool
			return between{
				subscribe: func(to rx.Subscriber[int], s rx.Subscription) {
					inside.Store(true)
					defer inside.Store(false)
					to.OnSubscribe(handle{Subscription: s, cancel: func(s rx.Subscription) {
						if inside.Load() {
							s.Cancel()
						}
					}})
				},
				next: func(to rx.Subscriber[int], v int) {
					inside.Store(true)
					defer inside.Store(false)
					to.OnNext(v)
				},
			}
		})),
	}, {
		name: "takes its time to cancel", spec: "3.12", message: "another 1s of virtual time",
		check: published(publisher(func(ctx context.Context, s rx.Subscriber[int]) error {
			if s == nil {
				panic("no subscriber")
			}
			ended := false
			err := rx.Range(1, 3).Subscribe(ctx, between{
				Subscriber: s,
				complete:   func(to rx.Subscriber[int]) { ended = true; to.OnComplete() },
				fail:       func(to rx.Subscriber[int], err error) { ended = true; to.OnError(err) },
			})
			if !ended {
				time.Sleep(time.Second)
			}
			return err
		})),
	}, {
		name: "adds up to less than nothing", spec: "3.17", message: "are requested in OnSubscribe and in each OnNext: Subscribe hangs after 1 items",
		check: published(spoiled(func(ctx context.Context) between {
			var total, delivered atomic.Int64
			more := make(chan struct{}, 100_000)
			return between{
				subscribe: func(to rx.Subscriber[int], s rx.Subscription) {
					to.OnSubscribe(handle{Subscription: s, request: func(_ rx.Subscription, n int64) { total.Add(n); more <- struct{}{} }})
					s.Request(math.MaxInt64)
				},
				next: func(to rx.Subscriber[int], v int) {
					for delivered.Load() >= total.Load() {
						select {
						case <-more:
						case <-ctx.Done():
							return
						}
					}
					delivered.Add(1)
					to.OnNext(v)
				},
			}
		})),
	}, {
		name: "takes an overflow for a wrong Request", spec: "3.17", message: "OnError got",
		check: published(spoiled(func(ctx context.Context) between {
			var total atomic.Int64
			return between{subscribe: func(to rx.Subscriber[int], s rx.Subscription) {
				to.OnSubscribe(handle{Subscription: s, request: func(s rx.Subscription, n int64) {
					if total.Add(n) < 0 {
						n = -1
					}
					s.Request(n)
				}})
			}}
		})),
	}})
}
