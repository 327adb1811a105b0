package rxtest_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/rxtest"
)

var errBoom = errors.New("boom")

// ints checks a source that should yield 1, 2, 3.
func ints(src rx.Observable[int]) func(rxtest.TB) {
	return func(t rxtest.TB) {
		rxtest.Source(t, rxtest.Case[int]{
			New:  func() rx.Observable[int] { return src },
			Want: []int{1, 2, 3},
		})
	}
}

func TestBrokenSources(t *testing.T) {
	catch(t, []broken{{
		name: "yields on another goroutine", rule: 1, message: "on another goroutine, with item 1",
		check: ints(func(ctx context.Context, yield func(int) bool) (err error) {
			var wg sync.WaitGroup
			wg.Go(func() { err = rx.Range(1, 3)(ctx, yield) })
			wg.Wait()
			return err
		}),
	}, {
		name: "yields when its run has returned", rule: 1, message: "yield was called on another goroutine, with item 4",
		check: ints(func(ctx context.Context, yield func(int) bool) error {
			returned := make(chan struct{})
			defer close(returned)
			go func() { <-returned; yield(4) }()
			return rx.Range(1, 3)(ctx, yield)
		}),
	}, {
		name: "goes on after false", rule: 1, message: "the consumer stops at item 1: yield was called again",
		check: ints(func(ctx context.Context, yield func(int) bool) error {
			for i := 1; i <= 3; i++ {
				if err := rx.Cause(ctx); err != nil {
					return err
				}
				yield(i)
			}
			return nil
		}),
	}, {
		name: "goes on after a panic", rule: 1, message: "the consumer panics at item 1: yield was called again",
		check: ints(func(ctx context.Context, yield func(int) bool) error {
			again := func(v int) (ok bool) {
				defer func() {
					if r := recover(); r != nil {
						ok = yield(v)
					}
				}()
				return yield(v)
			}
			return rx.Range(1, 3)(ctx, again)
		}),
	}, {
		name: "leaves a resource open", rule: 2, message: "the consumer stops at item 1: when run ended, the file is open",
		check: func(t rxtest.TB) {
			var open atomic.Int32
			rxtest.Source(t, rxtest.Case[int]{
				New: func() rx.Observable[int] {
					return func(ctx context.Context, yield func(int) bool) error {
						open.Add(1)
						left := false
						err := rx.Range(1, 3)(ctx, func(v int) bool { left = !yield(v); return !left })
						if !left {
							open.Add(-1)
						}
						return err
					}
				},
				Want: []int{1, 2, 3},
				Open: func() error {
					if open.Load() > 0 {
						return errors.New("the file is open")
					}
					return nil
				},
			})
		},
	}, {
		name: "leaves something open when it is run twice at once", rule: 2, message: "three runs at once: when run ended, files are open",
		check: func(t rxtest.TB) {
			var busy, open atomic.Int32
			rxtest.Source(t, rxtest.Case[int]{
				New: func() rx.Observable[int] {
					return func(ctx context.Context, yield func(int) bool) error {
						if busy.Add(1) > 1 {
							open.Add(1)
						}
						defer busy.Add(-1)
						return rx.Range(1, 3)(ctx, yield)
					}
				},
				Want: []int{1, 2, 3},
				Open: func() error {
					if open.Load() > 0 {
						return errors.New("files are open")
					}
					return nil
				},
			})
		},
	}, {
		name: "drops an item", rule: 3, message: "a full run: got items [1 2], want [1 2 3]; run returned nil",
		check: ints(rx.Range(1, 2)),
	}, {
		name: "adds an item", rule: 3, message: "got items [1 2 3 4], want [1 2 3]",
		check: ints(rx.Range(1, 4)),
	}, {
		name: "fails", rule: 3, message: `a full run: run returned "boom", want nil`,
		check: ints(func(ctx context.Context, yield func(int) bool) error {
			if err := rx.Range(1, 3)(ctx, yield); err != nil {
				return err
			}
			return errBoom
		}),
	}, {
		name: "does not fail", rule: 3, message: `a full run: run returned nil, want "boom"`,
		check: func(t rxtest.TB) {
			rxtest.Source(t, rxtest.Case[int]{New: rx.Empty[int], Err: errBoom})
		},
	}, {
		name: "panics", rule: 3, message: "a full run: run panicked with boom",
		check: ints(func(ctx context.Context, yield func(int) bool) error {
			_ = rx.Range(1, 3)(ctx, yield)
			panic(errBoom)
		}),
	}, {
		name: "fails because the consumer stopped", rule: 3, message: `the consumer stops at item 1: run returned "boom", want nil`,
		check: ints(func(ctx context.Context, yield func(int) bool) error {
			left := false
			err := rx.Range(1, 3)(ctx, func(v int) bool { left = !yield(v); return !left })
			if left {
				return errBoom
			}
			return err
		}),
	}, {
		name: "endless but ends", rule: 3, message: "got items [1 2], want [1 2 3]",
		check: func(t rxtest.TB) {
			rxtest.Source(t, rxtest.Case[int]{
				New:     func() rx.Observable[int] { return rx.Range(1, 2) },
				Want:    []int{1, 2, 3},
				Endless: true,
			})
		},
	}, {
		name: "endless with another item", rule: 3, message: "got items [1 2 3], want [1 2 4]",
		check: func(t rxtest.TB) {
			rxtest.Source(t, rxtest.Case[int]{
				New:     func() rx.Observable[int] { return rx.Range(1, 9) },
				Want:    []int{1, 2, 4},
				Endless: true,
			})
		},
	}, {
		name: "unordered with an item too often", rule: 3, message: "got items [2 1 2], want [1 2 3]",
		check: func(t rxtest.TB) {
			rxtest.Source(t, rxtest.Case[int]{
				New:       func() rx.Observable[int] { return rx.From(2, 1, 2) },
				Want:      []int{1, 2, 3},
				Unordered: true,
			})
		},
	}, {
		name: "ends never", rule: 3, message: "more than 10003 items came",
		check: ints(func(ctx context.Context, yield func(int) bool) error {
			for i := 1; ; i++ {
				if err := rx.Cause(ctx); err != nil {
					return err
				}
				if !yield(i) {
					return nil
				}
			}
		}),
	}, {
		name: "counts across runs", rule: 4, message: "a second run: got items [4 5 6], want [1 2 3] as in the first run",
		check: func(t rxtest.TB) {
			var n atomic.Int64
			ints(func(ctx context.Context, yield func(int) bool) error {
				return rx.Range(1, 3)(ctx, func(int) bool { return yield(int(n.Add(1))) })
			})(t)
		},
	}, {
		name: "one run at a time", rule: 4, message: "three runs at once: got items []",
		check: func(t rxtest.TB) {
			var busy atomic.Bool
			ints(func(ctx context.Context, yield func(int) bool) error {
				if !busy.CompareAndSwap(false, true) {
					return errBoom
				}
				defer busy.Store(false)
				return rx.Range(1, 3)(ctx, yield)
			})(t)
		},
	}, {
		name: "runs stand in a queue", rule: 4, message: "a run hangs while another is at its first item", virtual: true,
		check: func(t rxtest.TB) {
			turn := make(chan struct{}, 1)
			ints(func(ctx context.Context, yield func(int) bool) error {
				turn <- struct{}{}
				defer func() { <-turn }()
				return rx.Range(1, 3)(ctx, yield)
			})(t)
		},
	}, {
		name: "works once", rule: 4, message: "got items [], want [1 2 3] as in the first run",
		check: func(t rxtest.TB) {
			var worked atomic.Bool
			ints(func(ctx context.Context, yield func(int) bool) error {
				if worked.Swap(true) {
					return nil
				}
				return rx.Range(1, 3)(ctx, yield)
			})(t)
		},
	}, {
		name: "one-shot but runs twice", rule: 4, message: "want one of them to be rx.ErrConsumed",
		check: func(t rxtest.TB) {
			rxtest.Source(t, rxtest.Case[int]{
				New:  func() rx.Observable[int] { return rx.Range(1, 3) },
				Want: []int{1, 2, 3},
				Mode: rxtest.Once,
			})
		},
	}, {
		name: "ignores its context", rule: 5, message: "the context was cancelled before the run: run yielded 3 more items",
		check: ints(func(_ context.Context, yield func(int) bool) error {
			for i := 1; i <= 3 && yield(i); i++ {
			}
			return nil
		}),
	}, {
		name: "looks at its context once", rule: 5, message: "the consumer cancels the context at item 1: run yielded 2 more items",
		check: ints(func(ctx context.Context, yield func(int) bool) error {
			if err := rx.Cause(ctx); err != nil {
				return err
			}
			for i := 1; i <= 3 && yield(i); i++ {
			}
			return nil
		}),
	}, {
		name: "hides the cause", rule: 5, message: `run returned "context canceled", want an error that is both`,
		check: ints(func(ctx context.Context, yield func(int) bool) error {
			if err := rx.Range(1, 3)(ctx, yield); err != nil {
				return ctx.Err()
			}
			return nil
		}),
	}, {
		name: "gives only the cause", rule: 5, message: "want an error that is both",
		check: ints(func(ctx context.Context, yield func(int) bool) error {
			if err := rx.Range(1, 3)(ctx, yield); err != nil {
				return context.Cause(ctx)
			}
			return nil
		}),
	}, {
		name: "takes a cancelled run for a complete one", rule: 5, message: "run returned nil, want an error that is both",
		check: ints(func(ctx context.Context, yield func(int) bool) error {
			_ = rx.Range(1, 3)(ctx, yield)
			return nil
		}),
	}, {
		name: "swallows panics", rule: 6, message: `the consumer panics at item 1: run returned "recovered", want the panic to pass`,
		check: ints(func(ctx context.Context, yield func(int) bool) (err error) {
			defer func() {
				if recover() != nil {
					err = errors.New("recovered")
				}
			}()
			return rx.Range(1, 3)(ctx, yield)
		}),
	}, {
		name: "wraps panics", rule: 6, message: "run panicked with rx: panic in a stream's goroutine",
		check: ints(func(ctx context.Context, yield func(int) bool) error {
			defer func() {
				if v := recover(); v != nil {
					panic(&rx.PanicError{Value: v})
				}
			}()
			return rx.Range(1, 3)(ctx, yield)
		}),
	}, {
		name: "makes a panic of an exit", rule: 6, message: "calls runtime.Goexit at item 1: run panicked with exited",
		check: ints(func(ctx context.Context, yield func(int) bool) error {
			returned := false
			defer func() {
				if v := recover(); v != nil {
					panic(v)
				}
				if !returned {
					panic("exited")
				}
			}()
			err := rx.Range(1, 3)(ctx, yield)
			returned = true
			return err
		}),
	}, {
		name: "reuses a slice", rule: 7, message: "item 1 was changed after it had been yielded: [1 ], now [2 ]",
		check: func(t rxtest.TB) {
			rxtest.Source(t, rxtest.Case[[]int]{
				New: func() rx.Observable[[]int] {
					return func(ctx context.Context, yield func([]int) bool) error {
						buf := make([]int, 1)
						return rx.Range(1, 2)(ctx, func(v int) bool {
							buf[0] = v
							return yield(buf)
						})
					}
				},
				Want: [][]int{{1}, {2}},
			})
		},
	}, {
		name: "reuses a struct", rule: 7, message: "item 1 was changed after it had been yielded",
		check: func(t rxtest.TB) {
			type row struct{ cells map[string]any }
			rxtest.Source(t, rxtest.Case[*row]{
				New: func() rx.Observable[*row] {
					return func(ctx context.Context, yield func(*row) bool) error {
						r := &row{cells: make(map[string]any)}
						return rx.Range(1, 2)(ctx, func(v int) bool {
							r.cells["v"] = v
							return yield(r)
						})
					}
				},
				Want: []*row{{map[string]any{"v": 1}}, {map[string]any{"v": 2}}},
			})
		},
	}, {
		name: "yields parts of one slice with room to append", rule: 7, message: "items 1 and 2 share memory",
		check: func(t rxtest.TB) {
			rxtest.Source(t, rxtest.Case[[]int]{
				New: func() rx.Observable[[]int] {
					return rx.New(func(_ context.Context, yield func([]int) bool) error {
						all := []int{1, 2}
						_ = yield(all[:1]) && yield(all[1:])
						return nil
					})
				},
				Want: [][]int{{1}, {2}},
			})
		},
	}})
}
