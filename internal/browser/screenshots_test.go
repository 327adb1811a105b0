//go:build screenshots

package browser

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/rx/flow"
	"github.com/rxcql/rxcql/rx/flow/live"
)

// docs is where the pictures are.
const docs = "../../docs"

// TestScreenshots takes pictures of a page that shows jobs such as people have, which takes a while. It is no test of the
// page, so it is built only if it is asked for.
func TestScreenshots(t *testing.T) {
	ctx := open(t)
	monitor := flow.NewMonitor(flow.Options{})
	page, err := live.Listen("127.0.0.1:0", monitor, live.Options{})
	require.NoError(t, err)
	defer page.Close()
	do(t, ctx, chromedp.Navigate(page.URL()), chromedp.Sleep(1500*time.Millisecond))
	take(t, ctx, "live-empty.png")

	demo(t, monitor)
	do(t, ctx, chromedp.Sleep(25*time.Second))
	take(t, ctx, "live-light.png")
	size(t, ctx, 1440, 900, "dark")
	do(t, ctx, chromedp.Sleep(time.Second))
	take(t, ctx, "live-dark.png")
	size(t, ctx, 375, 812, "light")
	do(t, ctx, chromedp.Reload(), chromedp.Sleep(10*time.Second))
	take(t, ctx, "live-narrow.png")
	size(t, ctx, 1440, 900, "light")
	do(t, ctx, chromedp.Reload(), chromedp.Sleep(5*time.Second), chromedp.Click(chromedp.CSS("#ended a:has([data-state=failed])")), chromedp.Sleep(1500*time.Millisecond))
	take(t, ctx, "live-failed.png")
}

func take(t *testing.T, ctx context.Context, name string) {
	picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(docs, name), picture, 0o600))
}
