package operators_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/internal/virtualtime"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// stamped is an item, or the end of a stream, and when it comes.
type stamped struct {
	item int
	at   time.Duration
}

// timeline emits 0, 1, 2, … at the given times, in ms, waits until end and ends with err.
func timeline(err error, end int, at ...int) rx.Observable[int] {
	return rx.New(func(ctx context.Context, yield func(int) bool) error {
		now := clock()
		for i, when := range append(at, end) {
			select {
			case <-time.After(time.Duration(when)*ms - now()):
			case <-ctx.Done():
				return nil
			}
			if i == len(at) {
				return err
			}
			if !yield(i) {
				return nil
			}
		}
		return nil
	})
}

// record runs src with a consumer that takes busy for each item and gives what comes when; the last entry is the end.
func record(t *testing.T, src rx.Observable[int], busy time.Duration) (got []stamped, err error) {
	virtualtime.Test(t, func(t *testing.T) {
		at := clock()
		err = src(t.Context(), func(v int) bool {
			got = append(got, stamped{v, at()})
			time.Sleep(busy)
			return true
		})
		got = append(got, stamped{-1, at()})
	})
	return got, err
}

func TestRateLimitsInTime(t *testing.T) {
	const end = -1
	tests := []struct {
		name  string
		apply func(rx.Observable[int], time.Duration) rx.Observable[int]
		at    []int // when items come, in ms; d is 100 ms
		end   int
		busy  time.Duration
		want  []stamped
	}{
		{
			name: "Sample", apply: op.Sample[int], at: []int{10, 20, 150, 410, 430, 520}, end: 550,
			want: []stamped{{1, 100 * ms}, {2, 200 * ms}, {4, 500 * ms}, {5, 550 * ms}, {end, 550 * ms}},
		},
		{
			name: "Sample, slow consumer", apply: op.Sample[int], at: []int{10, 120, 220, 320, 330}, end: 1000, busy: 250 * ms,
			want: []stamped{{0, 100 * ms}, {4, 350 * ms}, {end, 1000 * ms}},
		},
		{
			name: "Debounce", apply: op.Debounce[int], at: []int{10, 20, 90, 150, 400, 510, 590}, end: 610,
			want: []stamped{{3, 250 * ms}, {4, 500 * ms}, {6, 610 * ms}, {end, 610 * ms}},
		},
		{
			name: "Debounce, slow consumer", apply: op.Debounce[int], at: []int{10, 150, 290, 400}, end: 1000, busy: 350 * ms,
			want: []stamped{{0, 110 * ms}, {3, 500 * ms}, {end, 1000 * ms}},
		},
		{
			name: "ThrottleLast", apply: op.ThrottleLast[int], at: []int{10, 20, 115, 300, 390, 401, 450}, end: 480,
			want: []stamped{{1, 110 * ms}, {2, 215 * ms}, {4, 400 * ms}, {6, 480 * ms}, {end, 480 * ms}},
		},
		{
			name: "ThrottleLast, slow consumer", apply: op.ThrottleLast[int], at: []int{10, 120, 380}, end: 1000, busy: 250 * ms,
			want: []stamped{{0, 110 * ms}, {1, 360 * ms}, {2, 610 * ms}, {end, 1000 * ms}},
		},
		{
			name: "ThrottleFirst", apply: op.ThrottleFirst[int], at: []int{10, 20, 109, 110, 150, 300}, end: 400,
			want: []stamped{{0, 10 * ms}, {3, 110 * ms}, {5, 300 * ms}, {end, 400 * ms}},
		},
		{
			name: "ThrottleFirst, slow consumer", apply: op.ThrottleFirst[int], at: []int{10, 20, 30}, end: 40, busy: 100 * ms,
			want: []stamped{{0, 10 * ms}, {1, 110 * ms}, {2, 210 * ms}, {end, 310 * ms}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, srcErr := range []error{nil, errSource} { // what is held comes before the error, too
				got, err := record(t, tt.apply(timeline(srcErr, tt.end, tt.at...), 100*ms), tt.busy)
				require.Equal(t, srcErr, err)
				require.Equal(t, tt.want, got)
			}
		})
	}
}

// The rules by which an idle consumer gets its items, on random times; d is 100 ms, and no two things happen at once.
func TestRateLimitsInTimeAgainstTheirRules(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var at []int
		now := 0
		for _, pause := range rapid.SliceOfN(rapid.IntRange(1, 25), 0, 30).Draw(rt, "pauses") {
			now += 10 * pause
			at = append(at, now+len(at)%7+1) // neither on a tick nor as far from another as d
		}
		end := now + 10*rapid.IntRange(1, 30).Draw(rt, "end") + 9
		for name, tt := range map[string]struct {
			apply func(rx.Observable[int], time.Duration) rx.Observable[int]
			// due tells when the items from the first that is held on are over, if no other comes before that.
			due func(first, latest int) int
		}{
			"Sample":       {op.Sample[int], func(first, _ int) int { return first - first%100 + 100 }},
			"Debounce":     {op.Debounce[int], func(_, latest int) int { return latest + 100 }},
			"ThrottleLast": {op.ThrottleLast[int], func(first, _ int) int { return first + 100 }},
		} {
			var want []stamped
			for i := 0; i < len(at); {
				last := i
				for last+1 < len(at) && at[last+1] < tt.due(at[i], at[last]) {
					last++
				}
				when := min(tt.due(at[i], at[last]), end)
				want = append(want, stamped{last, time.Duration(when) * ms})
				i = last + 1
			}
			want = append(want, stamped{-1, time.Duration(end) * ms})
			got, err := record(t, tt.apply(timeline(nil, end, at...), 100*ms), 0)
			require.NoError(rt, err)
			require.Equal(rt, want, got, name)
		}
	})
}

func TestRateLimitsInTimeNeedATime(t *testing.T) {
	for name, apply := range map[string]func(rx.Observable[int], time.Duration) rx.Observable[int]{
		"Sample": op.Sample[int], "Debounce": op.Debounce[int], "ThrottleLast": op.ThrottleLast[int], "ThrottleFirst": op.ThrottleFirst[int],
	} {
		for _, d := range []time.Duration{0, -1} {
			require.PanicsWithValue(t, "operators."+name+": "+d.String()+"; the time must be positive", func() { apply(rx.From(1), d) })
		}
	}
}

func BenchmarkSample(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[int] { return op.Sample(src, time.Millisecond) })
}

func BenchmarkDebounce(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[int] { return op.Debounce(src, time.Millisecond) })
}

func BenchmarkThrottleLast(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[int] { return op.ThrottleLast(src, time.Millisecond) })
}

func BenchmarkThrottleFirst(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[int] { return op.ThrottleFirst(src, time.Millisecond) })
}
