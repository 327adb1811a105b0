package operators

import (
	"sync"

	rills "github.com/destel/rill"
)

var rill = pipelines{
	library: "rill",
	mapFilterSum: func(n int) (sum int) {
		mapped := rills.OrderedMap(rillSource(n), 1, rillNext)
		for r := range rills.OrderedFilter(mapped, 1, func(r *row) (bool, error) { return even(r), nil }) {
			sum = add(sum, r.Value)
		}
		return sum
	},
	map5: func(n int) int {
		src := rillSource(n)
		for range 5 {
			src = rills.OrderedMap(src, 1, rillNext)
		}
		return rillCount(src)
	},
	buffer:            func(n int) int { return rillCount(rills.Batch(rillSource(n), bufferSize, -1)) },
	boundary:          func(n int) int { return rillCount(rills.Buffer(rillSource(n), readAhead)) },
	mapAsync:          func(n int) int { return rillCount(rills.OrderedMap(rillSource(n), workers, rillNext)) },
	mapAsyncUnordered: func(n int) int { return rillCount(rills.Map(rillSource(n), workers, rillNext)) },
	merge: func(n int) int {
		var srcs []<-chan rills.Try[*row]
		for i := range merged {
			srcs = append(srcs, rillSource(part(n, i)))
		}
		return rillCount(rills.Merge(srcs...))
	},
	takeOne: func(n int) int { // First drains the rest in the background
		var ended sync.WaitGroup
		ended.Add(1)
		_, found, _ := rills.First(rills.Generate(func(send func(*row), _ func(error)) {
			defer ended.Done()
			for i := range n {
				send(at(i))
			}
		}))
		ended.Wait()
		if found {
			return 1
		}
		return 0
	},
}

func rillNext(r *row) (*row, error) { return next(r), nil }

func rillSource(n int) <-chan rills.Try[*row] {
	return rills.Generate(func(send func(*row), _ func(error)) {
		for i := range n {
			send(at(i))
		}
	})
}

func rillCount[T any](src <-chan rills.Try[T]) (n int) {
	for range src {
		n++
	}
	return n
}
