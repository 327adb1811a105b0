package operators

import (
	"context"

	"github.com/reactivex/rxgo/v2"
)

var (
	rxgoPlain    = rxgoPipelines("rxgo")
	rxgoBuffered = rxgoPipelines("rxgo-buffered", rxgo.WithBufferedChannel(readAhead))
)

// rxgoPipelines gives all operators opts. The context ends what rxgo would leave behind.
func rxgoPipelines(library string, opts ...rxgo.Option) pipelines {
	count := func(build func(rxgo.Option) rxgo.Observable) (n int) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		for range build(rxgo.WithContext(ctx)).Observe(rxgo.WithContext(ctx)) {
			n++
		}
		return n
	}
	source := func(n int) rxgo.Observable {
		return rxgo.Defer([]rxgo.Producer{func(ctx context.Context, to chan<- rxgo.Item) {
			for i := range n {
				if !rxgo.Of(at(i)).SendContext(ctx, to) {
					return
				}
			}
		}}, opts...)
	}
	nextOf := func(_ context.Context, r any) (any, error) { return next(r.(*row)), nil }
	return pipelines{
		library: library,
		mapFilterSum: func(n int) (sum int) {
			for r := range source(n).Map(nextOf, opts...).Filter(func(r any) bool { return even(r.(*row)) }, opts...).Observe() {
				sum = add(sum, r.V.(*row))
			}
			return sum
		},
		map5: func(n int) int {
			return count(func(rxgo.Option) rxgo.Observable {
				src := source(n)
				for range 5 {
					src = src.Map(nextOf, opts...)
				}
				return src
			})
		},
		buffer: func(n int) int {
			return count(func(rxgo.Option) rxgo.Observable { return source(n).BufferWithCount(bufferSize, opts...) })
		},
		boundary: func(n int) int {
			return count(func(rxgo.Option) rxgo.Observable { return source(n) })
		},
		// With Serialize it keeps an order of positions that items have to carry: it is left out.
		mapAsyncUnordered: func(n int) int {
			pool := append(opts[:len(opts):len(opts)], rxgo.WithPool(workers))
			return count(func(rxgo.Option) rxgo.Observable { return source(n).Map(nextOf, pool...) })
		},
		merge: func(n int) int {
			return count(func(ctx rxgo.Option) rxgo.Observable {
				var srcs []rxgo.Observable
				for i := range merged {
					srcs = append(srcs, source(part(n, i)))
				}
				return rxgo.Merge(srcs, append(opts[:len(opts):len(opts)], ctx)...)
			})
		},
		takeOne: func(n int) int {
			return count(func(rxgo.Option) rxgo.Observable { return source(n).Take(1, opts...) })
		},
	}
}
