package operators_test

import (
	"context"
	"testing"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

func BenchmarkResumeWith(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[int] { return op.ResumeWith(src, src) })
}

func BenchmarkRepeat(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[int] { return op.Repeat(src, 1, 0) })
}

func BenchmarkFinally(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[int] { return op.Finally(src, func() {}) })
}

func BenchmarkUsing(b *testing.B) {
	run(b, func(src rx.Observable[int]) rx.Observable[int] {
		return op.Using(
			func(context.Context) (int, error) { return 0, nil },
			func(int) rx.Observable[int] { return src },
			func(int) error { return nil })
	})
}

// BenchmarkBudget counts a request and asks for a retry, which is mostly refused.
func BenchmarkBudget(b *testing.B) {
	backoff := op.Backoff{Budget: op.NewBudget(0.2, 10)}
	for range b.N {
		backoff.Budget.Request()
		backoff.Allow(1)
	}
}
