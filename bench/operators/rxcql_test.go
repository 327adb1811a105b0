package operators

import (
	"context"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

var rxcql = pipelines{
	library: "rxcql",
	mapFilterSum: func(n int) (sum int) {
		_ = op.Filter(op.Map(rxcqlSource(n), next), even)(context.Background(), func(r *row) bool {
			sum = add(sum, r)
			return true
		})
		return sum
	},
	map5: func(n int) int {
		src := rxcqlSource(n)
		for range 5 { // so that no compiler sees through it
			src = op.Map(src, next)
		}
		return rxcqlCount(src)
	},
	buffer:   func(n int) int { return rxcqlCount(op.Buffer(rxcqlSource(n), bufferSize)) },
	boundary: func(n int) int { return rxcqlCount(op.Prefetch(rxcqlSource(n), readAhead)) },
	mapAsync: func(n int) int {
		return rxcqlCount(op.MapAsync(rxcqlSource(n), workers, func(_ context.Context, r *row) (*row, error) { return next(r), nil }))
	},
	mapAsyncUnordered: func(n int) int {
		return rxcqlCount(op.MapAsyncUnordered(rxcqlSource(n), workers, func(_ context.Context, r *row) (*row, error) { return next(r), nil }))
	},
	merge: func(n int) int {
		var srcs []rx.Observable[*row]
		for i := range merged {
			srcs = append(srcs, rxcqlSource(part(n, i)))
		}
		return rxcqlCount(op.Merge(merged, srcs...))
	},
	takeOne: func(n int) int { return rxcqlCount(op.Take(rxcqlSource(n), 1)) },
}

func rxcqlSource(n int) rx.Observable[*row] {
	return func(ctx context.Context, yield func(*row) bool) error {
		done := ctx.Done()
		for i := range n {
			select {
			case <-done:
				return rx.Cause(ctx)
			default:
			}
			if !yield(at(i)) {
				return nil
			}
		}
		return nil
	}
}

func rxcqlCount[T any](src rx.Observable[T]) (n int) {
	_ = src(context.Background(), func(T) bool { n++; return true })
	return n
}

// part is the i-th stream's share of n items.
func part(n, i int) int { return n*(i+1)/merged - n*i/merged }
