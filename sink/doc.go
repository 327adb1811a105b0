// Package sink is where streams end: in Cassandra, in files, in a function, in a slice.
//
// A sink runs its stream: nothing flows before. [ForEach] and [Slice] are plain values of type rx.Sink. What [Insert],
// [Update], [Delete] and [Exec] make, a [Mutation], is a value with settings, whose Write gives a report:
//
//	report, err := sink.Insert[Reading](session, "lab.readings").Write(ctx, readings)
//
// It keeps a window of requests under way that adapts to what the servers take, sends rows of one partition together,
// writes those of one key in the order of the stream, repeats what may be repeated, and gives rows that cannot be written
// to the dead letters, if there are any, or stops at the first: each row is written, or told of.
package sink
