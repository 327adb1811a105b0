package rxtest_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/async"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/rxtest"
)

// needs checks that op passes with the trait, and that without it it is caught by the given rule.
func needs(t *testing.T, trait rxtest.Trait, rule int, op operator) {
	in := []int{1, 2, 3, 4, 5}
	both(t, func(t *testing.T) {
		rxtest.Operator(t, in, op, trait)
		got := verdict(t, func(t rxtest.TB) { rxtest.Operator(t, in, op) })
		require.Contains(t, got, fmt.Sprintf("rule %d ", rule))
	})
}

func TestUnordered(t *testing.T) {
	var runs atomic.Int64
	needs(t, rxtest.Unordered, 4, run(func(ctx context.Context, src rx.Observable[int], yield func(int) bool) error {
		items, err := src.Collect(ctx)
		shift := int(runs.Add(1)) // another order for each run
		for i := range items {
			if canceled := rx.Cause(ctx); canceled != nil {
				return canceled
			}
			if !yield(items[(i+shift)%len(items)]) {
				return nil
			}
		}
		return err
	}))
}

func TestLoose(t *testing.T) {
	var seen atomic.Int64
	needs(t, rxtest.Loose, 4, run(func(ctx context.Context, src rx.Observable[int], yield func(int) bool) error {
		return src(ctx, func(v int) bool {
			return seen.Add(1)%3 == 0 || yield(v) // as if it had come too fast
		})
	}))
}

func TestRecovers(t *testing.T) {
	needs(t, rxtest.Recovers, 3, run(func(ctx context.Context, src rx.Observable[int], yield func(int) bool) error {
		if err := src(ctx, yield); err == nil || ctx.Err() != nil {
			return err
		}
		return rx.From(98, 99)(ctx, yield)
	}))
}

func TestEntangled(t *testing.T) {
	in := []int{1, 2, 3, 4, 5}
	once := func(src rx.Observable[int]) rx.Observable[int] {
		var consumed atomic.Bool
		return func(ctx context.Context, yield func(int) bool) error {
			if consumed.Swap(true) {
				return rx.ErrConsumed
			}
			return src(ctx, yield)
		}
	}
	both(t, func(t *testing.T) {
		rxtest.Operator(t, in, once, rxtest.Entangled)
		require.Contains(t, verdict(t, func(t rxtest.TB) { rxtest.Operator(t, in, once) }), "rule 4 ")
	})
}

func TestTraitsAdd(t *testing.T) {
	both(t, func(t *testing.T) {
		rxtest.Operator(t, []int{1, 2, 3}, run(func(ctx context.Context, src rx.Observable[int], yield func(int) bool) error {
			return async.Run(ctx, func(g *async.Group) error {
				q := async.NewQueue[int](1)
				for range 2 {
					g.Go(func(ctx context.Context) {
						err := src(ctx, func(v int) bool { return q.Push(ctx.Done(), v) })
						if err == nil || ctx.Err() != nil {
							err = rx.From(98, 99)(ctx, func(v int) bool { return q.Push(ctx.Done(), v) })
						}
						q.Close(err)
					})
				}
				return q.Drain(ctx, g, yield)
			})
		}), rxtest.Loose, rxtest.Recovers)
	})
}

func TestOnceEndless(t *testing.T) {
	both(t, func(t *testing.T) {
		open := func(items ...int) func() rx.Observable[int] {
			return func() rx.Observable[int] {
				ch := make(chan int, len(items))
				for _, v := range items {
					ch <- v
				}
				return rx.FromChan(ch)
			}
		}
		rxtest.Source(t, rxtest.Case[int]{New: open(1, 2, 3), Want: []int{1, 2, 3}, Mode: rxtest.Once, Endless: true})
		rxtest.Source(t, rxtest.Case[int]{New: open(), Mode: rxtest.Once, Endless: true})
	})
}

func TestOnceNever(t *testing.T) {
	got := verdict(t, func(t rxtest.TB) {
		var runs atomic.Int64
		rxtest.Source(t, rxtest.Case[int]{
			New: func() rx.Observable[int] {
				return func(ctx context.Context, _ func(int) bool) error {
					if runs.Add(1) > 1 {
						return rx.ErrConsumed
					}
					return nil
				}
			},
			Mode: rxtest.Once,
		})
	})
	require.Contains(t, got, `rule 4 (runs are independent): two runs of a one-shot stream: both run returned "rx: this one-shot`)
}

func TestForeign(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	src := rx.Defer(func(context.Context) (rx.Observable[int], error) {
		go heartbeat(release)
		return rx.Range(1, 3), nil
	})
	require.Contains(t, verdict(t, ints(src)), "rxtest_test.heartbeat")
	rxtest.Source(t, rxtest.Case[int]{
		New:     func() rx.Observable[int] { return src },
		Want:    []int{1, 2, 3},
		Foreign: []string{"rxtest_test.heartbeat"},
	})
}

func heartbeat(release <-chan struct{}) { <-release }

// node has everything that can be difficult to compare.
type node struct {
	next  *node
	kids  []*node
	by    map[string]*node
	any   any
	f     func()
	ch    chan int
	array [2]int
}

func TestItemsOfAllShapes(t *testing.T) {
	both(t, func(t *testing.T) {
		ring := &node{kids: []*node{nil, {}}, by: map[string]*node{"a": {}, "b": nil}, any: node{any: 1.5}, ch: make(chan int)}
		ring.next = ring
		rxtest.Source(t, rxtest.Case[*node]{
			New:  func() rx.Observable[*node] { return rx.From(ring, nil, &node{}) },
			Want: []*node{ring, nil, {}},
		})
		later := func(change func(*node)) func(rxtest.TB) {
			return func(t rxtest.TB) {
				rxtest.Source(t, rxtest.Case[*node]{
					New: func() rx.Observable[*node] {
						return func(ctx context.Context, yield func(*node) bool) error {
							n := &node{next: &node{kids: []*node{{}}, by: map[string]*node{"a": {}}}}
							err := rx.From(n)(ctx, yield)
							change(n)
							return err
						}
					},
					Want: []*node{{next: &node{kids: []*node{{}}, by: map[string]*node{"a": {}}}}},
				})
			}
		}
		later(func(*node) {})(t)
		for _, change := range []func(n *node){
			func(n *node) { n.next = nil },
			func(n *node) { n.next.kids[0].array[1] = 1 },
			func(n *node) { n.next.by["a"].any = "x" },
			func(n *node) { n.next.by["b"] = nil },
			func(n *node) { n.f = func() {} },
		} {
			require.Contains(t, verdict(t, later(change)), "rule 7 ")
		}
	})
}
