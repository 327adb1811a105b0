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
//	err := src.ForEach(ctx, func(int) error)   // with a function,
//	go src.Subscribe(ctx, subscriber)          // or by Reactive Streams.
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
//
// # Reactive Streams
//
// [Observable.Subscribe] is the edge at which a consumer that is itself asynchronous says how much it can take, by the
// protocol of Reactive Streams 1.0.4 (reactive-streams.org). Inside a stream there is none: only what costs to produce,
// such as a page of a query, looks at the demand. This is how the protocol's rules are kept:
//
//	1.1   An item waits until it is requested, before OnNext is called.
//	1.2   A stream ends when it is over, whatever was requested; nothing is made up to fill a request.
//	1.3   All signals are on the goroutine that called Subscribe. Request and Cancel signal nothing.
//	1.4   An error of the stream, or the end of ctx, is OnError's, after all items; Subscribe returns it, too.
//	1.5   OnComplete comes after the last item without further demand, as OnError does. (A source that cannot know
//	      its end before it is asked for another item, a channel for example, tells it then.)
//	1.6-8 After the last signal, and after Cancel, the Subscription is dead, and nothing is signalled.
//	1.9   OnSubscribe is always called, first and once, also if ctx has ended. A nil Subscriber panics.
//	1.10  A Subscriber may be used again if it can bear it; each call of Subscribe is a run of its own.
//	1.11  As many may subscribe as like, unless the stream is one-shot: then all but one get ErrConsumed by OnError.
//	2.x   Are the Subscriber's. One that breaks 2.13 by a panic, or runtime.Goexit, is cancelled, and the panic passes
//	      through Subscribe. 2.7 does not bind: Request and Cancel may be called by any goroutine, at once.
//	3.2   Request may be called in OnSubscribe and OnNext.
//	3.3   It calls nobody, so there is no recursion.
//	3.4-5 Request and Cancel take nanoseconds and wait for nothing.
//	3.6-7 After Cancel, and after the end, they do nothing.
//	3.9   Request of a number that is not positive ends the run: OnError gets a *RequestError.
//	3.12  Cancel ends the context of the run; what is under way on the run's goroutine comes back first.
//	3.13  After the end, or Cancel, the Subscription holds neither Subscriber nor stream once Subscribe has returned.
//	3.17  Demand adds up, and saturates at math.MaxInt64: unbounded.
package rx
