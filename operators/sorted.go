package operators

import (
	"fmt"

	"github.com/rxcql/rxcql/internal/async"
)

// sorted is an input that must be sorted by key.
type sorted[T, K any] struct {
	*input[T]
	at      K   // the head's key, or the one of the item before if there is no head yet
	n       int // items looked at
	key     func(T) K
	compare func(a, b K) int
	name    string // of the operator and its argument
}

// newSorted makes an input of q, as newInput does.
func newSorted[T, K any](q *async.Queue[T], key func(T) K, compare func(a, b K) int, name string) *sorted[T, K] {
	s := &sorted[T, K]{
		input:   newInput(q),
		key:     key,
		compare: compare,
		name:    name,
	}
	s.check = s.inOrder
	return s
}

// inOrder compares a new head with the item before it.
func (s *sorted[T, K]) inOrder() error {
	key := s.key(s.head)
	s.n++
	if s.n > 1 && s.compare(s.at, key) > 0 {
		return fmt.Errorf("%s: item %d, counted from 1, belongs before item %d: %w", s.name, s.n, s.n-1, ErrUnsorted)
	}
	s.at = key
	return nil
}

// has waits for the head and tells whether it has that key; false also at the end and when done is closed.
func (s *sorted[T, K]) has(done <-chan struct{}, key K) bool {
	return s.wait(done) && s.compare(s.at, key) == 0
}
