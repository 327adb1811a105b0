package rx_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/rxtest"
)

// constructors make the same stream of the items and how it ends in every way that there is.
var constructors = map[string]func(items []int, end error) rx.Observable[int]{
	"func": func(items []int, end error) rx.Observable[int] {
		return rx.New(func(_ context.Context, yield func(int) bool) error {
			for _, v := range items {
				if !yield(v) {
					return errors.New("of no interest")
				}
			}
			return end
		})
	},
	"Seq2": func(items []int, end error) rx.Observable[int] { return rx.FromSeq2(pairs(end, items...)) },
	"Seq2 of All": func(items []int, end error) rx.Observable[int] {
		return func(ctx context.Context, yield func(int) bool) error {
			return rx.FromSeq2(rx.FromSeq2(pairs(end, items...)).All(ctx))(ctx, yield)
		}
	},
	"Defer": func(items []int, end error) rx.Observable[int] {
		return rx.Defer(func(context.Context) (rx.Observable[int], error) {
			if len(items) == 0 && end != nil {
				return nil, end
			}
			return rx.FromSeq2(pairs(end, items...)), nil
		})
	},
	"slice": func(items []int, end error) rx.Observable[int] {
		return func(ctx context.Context, yield func(int) bool) error {
			left := false
			err := rx.From(items...)(ctx, func(v int) bool { left = !yield(v); return !left })
			if err != nil || left {
				return err
			}
			return end
		}
	},
}

func TestConstructorsAgree(t *testing.T) {
	for name, make := range constructors {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				items := rapid.SliceOfN(rapid.Int(), 0, 5).Draw(t, "items")
				end := rapid.SampledFrom([]error{nil, errBoom}).Draw(t, "end")
				src := make(items, end)

				got, err := src.Collect(context.Background())
				require.True(t, slices.Equal(items, got))
				require.True(t, err == end)

				first, err := src.First(context.Background())
				switch {
				case len(items) > 0:
					require.NoError(t, err)
					require.Equal(t, items[0], first)
				case end != nil:
					require.True(t, err == end)
				default:
					require.True(t, err == rx.ErrEmpty)
				}
			})
		})
	}
}

func TestConstructorsConform(t *testing.T) {
	for name, make := range constructors {
		t.Run(name, func(t *testing.T) {
			for _, end := range []error{nil, errBoom} {
				for n := range 4 {
					items := slices.Collect(func(yield func(int) bool) {
						for i := 0; i < n && yield(i); i++ {
						}
					})
					rxtest.Source(t, rxtest.Case[int]{
						New:  func() rx.Observable[int] { return make(items, end) },
						Want: items,
						Err:  end,
					})
				}
			}
		})
	}
}

// TestLeavingAnywhere leaves streams at any item by any exit: what was seen is what came first.
func TestLeavingAnywhere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		items := rapid.SliceOfN(rapid.Int(), 1, 20).Draw(t, "items")
		at := rapid.IntRange(1, len(items)).Draw(t, "at")
		src := rx.From(items...)
		var seen []int

		require.NoError(t, src(context.Background(), func(v int) bool { seen = append(seen, v); return len(seen) < at }))
		require.Equal(t, items[:at], seen)

		seen = nil
		err := src.ForEach(context.Background(), func(v int) error {
			if seen = append(seen, v); len(seen) == at {
				return errBoom
			}
			return nil
		})
		require.True(t, err == errBoom)
		require.Equal(t, items[:at], seen)

		seen = nil
		for v := range src.All(context.Background()) {
			if seen = append(seen, v); len(seen) == at {
				break
			}
		}
		require.Equal(t, items[:at], seen)

		seen = nil
		ctx, cancel := context.WithCancel(context.Background())
		err = src(ctx, func(v int) bool {
			if seen = append(seen, v); len(seen) == at {
				cancel()
			}
			return true
		})
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, items[:at], seen)
	})
}

// TestRangeConformsAnywhere runs the kit inside of a property.
func TestRangeConformsAnywhere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start, n := rapid.IntRange(-100, 100).Draw(t, "start"), rapid.IntRange(-1, 3).Draw(t, "n")
		var want []int
		for i := range max(n, 0) {
			want = append(want, start+i)
		}
		rxtest.Source(t, rxtest.Case[int]{New: func() rx.Observable[int] { return rx.Range(start, n) }, Want: want})
	})
}
