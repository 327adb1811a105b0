package bridge

import (
	"context"
	"fmt"
	"reflect"

	"github.com/reactivex/rxgo/v2"

	"github.com/rxcql/rxcql/rx"
)

// From makes a typed stream of what rxgo observes: an Observable, a Single, an OptionalSingle, any Iterable. Each run
// observes it once, with a context that ends with the run. It is as cold as src is: the chains of rxgo's that can be
// observed only once are listed in the package comment; make those anew for each run, with [rx.Defer] or by [Via].
//
// The first error item is the stream's error. An item that is no T is a [*TypeError]; give T as any to take every item.
// Streams that came in by [To] have ended when a run returns, if rxgo observed them with that context, as it does where
// no operator starts when it is called ([Via] sees to the others); goroutines of rxgo's own have been told to end.
//
// Ordered, as far as rxgo is. Concurrent: rxgo's goroutines. Buffers nothing; each operator of rxgo's holds an item,
// and what its options ask for. On error: passes it on. On cancel: does not wait for rxgo.
func From[T any](src rxgo.Iterable) rx.Observable[T] {
	return func(ctx context.Context, yield func(T) bool) error {
		return observe(ctx, func(*run) rxgo.Iterable { return src }, yield)
	}
}

// TypeError says that an item of rxgo's is not of the type that [From] or [Via] was asked for.
type TypeError struct {
	Position int          // of the item, from 1
	Got      reflect.Type // nil if the item was a nil without a type
	Want     reflect.Type
}

func (e *TypeError) Error() string {
	got := "nil"
	if e.Got != nil {
		got = e.Got.String()
	}
	return fmt.Sprintf("bridge: item %d from rxgo is of type %s, not %s: convert it with rxgo's Map, or ask for another type", e.Position, got, e.Want)
}

func wrongType[T any](position int, v any) error {
	return &TypeError{Position: position, Got: reflect.TypeOf(v), Want: reflect.TypeFor[T]()}
}

// value gives v as a T. A nil is one if T is an interface.
func value[T any](v any) (T, bool) {
	t, ok := v.(T)
	if !ok && v == nil {
		ok = reflect.TypeFor[T]().Kind() == reflect.Interface
	}
	return t, ok
}
