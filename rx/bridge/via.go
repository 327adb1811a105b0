package bridge

import (
	"context"

	"github.com/reactivex/rxgo/v2"

	"github.com/rxcql/rxcql/rx"
)

// Via puts operators of rxgo into the middle of a pipeline: f gets src and returns what it makes of it, an Observable,
// a Single or an OptionalSingle, whose items must be of type U, else the stream fails with a [*TypeError].
//
//	names := bridge.Via[Reading, string](readings, func(in rxgo.Observable) rxgo.Observable {
//		return in.Filter(…).Map(…).Distinct(…)
//	})
//
// f is called once a run, so that it may use the operators that start when they are called, or can be observed only
// once. Whatever these do, src's runs end with the stream's, and a panic in src is raised on the run's goroutine. A
// panic in a function that was given to rxgo ends the process, as everywhere in rxgo.
//
// Ordered, as far as rxgo is. Concurrent: src runs on a goroutine of rxgo's, as does each of its operators. Buffers
// nothing; each operator of rxgo's holds an item, and what its options ask for. On error: passes it on, if rxgo does;
// an operator whose own context ([rxgo.WithContext]) ends before the run's fails the stream with that, while to rxgo it
// completes. On cancel: ends src and does not wait for rxgo.
func Via[T, U any, O rxgo.Iterable](src rx.Observable[T], f func(rxgo.Observable) O) rx.Observable[U] {
	return func(ctx context.Context, yield func(U) bool) error {
		return observe(ctx, func(r *run) rxgo.Iterable {
			return f(rxgo.Defer([]rxgo.Producer{producer(src, r)}))
		}, yield)
	}
}
