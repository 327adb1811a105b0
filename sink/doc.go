// Package sink is where streams end: in Cassandra, in a function, in a slice.
//
// A sink runs its stream: nothing flows before. [ForEach] and [Slice] are plain values of type rx.Sink; [Insert] is
// a value with settings, whose Write gives a report.
//
//	report, err := sink.Insert[Reading](session, "lab.readings").Window(32).Write(ctx, readings)
package sink
