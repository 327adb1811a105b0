package rx_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/rx"
)

func TestCauseOfALivingContext(t *testing.T) {
	require.NoError(t, rx.Cause(context.Background()))
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	require.NoError(t, rx.Cause(ctx))
	ended, end := context.WithCancel(t.Context())
	end()
	require.NoError(t, rx.Cause(context.WithoutCancel(ended)))
}

func TestCause(t *testing.T) {
	past := time.Now().Add(-time.Hour)
	wrapped := fmt.Errorf("shutting down: %w", context.Canceled)
	for name, c := range map[string]struct {
		ctx  func(parent context.Context) context.Context
		is   []error
		not  error
		text string
	}{
		"cancel": {
			ctx:  func(ctx context.Context) context.Context { return canceled(ctx, nil) },
			is:   []error{context.Canceled},
			not:  context.DeadlineExceeded,
			text: "context canceled",
		},
		"cancel with a cause": {
			ctx:  func(ctx context.Context) context.Context { return canceled(ctx, errBoom) },
			is:   []error{context.Canceled, errBoom},
			not:  context.DeadlineExceeded,
			text: "context canceled: boom",
		},
		"cancel with a cause that tells of it": {
			ctx:  func(ctx context.Context) context.Context { return canceled(ctx, wrapped) },
			is:   []error{context.Canceled, wrapped},
			text: "shutting down: context canceled",
		},
		"cancel because of another deadline": {
			ctx:  func(ctx context.Context) context.Context { return canceled(ctx, context.DeadlineExceeded) },
			is:   []error{context.Canceled, context.DeadlineExceeded},
			text: "context canceled: context deadline exceeded",
		},
		"deadline": {
			ctx:  func(ctx context.Context) context.Context { return late(ctx, past, nil) },
			is:   []error{context.DeadlineExceeded},
			not:  context.Canceled,
			text: "context deadline exceeded",
		},
		"deadline with a cause": {
			ctx:  func(ctx context.Context) context.Context { return late(ctx, past, errBoom) },
			is:   []error{context.DeadlineExceeded, errBoom},
			not:  context.Canceled,
			text: "context deadline exceeded: boom",
		},
		"parent's cancel": {
			ctx: func(ctx context.Context) context.Context {
				return context.WithValue(late(canceled(ctx, errBoom), past, errors.New("another")), t, t)
			},
			is:   []error{context.Canceled, errBoom},
			not:  context.DeadlineExceeded,
			text: "context canceled: boom",
		},
		"own context type": {
			ctx:  func(ctx context.Context) context.Context { return ownContext{ctx} },
			is:   []error{errOwn},
			text: "own",
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := rx.Cause(c.ctx(t.Context()))
			require.EqualError(t, err, c.text)
			for _, target := range c.is {
				require.ErrorIs(t, err, target)
			}
			if c.not != nil {
				require.NotErrorIs(t, err, c.not)
			}
		})
	}
}

func canceled(ctx context.Context, cause error) context.Context {
	ctx, cancel := context.WithCancelCause(ctx)
	cancel(cause)
	return ctx
}

func late(ctx context.Context, at time.Time, cause error) context.Context {
	ctx, cancel := context.WithDeadlineCause(ctx, at, cause)
	cancel()
	return ctx
}

var errOwn = errors.New("own")

type ownContext struct{ context.Context }

func (ownContext) Err() error { return errOwn }

// TestCauseIsBoth ends contexts in all sorts of ways, one inside the other.
func TestCauseIsBoth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cause := rapid.SampledFrom([]error{nil, errBoom, context.Canceled, context.DeadlineExceeded,
			fmt.Errorf("because: %w", context.Canceled), errors.Join(errBoom, context.DeadlineExceeded)})
		ctx := context.Background()
		for range rapid.IntRange(1, 4).Draw(t, "depth") {
			switch rapid.IntRange(0, 3).Draw(t, "kind") {
			case 0:
				ctx = canceled(ctx, cause.Draw(t, "cause"))
			case 1:
				ctx = late(ctx, time.Now().Add(-time.Second), cause.Draw(t, "cause"))
			case 2:
				ctx = context.WithValue(ctx, t, t)
			case 3:
				ctx = context.WithoutCancel(ctx)
			}
		}
		err := rx.Cause(ctx)
		if ctx.Err() == nil {
			require.NoError(t, err)
			return
		}
		require.ErrorIs(t, err, ctx.Err())
		require.ErrorIs(t, err, context.Cause(ctx))
		require.ErrorIs(t, fmt.Errorf("page 7: %w", err), ctx.Err())
	})
}

type rowError struct{ row int }

func (e *rowError) Error() string { return fmt.Sprintf("row %d", e.row) }

func TestPanicError(t *testing.T) {
	err := error(&rx.PanicError{Value: &rowError{7}, Stack: []byte("goroutine 1 [running]:")})
	require.True(t, strings.HasPrefix(err.Error(), "rx: panic in a stream's goroutine: row 7\n"), err)
	require.Contains(t, err.Error(), "goroutine 1 [running]:")

	var row *rowError
	require.ErrorAs(t, fmt.Errorf("job: %w", err), &row)
	require.Equal(t, 7, row.row)

	plain := &rx.PanicError{Value: "oops"}
	require.Contains(t, plain.Error(), "oops")
	require.NoError(t, errors.Unwrap(plain))
}
