package operators

import (
	"time"

	streams "github.com/reugn/go-streams"
	"github.com/reugn/go-streams/extension"
	"github.com/reugn/go-streams/flow"
)

var goStreams = pipelines{
	library: "go-streams",
	mapFilterSum: func(n int) (sum int) {
		for r := range goSource(n).Via(flow.NewMap(next, 1)).Via(flow.NewFilter(even, 1)).Out() {
			sum = add(sum, r.(*row))
		}
		return sum
	},
	map5: func(n int) int {
		src := goSource(n).Via(flow.NewMap(next, 1))
		for range 4 {
			src = src.Via(flow.NewMap(next, 1))
		}
		return goCount(src)
	},
	buffer:            func(n int) int { return goCount(goSource(n).Via(flow.NewBatch[*row](bufferSize, time.Hour))) },
	boundary:          func(n int) int { return goCount(goSource(n)) },
	mapAsyncUnordered: func(n int) int { return goCount(goSource(n).Via(flow.NewMap(next, workers))) },
	merge: func(n int) int {
		var srcs []streams.Flow
		for i := range merged {
			srcs = append(srcs, goSource(part(n, i)).Via(flow.NewPassThrough()))
		}
		return goCount(flow.Merge(srcs...))
	},
	// It has no operator that ends a stream.
}

func goSource(n int) streams.Source {
	items := make(chan any, readAhead)
	go func() {
		defer close(items)
		for i := range n {
			items <- at(i)
		}
	}()
	return extension.NewChanSource(items)
}

func goCount(src streams.Outlet) (n int) {
	for range src.Out() {
		n++
	}
	return n
}
