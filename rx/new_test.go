package rx_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/rxtest"
)

// TestNewConforms gives New functions that know nothing of the contract.
func TestNewConforms(t *testing.T) {
	for name, c := range map[string]struct {
		run func(ctx context.Context, yield func(int) bool) error
		err error
	}{
		"obedient": {run: func(_ context.Context, yield func(int) bool) error {
			for i := 1; i <= 3 && yield(i); i++ {
			}
			return nil
		}},
		"deaf": {run: func(_ context.Context, yield func(int) bool) error {
			for i := range 3 {
				yield(i + 1)
			}
			return nil
		}},
		"deaf and failing": {err: errBoom, run: func(_ context.Context, yield func(int) bool) error {
			for i := range 3 {
				yield(i + 1)
			}
			return errBoom
		}},
		"takes a stop for an error": {run: func(_ context.Context, yield func(int) bool) error {
			for i := range 3 {
				if !yield(i + 1) {
					return io.ErrClosedPipe
				}
			}
			return nil
		}},
		"returns ctx.Err()": {run: func(ctx context.Context, yield func(int) bool) error {
			for i := range 3 {
				if ctx.Err() != nil {
					return ctx.Err()
				}
				yield(i + 1)
			}
			return nil
		}},
		"wraps the cause": {run: func(ctx context.Context, yield func(int) bool) error {
			for i := range 3 {
				if ctx.Err() != nil {
					return fmt.Errorf("run: %w", context.Cause(ctx))
				}
				yield(i + 1)
			}
			return nil
		}},
		"completes when it is cancelled": {run: func(ctx context.Context, yield func(int) bool) error {
			for i := 0; i < 3 && ctx.Err() == nil; i++ {
				yield(i + 1)
			}
			return nil
		}},
	} {
		t.Run(name, func(t *testing.T) {
			both(t, func(t *testing.T) {
				rxtest.Source(t, rxtest.Case[int]{
					New:  func() rx.Observable[int] { return rx.New(c.run) },
					Want: []int{1, 2, 3},
					Err:  c.err,
				})
			})
		})
	}
}

func TestNewRefusesItems(t *testing.T) {
	for name, consume := range map[string]func(cancel func()) bool{
		"after a stop":   func(func()) bool { return false },
		"after a cancel": func(cancel func()) bool { cancel(); return true },
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var taken []bool
			seen := 0
			_ = rx.New(func(_ context.Context, yield func(int) bool) error {
				for i := range 5 {
					taken = append(taken, yield(i))
				}
				return nil
			})(ctx, func(v int) bool {
				seen++
				return v < 1 || consume(cancel)
			})
			require.Equal(t, 2, seen)
			require.False(t, slices.Contains(taken[2:], true), "%v", taken)
		})
	}
}

// TestNewRefusesItemsAfterAPanic is about a function that recovers what its consumer panics with. That breaks rule 6,
// but the consumer, who is in the middle of something, is not called again.
func TestNewRefusesItemsAfterAPanic(t *testing.T) {
	seen := 0
	err := rx.New(func(_ context.Context, yield func(int) bool) error {
		func() {
			defer func() { _ = recover() }()
			yield(1)
		}()
		require.False(t, yield(2))
		return errBoom
	})(t.Context(), func(int) bool { seen++; panic("consumer") })
	require.NoError(t, err)
	require.Equal(t, 1, seen)
}

func TestNewResult(t *testing.T) {
	ownDeadline := func(ctx context.Context, yield func(int) bool) error {
		ctx, cancel := context.WithTimeout(ctx, -1)
		defer cancel()
		yield(1)
		return ctx.Err()
	}
	_, err := rx.New(ownDeadline).Collect(t.Context())
	require.True(t, err == context.DeadlineExceeded, "a time-out of its own is an error like another")

	ctx, cancel := context.WithCancelCause(t.Context())
	_, err = rx.New(func(ctx context.Context, yield func(int) bool) error {
		cancel(errBoom)
		return errors.New("connection closed")
	}).Collect(ctx)
	require.ErrorIs(t, err, context.Canceled, "an error after the context has ended is a consequence of it")
	require.ErrorIs(t, err, errBoom)
}

func TestNewDoesNotRunWithAnEndedContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := rx.New(func(context.Context, func(int) bool) error {
		t.Error("run was called")
		return nil
	})(ctx, func(int) bool { return true })
	require.ErrorIs(t, err, context.Canceled)
}

