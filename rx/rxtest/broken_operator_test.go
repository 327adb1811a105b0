package rxtest_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rxcql/rxcql/internal/async"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/rxtest"
)

type operator = func(rx.Observable[int]) rx.Observable[int]

// over checks an operator on ints.
func over[U any](op func(rx.Observable[int]) rx.Observable[U]) func(rxtest.TB) {
	return func(t rxtest.TB) { rxtest.Operator(t, []int{1, 2, 3, 4, 5}, op) }
}

// run makes an operator of a function that runs the upstream.
func run[U any](f func(ctx context.Context, src rx.Observable[int], yield func(U) bool) error) func(rx.Observable[int]) rx.Observable[U] {
	return func(src rx.Observable[int]) rx.Observable[U] {
		return func(ctx context.Context, yield func(U) bool) error { return f(ctx, src, yield) }
	}
}

// moved runs src on a goroutine that puts its items into the channel. Afterwards, the channel is closed, and wait
// tells how it ended.
func moved(ctx context.Context, src rx.Observable[int], items chan<- int) (wait func() (panicked any, returned bool, err error)) {
	var (
		err      error
		panicked any
		returned bool
		wg       sync.WaitGroup
	)
	wg.Go(func() {
		defer close(items)
		defer func() { panicked = recover() }()
		err = src(ctx, func(v int) bool {
			select {
			case items <- v:
				return true
			case <-ctx.Done():
				return false
			}
		})
		returned = true
	})
	return func() (any, bool, error) {
		wg.Wait()
		return panicked, returned, err
	}
}

// crossing is a correct asynchronous operator, apart from how it passes on panics and exits.
func crossing(end func(panicked any, returned bool) error) operator {
	return run(func(ctx context.Context, src rx.Observable[int], yield func(int) bool) (err error) {
		upstream, cancel := context.WithCancel(ctx)
		items, left := make(chan int), false
		wait := moved(upstream, src, items)
		defer func() {
			cancel()
			panicked, returned, upstreamErr := wait()
			switch {
			case panicked != nil || !returned:
				err = end(panicked, returned)
			case !left:
				err = upstreamErr
			}
			if canceled := rx.Cause(ctx); canceled != nil && !left {
				err = canceled
			}
		}()
		for v := range items {
			if left = !yield(v); left {
				break
			}
		}
		return nil
	})
}

