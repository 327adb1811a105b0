// Package rx is the stream itself: a cold, typed [Observable], the [Sink] that runs one to its end, constructors,
// and the ways out.
//
// An Observable is a function. Calling it runs the stream once, from the start; nothing happens before. It hands
// every item to yield and returns when the stream has ended:
//
//	type Observable[T any] func(ctx context.Context, yield func(T) bool) error
//
// Backpressure needs no protocol: the producer is blocked while yield runs. Goroutines exist only at the stages
// that are there to be asynchronous. So a stage costs about as much as a function call, and nobody who builds or
// runs a stream sees a lock.
//
//	src := rx.From(1, 2, 3)                    // a stream
//	for v, err := range src.All(ctx) { … }     // leave it with range,
//	items, err := src.Collect(ctx)             // as a slice,
//	err := src.ForEach(ctx, func(int) error)   // or with a function.
//
// The operators that transform streams are in package operators; sources and sinks for Cassandra are in packages
// source and sink.
//
// # The contract
//
// Every Observable keeps these seven rules, whoever wrote it; package rxtest checks them. Consumers may rely on
// them, producers must obey them. [New] makes an obedient Observable from a plain function.
//
//  1. Yield on the run's goroutine. yield is called only on the goroutine that called run, serially, and never
//     again after it has returned false. An operator that is asynchronous moves its upstreams to goroutines, never
//     its yield. So yield needs no lock, and a panic or runtime.Goexit in a range body stays where it belongs.
//  2. Nothing is left behind. run returns only when every goroutine that it started has exited and every resource
//     that it opened is closed.
//  3. One result. nil: the stream completed, or the consumer stopped; after yield has returned false the result is
//     nil, whatever fails later. Otherwise it is the upstream's error. An operator's own error outranks its
//     upstream's; siblings that an operator cancelled never supply the result. A consumer's failure is never the
//     stream's error, so Retry and Catch cannot mistake a sink's failure for a source's. An error comes after all
//     that its source yielded before it, across asynchronous boundaries too.
//  4. Runs are independent. All mutable state is created inside the call of run, so a stream can be run again, and
//     by several goroutines at once. Exempt, and documented as such: one-shot inputs such as a channel, whose
//     second run returns [ErrConsumed]; values that are meant to be shared, such as a limiter; and resumable jobs.
//  5. Cancel is prompt. Cancelling ctx ends the run as soon as calls into user code or uninterruptible I/O return,
//     also in the middle of a page; buffered items are dropped. The result is an error for which errors.Is holds
//     with both ctx.Err() and context.Cause(ctx); see [Cause]. Sources look at ctx before every item; operators
//     need not. Rule 2 outranks this one.
//  6. Panics pass. On the run's goroutine a panic passes untouched, with cleanup deferred. A panic on another
//     goroutine is raised again, once, on the run's goroutine as a [*PanicError]. runtime.Goexit in a producer ends
//     the run's goroutine too.
//  7. Items are given away. What was yielded belongs to the consumer: no slice or row is reused afterwards.
package rx
