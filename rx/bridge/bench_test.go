package bridge_test

import (
	"context"
	"testing"

	"github.com/reactivex/rxgo/v2"

	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/bridge"
)

// The price of an item that goes through rxgo and back, without any operator there.
func BenchmarkVia(b *testing.B) {
	b.ReportAllocs()
	item := new(int)
	items := operators.Map(rx.Range(0, b.N), func(int) *int { return item })
	n := 0
	_ = bridge.Via[*int, *int](items, same)(b.Context(), func(*int) bool { n++; return true })
	if n != b.N {
		b.Fatalf("%d of %d items came through", n, b.N)
	}
}

func BenchmarkFrom(b *testing.B) {
	b.ReportAllocs()
	item := rxgo.Of(new(int))
	src := rxgo.Defer([]rxgo.Producer{func(ctx context.Context, next chan<- rxgo.Item) {
		for range b.N {
			item.SendContext(ctx, next)
		}
	}})
	n := 0
	_ = bridge.From[*int](src)(b.Context(), func(*int) bool { n++; return true })
	if n != b.N {
		b.Fatalf("%d of %d items came through", n, b.N)
	}
}