func TestBrokenOperators(t *testing.T) {
	catch(t, []broken{{
		name: "yields where its upstream runs", rule: 1, message: "yield was called on another goroutine",
		check: over(run(func(ctx context.Context, src rx.Observable[int], yield func(int) bool) (err error) {
			var wg sync.WaitGroup
			wg.Go(func() { err = src(ctx, yield) })
			wg.Wait()
			return err
		})),
	}, {
		name: "flushes to a consumer that has left", rule: 1, message: "yield was called again after it had returned false",
		check: over(run(func(ctx context.Context, src rx.Observable[int], yield func(int) bool) error {
			if err := src(ctx, yield); err != nil {
				return err
			}
			yield(99)
			return nil
		})),
	}, {
		name: "does not wait for its upstream", rule: 2, message: "the run of the operator's upstream was still under way",
		check: over(run(func(ctx context.Context, src rx.Observable[int], yield func(int) bool) error {
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			items := make(chan int)
			wait := moved(ctx, src, items)
			for v := range items {
				if !yield(v) {
					return nil
				}
			}
			_, _, err := wait()
			return err
		})),
	}, {
		name: "runs its upstream apart from its context", rule: 2, message: "a context that is not derived from the run's",
		check: over(run(func(_ context.Context, src rx.Observable[int], yield func(int) bool) error {
			return src(context.Background(), yield)
		})),
	}, {
		name: "does not stop its upstream", rule: 2, message: "the operator had not stopped its upstream",
		check: over(run(func(ctx context.Context, src rx.Observable[int], yield func(int) bool) error {
			left := false
			err := src(ctx, func(v int) bool {
				left = left || !yield(v)
				return true
			})
			if left {
				return nil
			}
			return err
		})),
	}, {
		name: "swallows its upstream's error", rule: 3, message: `run returned nil, want the upstream's "rxtest: the upstream failed"`,
		check: over(run(func(ctx context.Context, src rx.Observable[int], yield func(int) bool) error {
			if err := src(ctx, yield); ctx.Err() != nil {
				return err
			}
			return nil
		})),
	}, {
		name: "goes on after its upstream's error", rule: 3, message: "the upstream yields 0 items, waits and fails: got items [1], want only those of []",
		check: over(run(func(ctx context.Context, src rx.Observable[int], yield func(int) bool) error {
			left := false
			err := src(ctx, func(v int) bool { left = !yield(v); return !left })
			if err != nil && ctx.Err() == nil && !left {
				yield(1)
			}
			return err
		})),
	}, {
		name: "lets the error overtake", rule: 3, message: "but overtook some of [1",
		check: over(run(func(ctx context.Context, src rx.Observable[int], yield func(int) bool) error {
			return async.Run(ctx, func(g *async.Group) error {
				failed := make(chan error, 1)
				q := async.Start(g, func(ctx context.Context, yield func(int) bool) error {
					err := src(ctx, yield)
					if err != nil {
						failed <- err
					}
					return err
				}, 10)
				for {
					select {
					case err := <-failed:
						return err
					default:
					}
					v, ok := q.Next(g.Done())
					if !ok {
						return q.End(ctx)
					}
					if !yield(v) {
						return nil
					}
				}
			})
		})),
	}, {
		name: "returns an error to a consumer that has left", rule: 3, message: `the consumer stops at item 1: run returned "context canceled", want nil`,
		check: over(run(func(ctx context.Context, src rx.Observable[int], yield func(int) bool) error {
			upstream, cancel := context.WithCancel(ctx)
			items := make(chan int)
			wait := moved(upstream, src, items)
			defer func() { cancel(); _, _, _ = wait() }()
			for v := range items {
				if !yield(v) {
					cancel()
				}
			}
			return rx.Cause(upstream)
		})),
	}, {
		name: "panics", rule: 3, message: "a first run over 0 items: run panicked with boom",
		check: over(run(func(context.Context, rx.Observable[int], func(int) bool) error { panic(errBoom) })),
	}, {
		name: "exits", rule: 3, message: "a first run over 0 items: run's goroutine exited",
		check: over(run(func(context.Context, rx.Observable[int], func(int) bool) error {
			runtime.Goexit()
			return nil
		})),
	}, {
		name: "panics when its upstream fails", rule: 3, message: "the upstream yields 0 items, waits and fails: run panicked with boom",
		check: over(run(func(ctx context.Context, src rx.Observable[int], yield func(int) bool) error {
			err := src(ctx, yield)
			if err != nil && ctx.Err() == nil {
				panic(errBoom)
			}
			return err
		})),
	}, {
		name: "counts across runs", rule: 4, message: "got items [], want [1] as in the first run",
		check: over(func(src rx.Observable[int]) rx.Observable[int] {
			var n atomic.Int64
			return func(ctx context.Context, yield func(int) bool) error {
				return src(ctx, func(v int) bool { return n.Add(1) > 1 || yield(v) })
			}
		}),
	}, {
		name: "takes a cancelled run for a complete one", rule: 5, message: "run returned nil, want an error that is both",
		check: over(run(func(ctx context.Context, src rx.Observable[int], yield func(int) bool) error {
			if err := src(ctx, yield); !errors.Is(err, context.Canceled) {
				return err
			}
			return nil
		})),
	}, {
		name: "flushes when it is cancelled", rule: 5, message: "got items [1 99], want only those of [1]",
		check: over(run(func(ctx context.Context, src rx.Observable[int], yield func(int) bool) error {
			n := 0
			err := src(ctx, func(v int) bool { n++; return yield(v) })
			if ctx.Err() != nil && 0 < n && n < 5 {
				yield(99)
			}
			return err
		})),
	}, {
		name: "makes an error of a panic", rule: 6, message: `the upstream panics after 0 items with a *struct { why string }: run returned "panicked", want the panic to come out`,
		check: over(crossing(func(any, bool) error { return errors.New("panicked") })),
	}, {
		name: "wraps a panic twice", rule: 6, message: "with a *rx.PanicError: run panicked with",
		check: over(crossing(func(panicked any, _ bool) error {
			panic(&rx.PanicError{Value: panicked, Stack: []byte("stack")})
		})),
	}, {
		name: "loses the stack", rule: 6, message: "the *rx.PanicError has no stack",
		check: over(crossing(func(panicked any, _ bool) error {
			panic(&rx.PanicError{Value: panicked})
		})),
	}, {
		name: "changes the panic", rule: 6, message: "run panicked with oops",
		check: over(crossing(func(any, bool) error {
			panic("oops")
		})),
	}, {
		name: "does not exit when its upstream does", rule: 6, message: "the upstream calls runtime.Goexit after 0 items: run returned nil, want its goroutine to exit",
		check: over(crossing(func(panicked any, _ bool) error {
			if panicked != nil {
				panic(panicked)
			}
			return nil
		})),
	}, {
		name: "makes a panic of the consumer's panic", rule: 6, message: "want the panic to pass untouched",
		check: over(run(func(ctx context.Context, src rx.Observable[int], yield func(int) bool) error {
			defer func() {
				if v := recover(); v != nil {
					panic(fmt.Sprint(v))
				}
			}()
			return src(ctx, yield)
		})),
	}, {
		name: "reuses its buffer", rule: 7, message: "item 1 was changed after it had been yielded: [1 2 ], now [5 4 ]",
		check: over(run(func(ctx context.Context, src rx.Observable[int], yield func([]int) bool) error {
			var buf []int
			return src(ctx, func(v int) bool {
				if buf = append(buf, v); len(buf) < 2 {
					return true
				}
				defer func() { buf = buf[:0] }()
				return yield(buf)
			})
		})),
	}, {
		name: "yields windows on one buffer", rule: 7, message: "items 1 and 2 share memory",
		check: over(run(func(ctx context.Context, src rx.Observable[int], yield func([]int) bool) error {
			buf := make([]int, 0, 10)
			return src(ctx, func(v int) bool {
				buf = append(buf, v)
				return yield(buf)
			})
		})),
	}})
}

