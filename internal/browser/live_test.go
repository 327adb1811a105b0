package browser

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/stage"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/flow"
	"github.com/rxcql/rxcql/rx/flow/live"
)

// hostile is a name as an attacker would like it.
const hostile = `<img src=x onerror="document.title='taken'"><script>alert(1)</script>`

// look opens the page of a monitor.
func look(t *testing.T, m *flow.Monitor) context.Context {
	t.Helper()
	ctx := open(t)
	page, err := live.Listen("127.0.0.1:0", m, live.Options{})
	require.NoError(t, err)
	t.Cleanup(page.Close)
	do(t, ctx, chromedp.Navigate(page.URL()))
	return ctx
}

// stuck runs a stream whose sink takes one item and holds it until it is released, which gives how the run has ended.
func stuck(t *testing.T, m *flow.Monitor, name string) (release func(error) error) {
	t.Helper()
	let, holds, done := make(chan error, 1), make(chan struct{}, 1), make(chan error, 1)
	go func() {
		done <- flow.Do(flow.With(context.Background(), m), name, func(ctx context.Context) error {
			return flow.Named(rx.From(1, 2, 3), "clean").ForEach(ctx, func(i int) error {
				if i != 1 {
					return nil
				}
				holds <- struct{}{}
				return <-let
			})
		})
	}()
	<-holds
	return func(err error) error {
		let <- err
		return <-done
	}
}

func TestThePageNamesASlowSink(t *testing.T) {
	m := flow.NewMonitor(flow.Options{})
	ctx := look(t, m)
	eventually(t, ctx, `document.querySelector("#empty").innerText.includes("flow.With(ctx, monitor)")`)
	require.Equal(t, "none", value[string](t, ctx, `getComputedStyle(document.querySelector("#rooms")).display`))

	release := stuck(t, m, hostile)
	eventually(t, ctx, `/^The sink ForEach: (9\d|100)% of the time/.test(document.querySelector("#sentence")?.innerText)`)
	require.Equal(t, "ForEach", value[string](t, ctx, `document.querySelector(".card.bottleneck h4").textContent`))
	require.Equal(t, []string{"ForEach"}, value[[]string](t, ctx,
		`[...document.querySelectorAll(".badge")].filter((b) => b.checkVisibility()).map((b) => b.closest(".card").querySelector("h4").textContent)`))
	require.Equal(t, "3px", value[string](t, ctx, `getComputedStyle(document.querySelector(".card.bottleneck")).borderTopWidth`))
	require.Contains(t, value[string](t, ctx, `document.querySelector("#announcement").textContent`), "the sink ForEach")
	require.Equal(t, []string{"From", "clean", "ForEach"}, value[[]string](t, ctx, `[...document.querySelectorAll(".card h4")].map((h) => h.textContent)`))
	require.Equal(t, 2, value[int](t, ctx, `document.querySelectorAll(".edge").length`))
	require.Equal(t, hostile, value[string](t, ctx, `document.querySelector("#run h1").textContent`))
	require.Equal(t, 1, value[int](t, ctx, `document.images.length`), "the page's own")

	require.NoError(t, release(nil))
	eventually(t, ctx, `document.querySelector(".run-head .state").textContent === "Completed"`)
	require.Equal(t, "3 items in", value[string](t, ctx, `document.querySelector(".card[data-kind=sink] .items").textContent`))
	eventually(t, ctx, `document.querySelector("#ended .name").textContent.startsWith("<img")`)
	require.Equal(t, "1", value[string](t, ctx, `document.querySelector("#totals tbody td:nth-child(3)").textContent`), "one has completed")
}

func TestThePageTellsThatASinkWaitsForItsRequests(t *testing.T) {
	m := flow.NewMonitor(flow.Options{})
	ctx := look(t, m)
	_, p := stage.Begin(flow.With(context.Background(), m), stage.Sink, "insert shop.orders")
	defer p.End(nil, false)
	waits := p.Start(stage.Requests)
	defer p.Stop(stage.Requests, waits)
	eventually(t, ctx, `/^The sink insert shop.orders: (9\d|100)% of the time, (9\d|100)% waiting for requests/.test(document.querySelector("#sentence")?.innerText)`)
	eventually(t, ctx, `/own *(9\d|100)%\s*of it, waits for requests *(9\d|100)%/.test(document.querySelector(".times").innerText.replaceAll("\n", " "))`)
	eventually(t, ctx, `document.querySelector(".bar .requests").offsetWidth > 10 * document.querySelector(".bar .own").offsetWidth`)
}

func TestARunThatHasFailedCanBeOpened(t *testing.T) {
	m := flow.NewMonitor(flow.Options{})
	refused := errors.New("refused: <b>no</b> more tea")
	require.ErrorIs(t, stuck(t, m, "first")(refused), refused)
	require.NoError(t, stuck(t, m, "second")(nil))
	release := stuck(t, m, "third")
	ctx := look(t, m)
	eventually(t, ctx, `document.querySelector("#run h1")?.textContent === "third"`)
	do(t, ctx, chromedp.Click(chromedp.CSS("#ended a:has([data-state=failed])")))
	eventually(t, ctx, `document.querySelector("#run .error")?.innerText.includes("refused: <b>no</b> more tea")`)
	eventually(t, ctx, `document.querySelectorAll(".card").length === 3`)
	require.Equal(t, "first", value[string](t, ctx, `document.querySelector("[aria-current] .name").textContent`))

	do(t, ctx, chromedp.Reload())
	eventually(t, ctx, `document.querySelector("#run h1")?.textContent === "first"`)
	do(t, ctx, chromedp.Click(chromedp.CSS(".brand")))
	eventually(t, ctx, `document.querySelector("#run h1").textContent === "third"`)
	require.NoError(t, release(nil))
}

