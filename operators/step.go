package operators

import (
	"context"

	"github.com/rxcql/rxcql/internal/stage"
	"github.com/rxcql/rxcql/rx"
)

// step has a monitor see runs of an operator that has no boundary but makes items wait.
func step[T any](name string, run rx.Observable[T]) rx.Observable[T] {
	return func(ctx context.Context, yield func(T) bool) error {
		return stage.Observe(ctx, stage.Step, name, run, yield)
	}
}
