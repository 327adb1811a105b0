package browser

import (
	"context"
	"flag"
	"os"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// browser is the one of all tests, if there is one on this machine. Each has a tab of its own.
var browser context.Context

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	path := Find()
	if path == "" {
		return m.Run()
	}
	profile, err := os.MkdirTemp("", "rxcql-browser")
	if err != nil {
		panic(err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.UserDataDir(profile),
		chromedp.Flag("force-color-profile", "srgb"))
	if os.Geteuid() == 0 { // for whom Chromium has no sandbox
		options = append(options, chromedp.NoSandbox)
	}
	allocator, end := chromedp.NewExecAllocator(context.Background(), options...)
	defer func() {
		end() // waits until it has ended
		_ = os.RemoveAll(profile)
	}()
	browser, end = chromedp.NewContext(allocator)
	defer end()
	return m.Run()
}

// open gives a tab, which is closed after the test. What the page logs as an error, or throws, fails the test.
func open(t *testing.T) context.Context {
	t.Helper()
	if browser == nil {
		t.Skip("SKIPPED: there is no Chromium; apt-get install chromium, or name one in RXCQL_BROWSER")
	}
	require.NoError(t, chromedp.Do(browser), "the browser starts")
	ctx, end := chromedp.NewContext(browser)
	t.Cleanup(end)
	ctx, end = context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(end)
	require.NoError(t, chromedp.Listen(ctx, func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			t.Errorf("the page throws: %s", e.ExceptionDetails.Text)
		case *log.EventEntryAdded:
			if e.Entry.Level == log.EntryLevelError && e.Entry.Source != log.EntrySourceNetwork {
				t.Errorf("the page logs: %s %s", e.Entry.Text, e.Entry.URL)
			}
		}
	}))
	size(t, ctx, 1440, 900, "light")
	return ctx
}

// do carries out steps in the page.
func do(t *testing.T, ctx context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	require.NoError(t, chromedp.Do(ctx, steps...))
}

// size has the window be so large, in a scheme of colours.
func size(t *testing.T, ctx context.Context, width, height int64, scheme string) {
	t.Helper()
	do(t, ctx, chromedp.EmulateViewport(width, height, chromedp.EmulateScale(1.5)))
	_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	require.NoError(t, err)
}

// eventually waits until an expression is true in the page, and fails the test if that takes longer than a page may.
func eventually(t *testing.T, ctx context.Context, expression string) {
	t.Helper()
	_, err := chromedp.Run(ctx, chromedp.Poll[bool](expression, chromedp.WithPollingTimeout(30*time.Second)))
	if err != nil {
		text, _ := chromedp.Run(ctx, chromedp.Evaluate[string]("document.body?.innerText ?? ''"))
		require.NoError(t, err, "never true: %s\nThe page says:\n%s", expression, text)
	}
}

// value evaluates an expression in the page.
func value[T any](t *testing.T, ctx context.Context, expression string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	require.NoError(t, err)
	return v
}
