// Package demand carries what a Reactive Streams subscriber has requested and not yet got through the context of a
// run, from rx's Subscribe to the sources that should do nothing before it: a query asks for no page, and a channel is
// not received from.
//
// A demand is one consumer's. It holds for what runs on the run's goroutine. Stages that run something else put an end
// to it by [Without]: asynchronous ones, whose bounded buffer is the demand for what is upstream of them, and
// consumers, such as sinks, that take whatever comes. A context without a demand is the usual case, and costs one
// look-up a run.
package demand

import "context"

// Demand is what was requested and not yet delivered. Its methods may be called on any goroutine.
type Demand interface {
	// Wait returns true as soon as there is a demand, at once if there is one already, and false when ctx ends before.
	Wait(ctx context.Context) bool
	// Unbounded tells that there will always be a demand.
	Unbounded() bool
}

type key struct{}

// With returns a context that carries d in place of what ctx carries.
func With(ctx context.Context, d Demand) context.Context { return context.WithValue(ctx, key{}, d) }

// From returns what ctx carries, or nil.
func From(ctx context.Context) Demand {
	d, _ := ctx.Value(key{}).(Demand)
	return d
}

// Without returns a context that carries no demand.
func Without(ctx context.Context) context.Context {
	if From(ctx) == nil {
		return ctx
	}
	return context.WithValue(ctx, key{}, nil)
}
