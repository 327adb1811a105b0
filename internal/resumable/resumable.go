// Package resumable marks the context of a job that repeats work when it is resumed, from the sources, which know, to the
// sinks, of which some must not be repeated.
package resumable

import "context"

type key struct{}

// Mark returns a context of which Is tells true.
func Mark(ctx context.Context) context.Context { return context.WithValue(ctx, key{}, true) }

// Is tells whether ctx is of a job whose work may be repeated.
func Is(ctx context.Context) bool {
	marked, _ := ctx.Value(key{}).(bool)
	return marked
}
