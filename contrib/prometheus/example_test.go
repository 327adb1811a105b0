package rxprom_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	rxprom "github.com/rxcql/rxcql/contrib/prometheus"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/flow"
)

// A monitor's runs at /metrics.
func Example() {
	monitor := flow.NewMonitor(flow.Options{})
	registry := prometheus.NewRegistry() // or prometheus.DefaultRegisterer
	registry.MustRegister(rxprom.NewCollector(monitor))
	web := httptest.NewServer(promhttp.HandlerFor(registry, promhttp.HandlerOpts{})) // a web server of yours
	defer web.Close()

	ctx := flow.With(context.Background(), monitor)
	err := flow.Do(ctx, "orders", func(ctx context.Context) error {
		orders := flow.Named(op.Filter(rx.Range(1, 100), func(n int) bool { return n%2 == 0 }), "even")
		return orders.ForEach(ctx, func(int) error { return nil })
	})
	fmt.Println(err)

	for _, line := range lines(web, "rxcql_runs", "rxcql_stage_items_out_total") {
		fmt.Println(line)
	}
	// Output:
	// <nil>
	// rxcql_runs{pipeline="orders"} 0
	// rxcql_runs_ended_total{pipeline="orders",state="canceled"} 0
	// rxcql_runs_ended_total{pipeline="orders",state="completed"} 1
	// rxcql_runs_ended_total{pipeline="orders",state="failed"} 0
	// rxcql_runs_ended_total{pipeline="orders",state="left"} 0
	// rxcql_stage_items_out_total{kind="step",pipeline="orders",stage="even"} 50
}

// What taps have counted, and what one that works beside its stream has missed.
func ExampleNewCounts() {
	var counts op.Counts
	audit := op.NewAsyncTap(100, op.Hooks[int]{OnNext: func(int) { panic("the tap's") }})
	registry := prometheus.NewRegistry()
	registry.MustRegister(rxprom.NewCounts("orders", &counts), rxprom.NewAsyncTap("audit", audit))

	orders := op.Tap(rx.Range(1, 100), op.HooksOf[int](&counts, audit))
	err := orders.ForEach(context.Background(), func(int) error { return nil })
	fmt.Println(err, audit.Close(context.Background()) != nil)

	web := httptest.NewServer(promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	defer web.Close()
	for _, line := range lines(web, "rxcql_tap") {
		fmt.Println(line)
	}
	// Output:
	// <nil> true
	// rxcql_tap_dropped_items_total{tap="audit"} 0
	// rxcql_tap_items_total{tap="orders"} 100
	// rxcql_tap_lost_signals_total{tap="audit"} 0
	// rxcql_tap_panics_total{tap="audit"} 100
	// rxcql_tap_runs{tap="orders"} 0
	// rxcql_tap_runs_ended_total{state="canceled",tap="orders"} 0
	// rxcql_tap_runs_ended_total{state="completed",tap="orders"} 1
	// rxcql_tap_runs_ended_total{state="failed",tap="orders"} 0
}

// How large items are, as a histogram.
func ExampleNewHistogram() {
	var sizes op.Histogram
	names := op.Tap(rx.From("Ada", "Grace", "Barbara"), op.Sizes(&sizes, func(name string) int { return len(name) }))
	_, err := names.Collect(context.Background())
	fmt.Println(err)

	registry := prometheus.NewRegistry()
	registry.MustRegister(rxprom.NewHistogram(prometheus.HistogramOpts{
		Name: "name_size_bytes", Help: "How long names are.", Buckets: []float64{4, 8, 16},
	}, &sizes, 1))
	web := httptest.NewServer(promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	defer web.Close()
	for _, line := range lines(web, "name_size") {
		fmt.Println(line)
	}
	// Output:
	// <nil>
	// name_size_bytes_bucket{le="4"} 1
	// name_size_bytes_bucket{le="8"} 3
	// name_size_bytes_bucket{le="16"} 3
	// name_size_bytes_bucket{le="+Inf"} 3
	// name_size_bytes_sum 15
	// name_size_bytes_count 3
}

// lines are those of /metrics that begin so, but for streams that have no name.
func lines(web *httptest.Server, with ...string) (found []string) {
	response, err := web.Client().Get(web.URL)
	if err != nil {
		return []string{err.Error()}
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return []string{response.Status}
	}
	body, _ := io.ReadAll(response.Body)
	for _, line := range strings.Split(string(body), "\n") {
		for _, begin := range with {
			if strings.HasPrefix(line, begin) && !strings.Contains(line, `stage="Range"`) {
				found = append(found, line)
			}
		}
	}
	return found
}
