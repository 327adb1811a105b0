package operators

import (
	"context"
	"fmt"

	"github.com/rxcql/rxcql/rx"
)

// KeyValue is a key and what belongs to it.
type KeyValue[K comparable, V any] struct {
	Key   K
	Value V
}

// ReduceByKey folds the items of each key and emits the keys with their accumulators when upstream has completed, in
// the order in which the keys first came: [Reduce] for each group of a [GroupBy], without its goroutines. The
// accumulator of a key begins as what init makes, and is f's to change in place.
//
// A stream with more than max keys ends with an error that wraps [ErrTooManyKeys], when the key that is too many comes.
// Keys that do not equal themselves, such as NaN, are each a key of their own.
// Where equal keys are next to each other, [BufferAdjacent] needs memory for one of them only. It panics if max is less
// than 1.
//
// Ordered by the first items of the keys. Not concurrent. Buffers at most max keys and their accumulators. On error:
// emits nothing and passes it on. On cancel: drops them.
func ReduceByKey[T any, K comparable, A any](
	src rx.Observable[T], max int, key func(T) K, init func() A, f func(A, T) A,
) rx.Observable[KeyValue[K, A]] {
	given("ReduceByKey", src, key, init, f)
	if max < 1 {
		panic(fmt.Sprintf("operators.ReduceByKey: %d keys; it must be allowed to hold at least 1", max))
	}
	return func(ctx context.Context, yield func(KeyValue[K, A]) bool) error {
		var (
			totals  []KeyValue[K, A]
			index   = make(map[K]int)
			tooMany error
		)
		err := src(ctx, func(v T) bool {
			k := key(v)
			i, known := index[k]
			if !known {
				if i = len(totals); i == max {
					tooMany = fmt.Errorf("operators.ReduceByKey: one key more than %d: %w", max, ErrTooManyKeys)
					return false
				}
				index[k] = i
				totals = append(totals, KeyValue[K, A]{Key: k, Value: init()})
			}
			totals[i].Value = f(totals[i].Value, v)
			return true
		})
		switch {
		case tooMany != nil:
			return tooMany
		case err != nil:
			return err
		}
		return rx.From(totals...)(ctx, yield)
	}
}
