// Package origin tells, in the context of a request that carries rows of several streams together, the contexts of these
// streams: for what is kept in contexts, such as spans.
package origin

import "context"

type key struct{}

// With returns a context for a request that carries what came under all of from.
func With(ctx context.Context, from []context.Context) context.Context {
	return context.WithValue(ctx, key{}, from)
}

// From returns what ctx was given by With; nil if nothing.
func From(ctx context.Context) []context.Context {
	from, _ := ctx.Value(key{}).([]context.Context)
	return from
}
