package browser

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/flow"
	"github.com/rxcql/rxcql/rx/flow/live"
)

// TestScreenshots takes pictures of a page that shows jobs such as people have, which takes a while.
func TestScreenshots(t *testing.T) {
	if *screenshots == "" {
		return // nothing is asked for
	}
	ctx := open(t)
	monitor := flow.NewMonitor(flow.Options{})
	page, err := live.Listen("127.0.0.1:0", monitor, live.Options{})
	require.NoError(t, err)
	defer page.Close()
	do(t, ctx, chromedp.Navigate(page.URL()), chromedp.Sleep(1500*time.Millisecond))
	take(t, ctx, "live-empty.png")

	stop := demo(monitor)
	defer stop()
	do(t, ctx, chromedp.Sleep(20*time.Second))
	take(t, ctx, "live-light.png")
	size(t, ctx, 1440, 900, "dark")
	do(t, ctx, chromedp.Sleep(time.Second))
	take(t, ctx, "live-dark.png")
	size(t, ctx, 375, 812, "light")
	do(t, ctx, chromedp.Sleep(time.Second))
	take(t, ctx, "live-narrow.png")
	size(t, ctx, 1440, 900, "light")
	do(t, ctx, chromedp.Click(chromedp.CSS("#ended a:has([data-state=failed])")), chromedp.Sleep(1500*time.Millisecond))
	take(t, ctx, "live-failed.png")
}

func take(t *testing.T, ctx context.Context, name string) {
	picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(*screenshots, name), picture, 0o600))
}

// demo runs jobs until it is stopped.
func demo(m *flow.Monitor) (stop func()) {
	ctx, cancel := context.WithCancel(flow.With(context.Background(), m))
	var all sync.WaitGroup
	ticks := func(each time.Duration, n int) rx.Observable[int] {
		return rx.New(func(ctx context.Context, yield func(int) bool) error {
			for i := range n {
				select {
				case <-time.After(each):
				case <-ctx.Done():
					return ctx.Err()
				}
				if !yield(i) {
					return nil
				}
			}
			return nil
		})
	}
	job := func(name string, src rx.Observable[int], each time.Duration) {
		all.Go(func() {
			_ = flow.Do(ctx, name, func(ctx context.Context) error {
				return src.ForEach(ctx, func(int) error { time.Sleep(each); return nil })
			})
		})
	}
	enriched := op.MapAsync(op.Merge(32, ticks(time.Millisecond, 1e9), ticks(3*time.Millisecond, 1e9)), 8, func(_ context.Context, v int) (int, error) {
		time.Sleep(6 * time.Millisecond)
		return v, nil
	})
	clean := flow.Named(op.Map(enriched, func(v int) int { time.Sleep(300 * time.Microsecond); return v }), "clean")
	job("orders to the warehouse", op.Prefetch(clean, 64), 2*time.Millisecond)
	job("sensor alerts", flow.Named(ticks(20*time.Millisecond, 1e9), "hot readings"), time.Millisecond)
	job("nightly export", ticks(time.Millisecond, 2000), 0)
	job("customers", op.Concat(ticks(2*time.Millisecond, 800), rx.Fail[int](errors.New("source: page 41 of shop.customers: no answer from 10.0.0.7 within 12 s, after 5 attempts"))), 0)
	job("count", op.Take(ticks(time.Millisecond, 1000), 10), 0)
	return func() { cancel(); all.Wait() }
}
