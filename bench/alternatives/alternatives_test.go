package alternatives

import (
	"context"
	"iter"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/reactivex/rxgo/v2"

	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// row is what flows: a pointer, as rows of a page do.
type row struct{ value int }

func double(r *row) *row   { r.value *= 2; return r }
func positive(r *row) bool { return r.value >= 0 }

// check keeps a benchmark honest: every item must have come through.
func check(b *testing.B, n int) {
	if n != b.N {
		b.Fatalf("%d of %d items came through", n, b.N)
	}
}

func source(n int) rx.Observable[*row] {
	r := new(row)
	return func(_ context.Context, yield func(*row) bool) error {
		for range n {
			if !yield(r) {
				return nil
			}
		}
		return nil
	}
}

// What rxcql does: a function per stage.
func BenchmarkObservable(b *testing.B) {
	b.ReportAllocs()
	n := 0
	_ = operators.Filter(operators.Map(source(b.N), double), positive)(b.Context(), func(*row) bool { n++; return true })
	check(b, n)
}

// The same with one asynchronous boundary, as where a stage exists to be asynchronous.
func BenchmarkObservableWithOneBoundary(b *testing.B) {
	b.ReportAllocs()
	n := 0
	src := operators.Prefetch(operators.Filter(operators.Map(source(b.N), double), positive), 1024)
	_ = src(b.Context(), func(*row) bool { n++; return true })
	check(b, n)
}

// Pull iterators: each stage a coroutine that the next one resumes.
func BenchmarkIterPullPerStage(b *testing.B) {
	b.ReportAllocs()
	pull := func(seq iter.Seq[*row], f func(*row) (*row, bool)) iter.Seq[*row] {
		return func(yield func(*row) bool) {
			next, stop := iter.Pull(seq)
			defer stop()
			for r, ok := next(); ok; r, ok = next() {
				if r, keep := f(r); keep && !yield(r) {
					return
				}
			}
		}
	}
	src := iter.Seq[*row](func(yield func(*row) bool) { _ = source(b.N)(b.Context(), yield) })
	mapped := pull(src, func(r *row) (*row, bool) { return double(r), true })
	n := 0
	for range pull(mapped, func(r *row) (*row, bool) { return r, positive(r) }) {
		n++
	}
	check(b, n)
}

// Reactive Streams everywhere: each stage a Subscriber and a Subscription, demand counted by atomics, one by one as a
// stage that filters must ask again.
func BenchmarkRequestEverywhere(b *testing.B) {
	b.ReportAllocs()
	sink := &counter{}
	src := &publisher{left: b.N, item: new(row), to: &mapStage{to: &filterStage{to: sink}}}
	src.run()
	check(b, sink.n)
}

type subscriber interface {
	onSubscribe(*publisher)
	onNext(*row)
}

type publisher struct {
	left   int
	item   *row
	to     subscriber
	demand atomic.Int64
}

func (p *publisher) request(n int64) { p.demand.Add(n) }
func (p *publisher) run() {
	p.to.onSubscribe(p)
	for p.left > 0 && p.demand.Load() > 0 {
		p.demand.Add(-1)
		p.left--
		p.to.onNext(p.item)
	}
}

type mapStage struct{ to subscriber }

func (s *mapStage) onSubscribe(p *publisher) { s.to.onSubscribe(p) }
func (s *mapStage) onNext(r *row)            { s.to.onNext(double(r)) }

type filterStage struct {
	to subscriber
	up *publisher
}

func (s *filterStage) onSubscribe(p *publisher) { s.up = p; s.to.onSubscribe(p) }
func (s *filterStage) onNext(r *row) {
	if positive(r) {
		s.to.onNext(r)
	} else {
		s.up.request(1)
	}
}

type counter struct {
	n  int
	up *publisher
}

func (c *counter) onSubscribe(p *publisher) { c.up = p; p.request(1) }
func (c *counter) onNext(*row)              { c.n++; c.up.request(1) }

// A goroutine and a channel per stage.
func BenchmarkChannelPerStage(b *testing.B) {
	for name, size := range map[string]int{"unbuffered": 0, "buffered": 1024} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			raw, mapped, kept := make(chan *row, size), make(chan *row, size), make(chan *row, size)
			go func() {
				defer close(raw)
				_ = source(b.N)(b.Context(), func(r *row) bool { raw <- r; return true })
			}()
			go func() {
				defer close(mapped)
				for r := range raw {
					mapped <- double(r)
				}
			}()
			go func() {
				defer close(kept)
				for r := range mapped {
					if positive(r) {
						kept <- r
					}
				}
			}()
			n := 0
			for range kept {
				n++
			}
			check(b, n)
		})
	}
}

// A bounded queue with a lock and condition variables between producer and consumer, as a hand-written prefetcher has.
func BenchmarkLockedQueue(b *testing.B) {
	b.ReportAllocs()
	var (
		mu       sync.Mutex
		changed  = sync.NewCond(&mu)
		items    []*row
		finished bool
	)
	go func() {
		_ = source(b.N)(b.Context(), func(r *row) bool {
			r = double(r)
			mu.Lock()
			for len(items) >= 1024 {
				changed.Wait()
			}
			items = append(items, r)
			changed.Signal()
			mu.Unlock()
			return true
		})
		mu.Lock()
		finished = true
		changed.Signal()
		mu.Unlock()
	}()
	n := 0
	for {
		mu.Lock()
		for len(items) == 0 && !finished {
			changed.Wait()
		}
		if len(items) == 0 {
			mu.Unlock()
			break
		}
		r := items[0]
		items = items[1:]
		changed.Signal()
		mu.Unlock()
		if positive(r) {
			n++
		}
	}
	check(b, n)
}

// A pool of workers to which every item is handed as a task.
func BenchmarkThreadPool(b *testing.B) {
	b.ReportAllocs()
	tasks := make(chan func(), 1024)
	var (
		workers sync.WaitGroup
		n       atomic.Int64
	)
	for range 4 {
		workers.Go(func() {
			for task := range tasks {
				task()
			}
		})
	}
	r := &row{}
	for range b.N {
		tasks <- func() {
			if positive(&row{value: r.value * 2}) {
				n.Add(1)
			}
		}
	}
	close(tasks)
	workers.Wait()
	check(b, int(n.Load()))
}

// rxgo as the core.
func BenchmarkRxGo(b *testing.B) {
	b.ReportAllocs()
	obs := rxgo.Defer([]rxgo.Producer{func(ctx context.Context, next chan<- rxgo.Item) {
		_ = source(b.N)(ctx, func(r *row) bool { return rxgo.Of(r).SendContext(ctx, next) })
	}}).
		Map(func(_ context.Context, v any) (any, error) { return double(v.(*row)), nil }).
		Filter(func(v any) bool { return positive(v.(*row)) })
	n := 0
	for range obs.Observe() {
		n++
	}
	check(b, n)
}
