package operators_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/internal/virtualtime"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

var policies = []op.Overflow{op.Block, op.DropOldest, op.DropNewest, op.Latest, op.FailWhenFull}

func TestOnOverflowDoesAsThePolicySays(t *testing.T) {
	for _, tt := range []struct {
		policy  op.Overflow
		want    []int
		dropped int64
		err     error
		at      time.Duration // when upstream ended, if it did not wait for the consumer
	}{
		{policy: op.Block, want: []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}},
		{policy: op.DropOldest, want: []int{0, 7, 8, 9}, dropped: 6, at: 10 * time.Second},
		{policy: op.DropNewest, want: []int{0, 1, 2, 3}, dropped: 6, at: 10 * time.Second},
		{policy: op.Latest, want: []int{0, 7, 8, 9}, dropped: 6, at: 10 * time.Second},
		{policy: op.FailWhenFull, want: []int{0, 1, 2, 3}, err: op.ErrOverflow, at: 5 * time.Second},
	} {
		t.Run(tt.policy.String(), func(t *testing.T) {
			virtualtime.Test(t, func(t *testing.T) {
				at := clock()
				var ended time.Duration
				end := func() { ended = at() }
				src := op.Tap(paced(10, time.Second), op.Hooks[int]{OnComplete: end, OnCancel: end})
				var dropped op.Dropped
				var got []int
				err := op.OnOverflow(src, 3, tt.policy, &dropped)(t.Context(), func(v int) bool {
					got = append(got, v)
					time.Sleep(20 * time.Second)
					return true
				})
				require.ErrorIs(t, err, tt.err)
				require.Equal(t, tt.want, got)
				require.Equal(t, tt.dropped, dropped.Count())
				if tt.at == 0 {
					require.Greater(t, ended, time.Minute)
				} else {
					require.Equal(t, tt.at, ended)
				}
			})
		})
	}
}

func TestOnOverflowSaysWhatOverflowed(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		_, err := op.OnOverflow(rx.Range(0, 10), 3, op.FailWhenFull, nil).First(t.Context())
		require.NoError(t, err, "the consumer had left")
		err = op.OnOverflow(rx.Range(0, 10), 3, op.FailWhenFull, nil).ForEach(t.Context(), func(int) error {
			time.Sleep(time.Second)
			return nil
		})
		require.EqualError(t, err, "operators.OnOverflow: 3 items are waiting for the consumer: the buffer is full")
	})
}

// Whatever the timing: what comes out is in order, each item came out or was counted, the newest survives or the
// oldest, and no more are waiting than may be.
func TestOnOverflowLosesNothingUncounted(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		policy := rapid.SampledFrom(policies).Draw(rt, "policy")
		n := rapid.IntRange(1, 5).Draw(rt, "n")
		pauses := rapid.SliceOfN(rapid.IntRange(0, 4), 1, 40).Draw(rt, "pauses of the source")
		work := rapid.SliceOfN(rapid.IntRange(0, 20), 1, 10).Draw(rt, "work of the consumer")
		virtualtime.Test(t, func(t *testing.T) {
			made := 0
			src := rx.Observable[int](func(_ context.Context, yield func(int) bool) error {
				for _, d := range pauses {
					time.Sleep(time.Duration(d))
					made++
					if !yield(made - 1) {
						return nil
					}
				}
				return errSource
			})
			var dropped op.Dropped
			got := []int{}
			err := op.OnOverflow(src, n, policy, &dropped)(t.Context(), func(v int) bool {
				got = append(got, v)
				time.Sleep(time.Duration(work[len(got)%len(work)]))
				return true
			})
			require.True(rt, slices.IsSorted(got))
			require.Len(rt, slices.Compact(slices.Clone(got)), len(got))
			if policy == op.FailWhenFull && made < len(pauses) || made == len(pauses) && err != errSource {
				require.ErrorIs(rt, err, op.ErrOverflow)
				require.Equal(rt, made-1, len(got), "all that came before the one that did not fit")
				return
			}
			require.Equal(rt, errSource, err)
			require.EqualValues(rt, made, int64(len(got))+dropped.Count())
			switch policy {
			case op.Block, op.FailWhenFull:
				require.Zero(rt, dropped.Count())
			case op.DropOldest, op.Latest:
				require.Equal(rt, made-1, got[len(got)-1], "the newest survives")
			case op.DropNewest:
				want := make([]int, min(n, made))
				for i := range want {
					want[i] = i
				}
				require.Equal(rt, want, got[:len(want)], "the oldest survive")
			}
		})
	})
}

func TestOnOverflowRefusesNonsense(t *testing.T) {
	src, none := rx.From(1), (*op.Dropped)(nil)
	for want, call := range map[string]func(){
		"operators.OnOverflow: 0 items; there must be space for at least 1 item":     func() { op.OnOverflow(src, 0, op.Block, none) },
		"operators.OnOverflow: Overflow(5) is no policy":                             func() { op.OnOverflow(src, 1, 5, none) },
		"operators.OnOverflow: Overflow(-1) is no policy":                            func() { op.OnOverflow(src, 1, -1, none) },
		"operators.OnOverflow: Latest without a *Dropped to count what it drops":     func() { op.OnOverflow(src, 1, op.Latest, none) },
		"operators.OnOverflow: DropOldest without a *Dropped to count what it drops": func() { op.OnOverflow(src, 1, op.DropOldest, none) },
		"operators.OnOverflow: DropNewest without a *Dropped to count what it drops": func() { op.OnOverflow(src, 1, op.DropNewest, none) },
	} {
		require.PanicsWithValue(t, want, call)
	}
	op.OnOverflow(src, 1, op.Block, nil)
	op.OnOverflow(src, 1, op.FailWhenFull, nil)
}

func BenchmarkOnOverflow(b *testing.B) {
	for _, policy := range policies[:4] { // Fail would
		b.Run(policy.String(), func(b *testing.B) {
			run(b, func(src rx.Observable[int]) rx.Observable[int] {
				return op.OnOverflow(src, 1000, policy, &op.Dropped{})
			})
		})
	}
}
