package operators

import (
	"context"
	"fmt"
	"slices"

	"github.com/rxcql/rxcql/internal/async"
	"github.com/rxcql/rxcql/rx"
)

// MergeSorted merges streams that are sorted by compare into one that is: Pekko's mergeSorted, for any number of
// streams. Of items that are equal those of an earlier stream in the list come first, and those of the same stream in
// its order. With n streams an item costs about 1 + log₂ n comparisons.
//
// An item is emitted when the next one of every stream is known; so the slowest stream sets the pace. A stream that is
// not sorted ends the run with an error that wraps [ErrUnsorted] and tells which of the streams it is and where; up to
// there all is in order.
//
// Ordered. Concurrent: all streams with each other and with the consumer, which calls compare. Buffers at most 64
// items of each. On error: emits the items up to the last one before it, then passes it on; the other streams are
// stopped, and what they say then does not count. On cancel: drops the items.
func MergeSorted[T any](compare func(a, b T) int, srcs ...rx.Observable[T]) rx.Observable[T] {
	given("MergeSorted", compare, srcs)
	if len(srcs) == 0 {
		return rx.Empty[T]()
	}
	srcs = slices.Clone(srcs)
	return func(ctx context.Context, yield func(T) bool) error {
		return async.Boundary(ctx, "MergeSorted", func(g *async.Group) error {
			t := newTournament(async.StartAll(g, srcs, inputAhead-1), compare)
			if known, err := t.begin(ctx, g.Done()); !known {
				return err
			}
			for {
				in := t.winner()
				if in.ended() {
					return nil
				}
				if !yield(in.take()) {
					return nil
				}
				if !in.wait(g.Done()) {
					if err := in.end(ctx); err != nil || !in.ended() {
						return err
					}
				}
				t.replay(t.losers[0])
			}
		})
	}
}

// tournament finds the input with the least head: a tree of losers (Knuth, The Art of Computer Programming, volume 3,
// section 5.4.1). Inputs that have ended lose to all others.
type tournament[T any] struct {
	inputs []*sorted[T, T]
	// losers holds the winner of all at 0, and at i > 0 the loser of the match between the winners of 2i and 2i+1;
	// the inputs are at len(inputs) and further.
	losers  []int
	compare func(a, b T) int
}

func newTournament[T any](queues []*async.Queue[T], compare func(a, b T) int) *tournament[T] {
	t := &tournament[T]{
		inputs:  make([]*sorted[T, T], len(queues)),
		losers:  make([]int, len(queues)),
		compare: compare,
	}
	itself := func(v T) T { return v }
	for i, q := range queues {
		t.inputs[i] = newSorted(q, itself, compare, fmt.Sprintf("operators.MergeSorted: srcs[%d]", i))
	}
	return t
}

// begin waits for the heads of all inputs and finds the first winner. known is false if that cannot be because an
// input has failed before its first item, or because done was closed.
func (t *tournament[T]) begin(ctx context.Context, done <-chan struct{}) (known bool, err error) {
	for unknown := true; unknown; {
		unknown = false
		for _, in := range t.inputs {
			switch in.look() {
			case async.Empty:
				unknown = true
			case async.Closed:
				if err := in.end(ctx); err != nil {
					return false, err
				}
			}
		}
		if !unknown {
			break
		}
		if !t.inputs[0].queue.Wait(done) { // which is told of all
			return false, t.inputs[0].end(ctx)
		}
	}
	for i := range t.losers {
		t.losers[i] = nobody
	}
	for i := range t.inputs {
		t.replay(i)
	}
	return true, nil
}

// nobody wins against all, so that in the first round everybody stays where its first match is.
const nobody = -1

func (t *tournament[T]) winner() *sorted[T, T] { return t.inputs[t.losers[0]] }

// replay plays the matches of an input that has a new head.
func (t *tournament[T]) replay(i int) {
	winner := i
	for at := (i + len(t.inputs)) / 2; at > 0; at /= 2 {
		if t.beats(t.losers[at], winner) {
			winner, t.losers[at] = t.losers[at], winner
		}
	}
	t.losers[0] = winner
}

func (t *tournament[T]) beats(i, j int) bool {
	if i == nobody || j == nobody {
		return i == nobody
	}
	a, b := t.inputs[i], t.inputs[j]
	if a.ended() || b.ended() {
		return !a.ended()
	}
	c := t.compare(a.head, b.head)
	return c < 0 || c == 0 && i < j
}
