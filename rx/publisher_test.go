package rx_test

import (
	"context"
	"testing"
	"time"

	"github.com/rxcql/rxcql/internal/virtualtime"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/rxtest"
)

// ints is a publication of a stream of integers.
func ints(src rx.Observable[int], want ...int) rxtest.Publication[int] {
	return rxtest.Publication[int]{New: func() rxtest.Subscribable[int] { return src }, Want: want}
}

func failing(p rxtest.Publication[int]) rxtest.Publication[int] {
	p.Err = errBoom
	return p
}

func endless(p rxtest.Publication[int]) rxtest.Publication[int] {
	p.Endless = true
	return p
}

func TestStreamsKeepTheRulesOfReactiveStreams(t *testing.T) {
	publications := map[string]rxtest.Publication[int]{
		"Empty":              ints(rx.Empty[int]()),
		"Fail":               failing(ints(rx.Fail[int](errBoom))),
		"Never":              endless(ints(rx.Never[int]())),
		"Range":              ints(rx.Range(1, 4), 1, 2, 3, 4),
		"From":               ints(rx.From(3, 2, 1), 3, 2, 1),
		"FromSeq":            ints(rx.FromSeq(func(yield func(int) bool) { _ = yield(1) && yield(2) }), 1, 2),
		"Defer":              ints(rx.Defer(func(context.Context) (rx.Observable[int], error) { return rx.From(1), nil }), 1),
		"Defer of a failure": failing(ints(rx.Defer(func(context.Context) (rx.Observable[int], error) { return nil, errBoom }))),
		"Interval":           endless(ints(rx.Interval(time.Second), 0, 1, 2)),
		"Timer": ints(func(ctx context.Context, yield func(int) bool) error {
			return rx.Timer(time.Second)(ctx, func(time.Time) bool { return yield(1) })
		}, 1),
		"FromChan": {
			New: func() rxtest.Subscribable[int] {
				ch := make(chan int, 3)
				ch <- 1
				ch <- 2
				close(ch)
				return rx.FromChan(ch)
			},
			Want: []int{1, 2}, Mode: rxtest.Once, LateEnd: true,
		},
	}
	for name, make := range constructors {
		publications[name] = ints(make([]int{1, 2, 3}, nil), 1, 2, 3)
		publications[name+" that fails"] = failing(ints(make([]int{1, 2}, errBoom), 1, 2))
		publications[name+" that fails at once"] = failing(ints(make(nil, errBoom)))
	}
	for name, p := range publications {
		t.Run(name, func(t *testing.T) {
			virtualtime.Test(t, func(t *testing.T) { rxtest.Publisher(t, p) })
			if name != "Interval" && name != "Timer" {
				t.Run("real", func(t *testing.T) { rxtest.Publisher(t, p) })
			}
		})
	}
}
