package operators_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// combining are the operators with several inputs, once for each input.
func combining() []operator {
	all := []operator{
		{
			name: "Zip first",
			apply: func(src rx.Observable[int]) rx.Observable[int] {
				return op.Zip(src, rx.Range(100, 1<<40), func(a, b int) int { return 1000*a + b })
			},
			model: passesOn(func(items []int) []int {
				i := 99
				return mapped(items, func(v int) int { i++; return 1000*v + i })
			}),
		},
		{
			name: "Zip second",
			apply: func(src rx.Observable[int]) rx.Observable[int] {
				return op.Zip(forever(5), src, func(a, b int) int { return 10*b + a })
			},
			model: passesOn(func(items []int) []int {
				return mapped(items, func(v int) int { return 10*v + 5 })
			}),
		},
		{
			name: "CombineLatest first",
			apply: func(src rx.Observable[int]) rx.Observable[int] {
				return op.CombineLatest(delayed(src), rx.From(3), func(a, b int) int { return 10*a + b })
			},
			model: passesOn(func(items []int) []int { return mapped(items, func(v int) int { return 10*v + 3 }) }),
		},
		{
			name: "CombineLatest second",
			apply: func(src rx.Observable[int]) rx.Observable[int] {
				return op.CombineLatest(rx.From(1, 2), delayed(src), func(a, b int) int { return 10*a + b })
			},
			model: passesOn(func(items []int) []int { return mapped(items, func(v int) int { return 20 + v }) }),
		},
	}
	for at := range 3 {
		all = append(all,
			operator{
				name: fmt.Sprintf("Interleave srcs[%d]", at),
				apply: func(src rx.Observable[int]) rx.Observable[int] {
					return op.Interleave(2, slices.Insert([]rx.Observable[int]{rx.From(10, 20, 30), rx.Range(100, 7)}, at, src)...)
				},
				model: func(items []int, err error) ([]int, error) {
					return interleaved(slices.Insert([][]int{{10, 20, 30}, {100, 101, 102, 103, 104, 105, 106}}, at, items), at, err)
				},
			},
			operator{
				name: fmt.Sprintf("MergeSorted srcs[%d]", at),
				apply: func(src rx.Observable[int]) rx.Observable[int] {
					mine := op.Map(rising(src), func(v int) int { return 10*v + at })
					return op.MergeSorted(byTens, slices.Insert([]rx.Observable[int]{rx.From(38, 108, 208), rx.From(9, 109, 1009)}, at, mine)...)
				},
				model: func(items []int, err error) ([]int, error) {
					mine := mapped(risen(items), func(v int) int { return 10*v + at })
					all := slices.Concat(slices.Insert([][]int{{38, 108, 208}, {9, 109, 1009}}, at, mine)...)
					slices.SortStableFunc(all, byTens)
					if err != nil { // nothing is emitted behind the last item before the error
						last := -1
						for i, v := range all {
							if v%10 == at {
								last = i
							}
						}
						all = all[:last+1]
					}
					return all, err
				},
			},
		)
	}
	for _, kind := range []op.Join{op.InnerJoin, op.LeftJoin, op.FullJoin} {
		all = append(all, joining(kind, true), joining(kind, false))
	}
	return all
}

// delayed lets the other inputs go first.
func delayed(src rx.Observable[int]) rx.Observable[int] {
	return func(ctx context.Context, yield func(int) bool) error {
		select {
		case <-time.After(time.Millisecond):
			return src(ctx, yield)
		case <-ctx.Done():
			return rx.Cause(ctx)
		}
	}
}

// rising makes any stream of no negative integers one that is sorted.
func rising(src rx.Observable[int]) rx.Observable[int] { return op.Scan(src, zero, add) }

func risen(items []int) []int {
	sum := 0
	return mapped(items, func(v int) int { sum += v; return sum })
}

func byTens(a, b int) int { return cmp.Compare(a/10, b/10) }

// interleaved is the model of Interleave with segments of 2, of which the stream at failing ends with err.
func interleaved(streams [][]int, failing int, err error) (out []int, _ error) {
	open := []int{0, 1, 2}
	for turn := 0; len(open) > 0; turn %= max(len(open), 1) {
		at := open[turn]
		n := min(2, len(streams[at]))
		out = append(out, streams[at][:n]...)
		streams[at] = streams[at][n:]
		switch {
		case n == 2:
			turn++
		case at == failing && err != nil:
			return out, err
		default:
			open = slices.Delete(open, turn, turn+1)
		}
	}
	return out, nil
}

// joining is JoinSorted with the stream under test as one of its inputs.
func joining(kind op.Join, left bool) operator {
	other := []int{0, 2, 2, 5, 9, 9, 9, 30}
	name := fmt.Sprintf("JoinSorted %d right", kind)
	if left {
		name = fmt.Sprintf("JoinSorted %d left", kind)
	}
	return operator{
		name: name,
		apply: func(src rx.Observable[int]) rx.Observable[int] {
			a, b := rx.From(other...), rising(src)
			if left {
				a, b = b, a
			}
			id := func(v int) int { return v }
			return op.Map(op.JoinSorted(a, b, kind, 100, id, id, cmp.Compare[int]), joinedInt)
		},
		model: func(items []int, err error) ([]int, error) {
			src := risen(items)
			a, b := other, src
			if left {
				a, b = b, a
			}
			last := -1
			if len(src) > 0 {
				last = src[len(src)-1]
			}
			var out []int
			for _, j := range nestedLoopJoin(kind, a, b) {
				if err == nil || max(j.Left, j.Right) <= last { // nothing behind the last item before an error
					out = append(out, joinedInt(j))
				}
			}
			// It completes without asking further when the other has ended and does not need this one.
			if last > 30 && (kind == op.InnerJoin || kind == op.LeftJoin && !left) {
				err = nil
			}
			return out, err
		},
		in: []int{2, 3, 4, 5, 6, 7}, // their sum is less than 30, so that it does not complete without the end of src
	}
}

func joinedInt(j op.Joined[int, int]) int {
	v := 100_000*j.Left + 10*j.Right
	if j.HasLeft {
		v++
	}
	if j.HasRight {
		v += 2
	}
	return v
}

// nestedLoopJoin joins by looking at every pair.
func nestedLoopJoin(kind op.Join, left, right []int) (out []op.Joined[int, int]) {
	for _, l := range left {
		for _, r := range right {
			if l == r {
				out = append(out, op.Joined[int, int]{Left: l, Right: r, HasLeft: true, HasRight: true})
			}
		}
		if kind != op.InnerJoin && !slices.Contains(right, l) {
			out = append(out, op.Joined[int, int]{Left: l, HasLeft: true})
		}
	}
	for _, r := range right {
		if kind == op.FullJoin && !slices.Contains(left, r) {
			out = append(out, op.Joined[int, int]{Right: r, HasRight: true})
		}
	}
	slices.SortStableFunc(out, func(a, b op.Joined[int, int]) int {
		return cmp.Compare(max(a.Left, a.Right), max(b.Left, b.Right))
	})
	return out
}
