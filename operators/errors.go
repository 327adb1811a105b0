package operators

import "errors"

// Those that a stream ends with are wrapped in an error that names the operator.
var (
	// ErrUnsorted is the end of a stream that an operator needs sorted and that is not. Sort it where it comes from: a
	// query by its clustering order, a file before it is read.
	ErrUnsorted = errors.New("the stream is not sorted")

	// ErrTooManyKeys is the end of a stream that has more keys at a time than an operator was allowed to hold. Allow
	// more of them, or choose keys of which there are fewer.
	ErrTooManyKeys = errors.New("the stream has more keys than allowed")

	// ErrOverflow is the end of a stream whose consumer was too slow for a buffer with the policy [FailWhenFull]. Allow
	// more items, choose a policy that waits or drops, or make the consumer faster.
	ErrOverflow = errors.New("the buffer is full")

	// ErrHubClosed is the result of feeding a [Hub] that is or was closed.
	ErrHubClosed = errors.New("operators: the hub is closed")

	// ErrTooManyItems is the end of a stream in which one key has more items than an operator was allowed to hold.
	// Allow more of them, or choose a key of which there are fewer.
	ErrTooManyItems = errors.New("a key has more items than allowed")

	// ErrSinkLeft is the end of a stream beside which a sink runs that must take all that it is given, and that returned
	// before it had. Let the sink read its stream to the end.
	ErrSinkLeft = errors.New("a sink has left before the end of its stream")
)
