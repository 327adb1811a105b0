package operators_test

import (
	"bytes"
	"context"
	"runtime"
	"testing"

	"github.com/rxcql/rxcql/internal/demand"
	"github.com/rxcql/rxcql/internal/virtualtime"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/rxtest"
)

// TestEveryOperatorCanBeSubscribedTo has a subscriber ask for what each operator makes, by the rules of Reactive
// Streams.
func TestEveryOperatorCanBeSubscribedTo(t *testing.T) {
	for _, o := range everyOperator() {
		t.Run(o.name, func(t *testing.T) {
			t.Run("completes", func(t *testing.T) { o.canBeSubscribedTo(t, nil) })
			t.Run("fails", func(t *testing.T) { o.canBeSubscribedTo(t, errSource) })
		})
	}
}

func (o operator) canBeSubscribedTo(t *testing.T, srcErr error) {
	virtualtime.Test(t, func(t *testing.T) {
		in := o.in
		if in == nil {
			in = []int{2, 4, 6, 7, 8, 9}
		}
		stream := func() rx.Observable[int] { return o.apply(rx.New(failing(srcErr, in...))) }
		want, err := stream().Collect(t.Context())
		p := rxtest.Publication[int]{
			New:       func() rxtest.Subscribable[int] { return stream() },
			Want:      want,
			Err:       err,
			Unordered: o.unordered(),
			Loose:     o.traits&rxtest.Loose != 0,
		}
		if o.traits&rxtest.Entangled != 0 {
			p.Mode = rxtest.Shared
		}
		rxtest.Publisher(t, p)
	})
}

// TestDemandGoesAsFarAsTheRunsGoroutine looks whether upstream sees the demand of a subscriber. It must if it works for
// nobody else, or it would be asked for what nobody has requested, and must not if it works ahead.
func TestDemandGoesAsFarAsTheRunsGoroutine(t *testing.T) {
	for _, o := range everyOperator() {
		t.Run(o.name, func(t *testing.T) {
			virtualtime.Test(t, func(t *testing.T) {
				home := goroutine()
				src := func(ctx context.Context, yield func(int) bool) error {
					if at, sees := goroutine() == home, demand.From(ctx) != nil; at != sees {
						t.Errorf("upstream is on the run's goroutine: %v; it sees the demand: %v", at, sees)
					}
					return rx.Range(1, 3)(ctx, yield)
				}
				_ = o.apply(src)(demand.With(t.Context(), plenty{}), func(int) bool { return true })
			})
		})
	}
}

type plenty struct{}

func (plenty) Wait(context.Context) bool { return true }
func (plenty) Unbounded() bool           { return true }

// goroutine identifies the calling goroutine.
func goroutine() string {
	var buf [64]byte
	head, _, _ := bytes.Cut(buf[:runtime.Stack(buf[:], false)], []byte("["))
	return string(head)
}
