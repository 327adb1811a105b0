package rxtest_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/rxtest"
)

// TestSourcesThatLeaveGoroutines lets them go when the check has failed, for the bubble's sake.
func TestSourcesThatLeaveGoroutines(t *testing.T) {
	leaky := func(leave func(ctx context.Context, release <-chan struct{}), wait ...time.Duration) func(rxtest.TB) {
		return func(t rxtest.TB) {
			release := make(chan struct{})
			defer func() {
				close(release)
				for _, d := range wait {
					time.Sleep(d)
				}
			}()
			ints(func(ctx context.Context, yield func(int) bool) error {
				leave(ctx, release)
				return rx.Range(1, 3)(ctx, yield)
			})(t)
		}
	}
	catch(t, []broken{{
		name: "leaves a goroutine", rule: 2, message: "a full run: goroutines of the run are still there",
		check: leaky(func(_ context.Context, release <-chan struct{}) {
			go func() { <-release }()
		}),
	}})
	catchHanging(t, []broken{{
		name: "leaves a goroutine's goroutine", rule: 2, message: "rxtest_test.TestSourcesThatLeaveGoroutines",
		check: leaky(func(_ context.Context, release <-chan struct{}) {
			var wg sync.WaitGroup
			wg.Go(func() { go func() { <-release }() })
			wg.Wait()
		}),
	}, {
		name: "does not wait for a goroutine that ends by itself", rule: 2, message: "goroutines of the run are still there",
		check: leaky(func(context.Context, <-chan struct{}) {
			go func() { time.Sleep(time.Second) }()
		}, 2*time.Second),
	}})
}

func TestSourcesThatHang(t *testing.T) {
	hanging := func(run func(ctx context.Context, yield func(int) bool, release <-chan struct{}) error) func(rxtest.TB) {
		return func(t rxtest.TB) {
			release := make(chan struct{})
			defer close(release)
			ints(func(ctx context.Context, yield func(int) bool) error { return run(ctx, yield, release) })(t)
		}
	}
	catchHanging(t, []broken{{
		name: "hangs after its last item", rule: 3, message: "run hangs after 3 items",
		check: hanging(func(ctx context.Context, yield func(int) bool, release <-chan struct{}) error {
			err := rx.Range(1, 3)(ctx, yield)
			<-release
			return err
		}),
	}, {
		name: "hangs when its consumer has left", rule: 3, message: "run hangs though its consumer has left",
		check: hanging(func(ctx context.Context, yield func(int) bool, release <-chan struct{}) error {
			return rx.Range(1, 3)(ctx, func(v int) bool {
				ok := yield(v)
				if !ok {
					<-release
				}
				return ok
			})
		}),
	}, {
		name: "hangs when it is cancelled", rule: 5, message: "run hangs though its context has ended",
		check: hanging(func(ctx context.Context, yield func(int) bool, release <-chan struct{}) error {
			err := rx.Range(1, 3)(ctx, yield)
			if err != nil {
				<-release
			}
			return err
		}),
	}, {
		name: "is slow to notice the cancel", rule: 5, message: "run took another 1s of virtual time to return",
		check: ints(func(ctx context.Context, yield func(int) bool) error {
			err := rx.Range(1, 3)(ctx, yield)
			if err != nil {
				time.Sleep(time.Second)
			}
			return err
		}),
	}, {
		name: "waits without its context", rule: 5, message: "cancelled from outside after item 1: run took another",
		check: func(t rxtest.TB) {
			rxtest.Source(t, rxtest.Case[int]{
				New: func() rx.Observable[int] {
					return func(ctx context.Context, yield func(int) bool) error {
						return rx.Range(1, 2)(ctx, func(v int) bool {
							if v == 2 {
								time.Sleep(time.Hour)
								if ctx.Err() != nil {
									return false
								}
							}
							return yield(v)
						})
					}
				},
				Want: []int{1, 2},
			})
		},
	}})
}
