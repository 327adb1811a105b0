package operators_test

import (
	"slices"
	"time"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// windowing is Window over a sorted series, in which some times are equal and some far apart.
var windowing = slices.Concat(
	windows("tumbling", op.Tumbling(5*time.Second), aligned(5, 5, 0)),
	windows("tumbling moved", op.Tumbling(5*time.Second).Offset(2*time.Second), aligned(5, 5, 2)),
	windows("sliding", op.Sliding(6*time.Second, 2*time.Second), aligned(6, 2, 0)),
	windows("sliding unaligned", op.Sliding(7*time.Second, 3*time.Second), aligned(7, 3, 0)),
	windows("sliding moved back", op.Sliding(7*time.Second, 3*time.Second).Offset(-time.Second), aligned(7, 3, -1)),
	windows("sliding with gaps", op.Sliding(2*time.Second, 5*time.Second), aligned(2, 5, 0)),
	windows("session", op.Sessions(4*time.Second), sessions(4)),
)

// interval is what a window must be: its times in seconds, and the times of its items.
type interval struct {
	start, end int
	items      []int
}

func (w interval) holds(t int) bool { return w.start <= t && t < w.end }

// windows are the entries for Window with w, over items whose times are the sums of the stream's in seconds, and over
// items whose times are their negatives. find tells the windows of an ascending series.
func windows(name string, w op.Windows, find func(series []int) []interval) []operator {
	return []operator{
		{
			name: "Window " + name,
			apply: func(src rx.Observable[int]) rx.Observable[int] {
				return numbered(op.Window(op.Scan(src, zero, add), w, second, seed, fold))
			},
			model: func(items []int, err error) ([]int, error) {
				series := partialSums(items)
				return valuesOf(find(series), series, err), err
			},
		},
		{
			name: "Window descending " + name,
			apply: func(src rx.Observable[int]) rx.Observable[int] {
				latestFirst := op.Map(op.Scan(src, zero, add), negative)
				return numbered(op.Window(latestFirst, w.Descending(), second, seed, fold))
			},
			model: func(items []int, err error) ([]int, error) {
				series := mapped(partialSums(items), negative)
				all := find(reversed(series))
				for i := range all {
					all[i].items = reversed(all[i].items)
				}
				return valuesOf(reversed(all), series, err), err
			},
		},
	}
}

// valuesOf gives the numbers of the windows, but for those that the last item is in if the stream then fails.
func valuesOf(all []interval, series []int, err error) []int {
	var out []int
	for _, w := range all {
		if err == nil || !w.holds(series[len(series)-1]) {
			value := seed()
			for _, v := range w.items {
				value = fold(value, v)
			}
			out = append(out, number(w.start, w.end, value))
		}
	}
	return out
}

// aligned finds windows by looking at each that there might be.
func aligned(size, every, offset int) func(series []int) []interval {
	return func(series []int) (all []interval) {
		const far = 300 // beyond all items
		zero := int(time.Time{}.Unix()) + offset
		for start := -far; start <= far; start++ {
			if (start-zero)%every != 0 {
				continue
			}
			w := interval{start: start, end: start + size}
			if w.items = filtered(series, w.holds); len(w.items) > 0 {
				all = append(all, w)
			}
		}
		return all
	}
}

// sessions finds windows that the items, each for the length of gap, cover without a gap.
func sessions(gap int) func(series []int) []interval {
	return func(series []int) (all []interval) {
		for i, t := range series {
			if i == 0 || t-series[i-1] >= gap {
				all = append(all, interval{start: t})
			}
			w := &all[len(all)-1]
			w.end = t + gap
			w.items = append(w.items, t)
		}
		return all
	}
}

// numbered makes a number of each window, which tells its times and its value.
func numbered(src rx.Observable[op.Windowed[int]]) rx.Observable[int] {
	return op.Map(src, func(w op.Windowed[int]) int { return number(int(w.Start.Unix()), int(w.End.Unix()), w.Value) })
}

func number(start, end, value int) int { return (1000*start+end-start)*100_000 + value }

func second(v int) time.Time { return time.Unix(int64(v), 0) }
func negative(v int) int     { return -v }
func seed() int              { return 1 }

// fold gives a number that depends on the order.
func fold(acc, v int) int { return (31*acc + v + 10_007) % 10_007 }

func reversed[T any](items []T) []T {
	items = slices.Clone(items)
	slices.Reverse(items)
	return items
}