func TestFromConforms(t *testing.T) {
	both(t, func(t *testing.T) {
		rxtest.Source(t, rxtest.Case[string]{
			New:  func() rx.Observable[string] { return rx.From("a", "b", "b", "") },
			Want: []string{"a", "b", "b", ""},
		})
		rxtest.Source(t, rxtest.Case[[]byte]{
			New:  func() rx.Observable[[]byte] { return rx.From([]byte("a"), nil, []byte{}) },
			Want: [][]byte{[]byte("a"), nil, {}},
		})
		rxtest.Source(t, rxtest.Case[int]{New: func() rx.Observable[int] { return rx.From[int]() }})
	})
}

func TestFromSeqConforms(t *testing.T) {
	both(t, func(t *testing.T) {
		rxtest.Source(t, rxtest.Case[int]{
			New:  func() rx.Observable[int] { return rx.FromSeq(slices.Values([]int{3, 1, 2})) },
			Want: []int{3, 1, 2},
		})
		deaf := iter.Seq[int](func(yield func(int) bool) {
			for i := range 3 {
				yield(i)
			}
		})
		rxtest.Source(t, rxtest.Case[int]{
			New:  func() rx.Observable[int] { return rx.FromSeq(deaf) },
			Want: []int{0, 1, 2},
		})
		endless := iter.Seq[int](func(yield func(int) bool) {
			for i := 0; yield(i); i++ {
			}
		})
		rxtest.Source(t, rxtest.Case[int]{
			New:     func() rx.Observable[int] { return rx.FromSeq(endless) },
			Want:    []int{0, 1, 2},
			Endless: true,
		})
	})
}

// pairs yields the items, and then an error with one more.
func pairs(err error, items ...int) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		for _, v := range items {
			if !yield(v, nil) {
				return
			}
		}
		if err != nil {
			yield(99, err)
		}
	}
}

func TestFromSeq2Conforms(t *testing.T) {
	both(t, func(t *testing.T) {
		rxtest.Source(t, rxtest.Case[int]{
			New:  func() rx.Observable[int] { return rx.FromSeq2(pairs(nil, 1, 2, 3)) },
			Want: []int{1, 2, 3},
		})
		rxtest.Source(t, rxtest.Case[int]{
			New:  func() rx.Observable[int] { return rx.FromSeq2(pairs(errBoom, 1, 2, 3)) },
			Want: []int{1, 2, 3},
			Err:  errBoom,
		})
	})
}

func TestFromSeq2StopsAtTheFirstError(t *testing.T) {
	returned := false
	items, err := rx.FromSeq2(func(yield func(int, error) bool) {
		require.True(t, yield(1, nil))
		require.False(t, yield(2, errBoom))
		returned = true
	}).Collect(t.Context())
	require.True(t, err == errBoom)
	require.Equal(t, []int{1}, items)
	require.True(t, returned, "the sequence had its chance to clean up")
}

func TestDeferConforms(t *testing.T) {
	both(t, func(t *testing.T) {
		rxtest.Source(t, rxtest.Case[int]{
			New: func() rx.Observable[int] {
				return rx.Defer(func(context.Context) (rx.Observable[int], error) { return rx.Range(1, 3), nil })
			},
			Want: []int{1, 2, 3},
		})
		rxtest.Source(t, rxtest.Case[int]{ // each run has a channel of its own
			New: func() rx.Observable[int] {
				return rx.Defer(func(context.Context) (rx.Observable[int], error) {
					return rx.FromChan(closed(filled(1, 2, 3))), nil
				})
			},
			Want: []int{1, 2, 3},
		})
		rxtest.Source(t, rxtest.Case[int]{
			New: func() rx.Observable[int] {
				return rx.Defer(func(context.Context) (rx.Observable[int], error) { return nil, errBoom })
			},
			Err: errBoom,
		})
		rxtest.Source(t, rxtest.Case[int]{ // a build that waits for its context
			New: func() rx.Observable[int] {
				return rx.Defer(func(ctx context.Context) (rx.Observable[int], error) {
					<-ctx.Done()
					return nil, ctx.Err()
				})
			},
			Endless: true,
		})
	})
}

func TestDeferBuildsForEachRun(t *testing.T) {
	type key struct{}
	ctx := context.WithValue(t.Context(), key{}, "value")
	built := 0
	src := rx.Defer(func(ctx context.Context) (rx.Observable[any], error) {
		built++
		return rx.From[any](built, ctx.Value(key{})), nil
	})
	require.Zero(t, built)
	for run := 1; run <= 2; run++ {
		items, err := src.Collect(ctx)
		require.NoError(t, err)
		require.Equal(t, []any{run, "value"}, items)
	}
}

func TestDeferDoesNotBuildWithAnEndedContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := rx.Defer(func(context.Context) (rx.Observable[int], error) {
		t.Error("build was called")
		return nil, nil
	})(ctx, func(int) bool { return true })
	require.ErrorIs(t, err, context.Canceled)
}
