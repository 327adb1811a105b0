package operators

import (
	"context"
	"fmt"

	"github.com/rxcql/rxcql/internal/async"
	"github.com/rxcql/rxcql/rx"
)

// Distinct emits the items whose key it does not remember having seen: ReactiveX's distinct, with a bound. It remembers
// the max most recently seen keys, in memory.
//
// A KEY THAT WAS FORGOTTEN COMES AGAIN: when more than max other keys were seen since, its next item is taken for a new
// one. So max must be at least the number of different keys among which duplicates of an item may lie; where they are
// next to each other, [DistinctUntilChanged] does it without memory. Keys that do not equal themselves, such as NaN,
// are always new.
//
// It panics if max is less than 1.
//
// Ordered. Not concurrent. Buffers nothing but max keys. On error: passes it on.
func Distinct[T any, K comparable](src rx.Observable[T], max int, key func(T) K) rx.Observable[T] {
	given("Distinct", src, key)
	if max < 1 {
		panic(fmt.Sprintf("operators.Distinct: %d keys; it must remember at least 1", max))
	}
	return func(ctx context.Context, yield func(T) bool) error {
		seen := recent[K]{max: max, index: make(map[K]int)}
		return src(ctx, func(v T) bool { return !seen.add(key(v)) || yield(v) })
	}
}

// DistinctUntilChanged emits the items whose key differs from that of the item before: ReactiveX's
// distinctUntilChanged with a key. It drops the rest of each run of equal keys.
//
// Ordered. Not concurrent. Buffers nothing but one key. On error: passes it on.
func DistinctUntilChanged[T any, K comparable](src rx.Observable[T], key func(T) K) rx.Observable[T] {
	given("DistinctUntilChanged", src, key)
	return func(ctx context.Context, yield func(T) bool) error {
		var last K
		begun := false
		return src(ctx, func(v T) bool {
			k := key(v)
			if begun && k == last {
				return true
			}
			begun, last = true, k
			return yield(v)
		})
	}
}

// recent remembers the keys seen last: a map into a list, linked by index, from the least to the most recently seen
// key. Once it holds max keys it allocates nothing more.
type recent[K comparable] struct {
	max   int
	index map[K]int
	nodes []node[K]
	root  int // of the ring: the least recently seen; the one before it is the most recently seen
}

type node[K comparable] struct {
	key          K
	before, next int
}

// add makes k the most recently seen key and tells whether it is new.
func (r *recent[K]) add(k K) bool {
	i, known := r.index[k]
	switch {
	case known:
		r.touch(i)
		return false
	case !async.EqualsItself(k): // could be found, and deleted, never again
		return true
	case len(r.nodes) < r.max:
		i = len(r.nodes)
		r.nodes = append(r.nodes, node[K]{k, i, i})
		r.insert(i)
	default: // the oldest becomes the newest, by going round
		i = r.root
		delete(r.index, r.nodes[i].key)
		r.nodes[i].key = k
		r.root = r.nodes[i].next
	}
	r.index[k] = i
	return true
}

// touch makes node i the most recently seen.
func (r *recent[K]) touch(i int) {
	n := &r.nodes[i]
	if i == r.root {
		r.root = n.next
		return
	}
	r.nodes[n.before].next, r.nodes[n.next].before = n.next, n.before
	r.insert(i)
}

// insert links node i in before the root, where the most recently seen one is.
func (r *recent[K]) insert(i int) {
	last := r.nodes[r.root].before
	r.nodes[i].before, r.nodes[i].next = last, r.root
	r.nodes[last].next, r.nodes[r.root].before = i, i
}
