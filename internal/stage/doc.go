// Package stage is how the stages of a stream tell a monitor what they do: rx/flow's, which is a [Host] in a context.
//
// A stage that begins calls [Begin], or lets [Observe] do that. It looks for a host in its context, once a run. Without
// one it gets a nil [Probe], whose methods do nothing, and goes on as ever. With one, the context that Begin returns,
// which the stage gives to its upstream, says who it is, so that a stage knows its consumer: the graph draws itself.
//
// What a stage does is told in [Phase]s, each of which begins and ends, so that one that has not ended yet counts as well:
// a consumer that hangs shows while it hangs. Of stages that wait at a boundary each wait is told, which costs nothing as
// long as nobody waits. The two sides of a yield are told apart by a [Meter].
//
// Locks are taken where a stage begins, ends, waits, or a meter looks at the clock; they are held for a few instructions,
// and never while a function runs that is not of this package.
package stage
