package async

import (
	"context"
	"fmt"
	"testing"

	"github.com/rxcql/rxcql/rx"
)

type row [3]int

// BenchmarkBoundary tells what an item costs that crosses from one goroutine to another.
func BenchmarkBoundary(b *testing.B) {
	for _, limit := range []int{1, 16, 1024} {
		b.Run(fmt.Sprintf("int/%d", limit), func(b *testing.B) { crossing(b, limit, 7) })
		b.Run(fmt.Sprintf("pointer/%d", limit), func(b *testing.B) { crossing(b, limit, &row{7}) })
		b.Run(fmt.Sprintf("struct/%d", limit), func(b *testing.B) { crossing(b, limit, row{7}) })
	}
}

func crossing[T any](b *testing.B, limit int, v T) {
	src := rx.Observable[T](func(_ context.Context, yield func(T) bool) error {
		for yield(v) {
		}
		return nil
	})
	b.ReportAllocs()
	ctx := context.Background()
	left := b.N
	_ = Run(ctx, func(g *Group) error {
		return Start(g, src, limit).Drain(ctx, g, func(T) bool { left--; return left > 0 })
	})
}

// BenchmarkRun tells what a boundary costs a run that crosses it with one item.
func BenchmarkRun(b *testing.B) {
	b.ReportAllocs()
	ctx := context.Background()
	one := rx.From(1)
	for b.Loop() {
		_ = Run(ctx, func(g *Group) error {
			return Start(g, one, 16).Drain(ctx, g, func(int) bool { return true })
		})
	}
}