func TestThePageSaysThatTheProgramIsGoneAndComesBack(t *testing.T) {
	ctx := open(t)
	m := flow.NewMonitor(flow.Options{})
	page, err := live.Listen("127.0.0.1:0", m, live.Options{})
	require.NoError(t, err)
	do(t, ctx, chromedp.Navigate(page.URL()))
	status := func(word string) string { return `document.querySelector("#status").innerText === "` + word + `"` }
	eventually(t, ctx, status("Live"))
	page.Close()
	eventually(t, ctx, status("Ended"))
	require.Contains(t, value[string](t, ctx, `document.querySelector("#banner").innerText`), "has closed this page")
	page, err = live.Listen(strings.TrimSuffix(strings.TrimPrefix(page.URL(), "http://"), "/"), m, live.Options{})
	require.NoError(t, err)
	defer page.Close()
	eventually(t, ctx, status("Live"))
	require.False(t, value[bool](t, ctx, `document.querySelector("#banner").checkVisibility()`))

	pages := live.New(m, live.Options{})
	server := httptest.NewServer(http.StripPrefix("/a/flow", pages))
	defer func() { pages.Close(); server.Close() }()
	do(t, ctx, chromedp.Navigate(server.URL+"/a/flow/"))
	eventually(t, ctx, status("Live"))
	server.CloseClientConnections()
	eventually(t, ctx, status("Connection lost"))
	eventually(t, ctx, status("Live"))
	do(t, ctx, chromedp.Click(chromedp.CSS("#pause")))
	eventually(t, ctx, status("Paused"))
	do(t, ctx, chromedp.Click(chromedp.CSS("#pause")))
	eventually(t, ctx, status("Live"))
}

// All that can be done can be done by keys, in the order in which it is read, and is seen to be where one is.
func TestThePageByKeys(t *testing.T) {
	m := flow.NewMonitor(flow.Options{})
	require.NoError(t, stuck(t, m, "first")(nil))
	require.NoError(t, stuck(t, m, "second")(nil))
	ctx := look(t, m)
	eventually(t, ctx, `document.querySelector("#run h1")?.textContent === "second"`)
	var stops []string
	for range 30 {
		do(t, ctx, chromedp.KeyEvent(kb.Tab))
		stop := value[string](t, ctx, `(document.activeElement === document.body ? "" : document.activeElement.getAttribute("aria-label") ?? document.activeElement.innerText.split("\n")[0])`)
		if stop == "" {
			break
		}
		require.NotEqual(t, "none", value[string](t, ctx, `getComputedStyle(document.activeElement).outlineStyle`), "at %s", stop)
		stops = append(stops, stop)
		if value[bool](t, ctx, `document.activeElement.getAttribute("href") === "#run-1"`) {
			do(t, ctx, chromedp.KeyEvent(kb.Enter))
			eventually(t, ctx, `document.querySelector("#run h1").textContent === "first"`)
		}
	}
	text := strings.Join(stops, "; ")
	for _, want := range []string{"Skip to the run", "rxcql", "Pause", "Ended", "Stages, from the sources to the sinks", "All figures in a table"} {
		require.Contains(t, text, want)
		text = text[strings.Index(text, want):]
	}
}

func TestThePageOnANarrowScreen(t *testing.T) {
	m := flow.NewMonitor(flow.Options{})
	release := stuck(t, m, strings.Repeat("averylongname", 10))
	ctx := look(t, m)
	for _, width := range []int64{320, 375, 700, 1000} {
		size(t, ctx, width, 800, "light")
		eventually(t, ctx, `document.querySelectorAll(".card").length === 3`)
		eventually(t, ctx, `document.documentElement.scrollWidth <= innerWidth`)
		eventually(t, ctx, `[...document.querySelectorAll(".card")].every((c) => c.getBoundingClientRect().right <= innerWidth)`)
	}
	require.NoError(t, release(nil))
}

// The contrast that WCAG asks for text of any size.
func TestColoursCanBeRead(t *testing.T) {
	ctx := look(t, flow.NewMonitor(flow.Options{}))
	for _, scheme := range []string{"light", "dark"} {
		size(t, ctx, 1000, 800, scheme)
		require.Empty(t, value[[]string](t, ctx, `(() => {
			const style = getComputedStyle(document.documentElement);
			const light = (name) => {
				const hex = style.getPropertyValue(name).trim().replace(/^#(.)(.)(.)$/, "#$1$1$2$2$3$3");
				const [r, g, b] = [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
				return 0.2126 * r + 0.7152 * g + 0.0722 * b;
			};
			const contrast = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
			const pairs = ["--ground", "--panel", "--raised"].flatMap((ground) => ["--text", "--quiet", "--good", "--bad", "--accent"].map((text) => [text, ground]));
			pairs.push(["--bad", "--bad-ground"], ["--text", "--bad-ground"], ["--quiet", "--bad-ground"], ["--text", "--accent-ground"], ["--quiet", "--accent-ground"]);
			return pairs.filter(([a, b]) => !(contrast(a, b) >= 4.5)).map(([a, b]) => a + " on " + b + ": " + contrast(a, b).toFixed(2));
		})()`), scheme)
	}
}
