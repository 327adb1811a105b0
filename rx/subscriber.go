package rx

import "fmt"

// Subscriber is a consumer that says how much it can take: org.reactivestreams.Subscriber. [Observable.Subscribe] calls
// its methods one at a time, on one goroutine: OnSubscribe first, once; OnNext for each item, never more often than was
// requested; then OnError or OnComplete, once, unless the Subscription was cancelled. None of them may be given a nil
// error or Subscription.
//
// The methods may call Request and Cancel. While they run the stream waits for them, so one that hands the item on and
// returns is asynchronous, and one that works is backpressure enough: it may as well request [math.MaxInt64].
type Subscriber[T any] interface {
	OnSubscribe(Subscription)
	OnNext(T)
	OnError(error)
	OnComplete()
}

// Subscription is one run of a stream, for its Subscriber: org.reactivestreams.Subscription. Its methods may be called
// by any goroutine, at any time, and never wait for anything. After the end of the run, or Cancel, they do nothing, and
// the Subscription keeps neither the Subscriber nor the stream from being collected.
type Subscription interface {
	// Request adds n to the number of items that may come. Sums beyond math.MaxInt64 are as [math.MaxInt64], which
	// means without bound, for the rest of the run. If n is not positive, the run is cancelled and OnError gets a
	// [*RequestError].
	Request(n int64)
	// Cancel ends the run without any further signal; a signal that is under way on the run's goroutine is not
	// interrupted. The context of the run is cancelled.
	Cancel()
}

// RequestError is how a run ends whose Subscriber has requested a number of items that is not positive.
type RequestError struct{ N int64 }

// Error names the number.
func (e *RequestError) Error() string {
	return fmt.Sprintf("rx: Request(%d): the number of requested items must be positive (Reactive Streams rule 3.9); the run was cancelled", e.N)
}
