package rx

import (
	"context"
	"errors"
	"fmt"
)

var (
	// ErrConsumed is the result of the second run of a one-shot input, such as a channel. Run such a stream once,
	// or share its items with an operator.
	ErrConsumed = errors.New("rx: this one-shot stream has been run before; build a new one")

	// ErrEmpty is the result of taking the first item of a stream that completed without one.
	ErrEmpty = errors.New("rx: the stream completed without an item")
)

// Cause returns nil while ctx is alive, and afterwards the error that a run ended by it must return: errors.Is
// holds for both ctx.Err() and context.Cause(ctx). Sources call it before every item.
func Cause(ctx context.Context) error {
	err := ctx.Err()
	if err == nil {
		return nil
	}
	cause := context.Cause(ctx)
	if errors.Is(cause, err) {
		return cause
	}
	return &canceledError{err: err, cause: cause}
}

type canceledError struct{ err, cause error }

func (e *canceledError) Error() string   { return e.err.Error() + ": " + e.cause.Error() }
func (e *canceledError) Unwrap() []error { return []error{e.err, e.cause} }

// PanicError carries a panic from a goroutine that a stream started to the goroutine that runs the stream, where it
// is raised again with this as its value. A consumer that recovers gets the original value and stack.
type PanicError struct {
	Value any    // what the panic was raised with
	Stack []byte // the stack of the goroutine that panicked first
}

// Error gives the value and the stack, so that a crash shows where it came from.
func (e *PanicError) Error() string {
	return fmt.Sprintf("rx: panic in a stream's goroutine: %v\n\n%s", e.Value, e.Stack)
}

// Unwrap returns the panic's value if that is an error, so that errors.Is and errors.As see through.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}
