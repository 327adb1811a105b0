package operators

import "github.com/samber/ro"

var samberRo = pipelines{
	library: "samber-ro",
	mapFilterSum: func(n int) (sum int) {
		ro.Pipe2(roSource(n), ro.Map(next), ro.Filter(even)).Subscribe(ro.OnNext(func(r *row) { sum = add(sum, r) })).Wait()
		return sum
	},
	map5: func(n int) int {
		src := roSource(n)
		for range 5 {
			src = ro.Map(next)(src)
		}
		return roCount(src)
	},
	buffer:   func(n int) int { return roCount(ro.BufferWithCount[*row](bufferSize)(roSource(n))) },
	boundary: func(n int) int { return roCount(ro.ObserveOn[*row](readAhead)(roSource(n))) },
	// It has no map with a bound of calls at a time.
	merge: func(n int) int {
		var srcs []ro.Observable[*row]
		for i := range merged {
			srcs = append(srcs, ro.SubscribeOn[*row](readAhead/merged)(roSource(part(n, i)))) // else one after the other
		}
		return roCount(ro.Merge(srcs...))
	},
	takeOne: func(n int) int { return roCount(ro.Take[*row](1)(roSource(n))) },
}

// roSource is as ro's own Range: an observer cannot tell it to stop.
func roSource(n int) ro.Observable[*row] {
	return ro.NewUnsafeObservable(func(to ro.Observer[*row]) ro.Teardown {
		for i := range n {
			to.Next(at(i))
		}
		to.Complete()
		return nil
	})
}

func roCount[T any](src ro.Observable[T]) (n int) {
	src.Subscribe(ro.OnNext(func(T) { n++ })).Wait()
	return n
}