func TestOperatorsThatHang(t *testing.T) {
	catchHanging(t, []broken{{
		name: "waits for its upstream without stopping it", rule: 3, message: "run hangs though its consumer has left",
		check: over(run(func(ctx context.Context, src rx.Observable[int], yield func(int) bool) (err error) {
			items, left := make(chan int, 10), false
			wait := moved(ctx, src, items)
			defer func() {
				_, _, upstreamErr := wait()
				if err = upstreamErr; left {
					err = nil
				}
			}()
			for v := range items {
				if left = !yield(v); left {
					return nil
				}
			}
			return nil
		})),
	}, {
		name: "keeps the cancelling to itself", rule: 5, message: "run hangs though its context has ended",
		check: func(t rxtest.TB) {
			released, release := context.WithCancel(context.Background())
			defer func() { release(); time.Sleep(time.Second) }()
			over(run(func(ctx context.Context, src rx.Observable[int], yield func(int) bool) error {
				upstream, cancel := context.WithCancel(context.WithoutCancel(ctx))
				defer context.AfterFunc(released, cancel)()
				defer cancel()
				return src(upstream, yield)
			}))(t)
		},
	}, {
		name: "sleeps without its context", rule: 5, message: "run took another",
		check: over(run(func(ctx context.Context, src rx.Observable[int], yield func(int) bool) error {
			return src(ctx, func(v int) bool {
				time.Sleep(time.Minute)
				return yield(v)
			})
		})),
	}})
}

func TestTooFewItems(t *testing.T) {
	got := verdict(t, func(t rxtest.TB) { rxtest.Operator(t, []int{1}, double) })
	if got != "rxtest.Operator needs at least two items" {
		t.Error(got)
	}
}
