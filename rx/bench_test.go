package rx_test

import (
	"context"
	"math"
	"testing"

	"github.com/rxcql/rxcql/rx"
)

// The ways out, one item each, from a source that does not look at its context.

func stream(b *testing.B) rx.Observable[int] {
	b.ReportAllocs()
	return func(_ context.Context, yield func(int) bool) error {
		for i := range b.N {
			if !yield(i) {
				return nil
			}
		}
		return nil
	}
}

func BenchmarkForEach(b *testing.B) {
	_ = stream(b).ForEach(context.Background(), func(int) error { return nil })
}

func BenchmarkAll(b *testing.B) {
	for range stream(b).All(context.Background()) {
	}
}

func BenchmarkSubscribe(b *testing.B) {
	b.Run("unbounded", func(b *testing.B) { benchmarkSubscribe(b, math.MaxInt64, 0) })
	b.Run("one by one", func(b *testing.B) { benchmarkSubscribe(b, 1, 1) })
	b.Run("one by one from another goroutine", func(b *testing.B) {
		wanted := make(chan rx.Subscription, 1)
		done := make(chan struct{})
		go func() {
			defer close(done)
			for s := range wanted {
				s.Request(1)
			}
		}()
		s := &counter{sub: func(s rx.Subscription) { wanted <- s }, next: func(s rx.Subscription, _ int) { wanted <- s }}
		_ = stream(b).Subscribe(context.Background(), s)
		close(wanted)
		<-done
	})
}

func benchmarkSubscribe(b *testing.B, first, then int64) {
	s := &counter{sub: func(s rx.Subscription) { s.Request(first) }, next: func(s rx.Subscription, _ int) {
		if then > 0 {
			s.Request(then)
		}
	}}
	_ = stream(b).Subscribe(context.Background(), s)
}
