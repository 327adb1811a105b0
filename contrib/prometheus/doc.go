// Package rxprom exports what a [flow.Monitor] sees to Prometheus, by github.com/prometheus/client_golang. It is a module of
// its own, so that those who do not use it do not get the requirements of that.
//
//	monitor := flow.NewMonitor(flow.Options{})
//	prometheus.MustRegister(rxprom.NewCollector(monitor))
//	http.Handle("/metrics", promhttp.Handler())
//
// and run streams with the monitor in their context:
//
//	ctx = flow.With(ctx, monitor)
//
// Streams do not notice that they are scraped: a scrape takes a snapshot of the monitor, which holds up nothing.
//
// # Metrics
//
// Of all runs of a name, which is the label pipeline:
//
//	rxcql_runs                                  runs under way
//	rxcql_runs_ended_total {state}              completed, failed, canceled or left
//
// Of all stages of a kind and name, which are further labels, kind and stage:
//
//	rxcql_stage_running                         stages under way
//	rxcql_stage_begun_total                     stages that have begun
//	rxcql_stage_items_in_total                  items from upstream; not of sources
//	rxcql_stage_items_out_total                 items handed on; not of sinks
//	rxcql_stage_seconds_total {part}            time: upstream and downstream is waiting for these, own is its own work
//	rxcql_stage_requests_wait_seconds_total     of sinks: the part of own in which they wait until requests are done
//	rxcql_stage_bottleneck_share                of the stage that its run waits for: its share of the time, from 0 to 1
//	rxcql_stage_errors_total                    failures that arose in the stage, whatever became of them
//	rxcql_stage_retries_total                   attempts to repeat what had failed
//	rxcql_stage_drops_total                     items that were dropped, or became dead letters
//	rxcql_stage_buffer_items                    items in the buffer of a boundary, and how many fit in it:
//	rxcql_stage_buffer_capacity_items
//	rxcql_stage_calls_in_flight                 calls of a boundary under way, and how many there may be:
//	rxcql_stage_calls_limit
//
// What stages tell of themselves beside that, a [flow.Value], is a metric of its name: a count pages is
// rxcql_stage_pages_total, a gauge requests_in_flight is rxcql_stage_requests_in_flight.
//
// What taps count and measure is exported by [NewCounts], [NewAsyncTap] and [NewHistogram].
//
// # Labels
//
// Labels are names that the program gives, and no data: the monitor tells at most [flow.Options].Pipelines names of runs
// apart, and 256 stages of each, and calls the rest [flow.Others]. So their number is bounded, but what was seen stays:
// name runs and stages by what they do, never by a key. For several monitors in one program, tell them apart by
// prometheus.WrapRegistererWith.
//
// # Alerts and a dashboard
//
// In this folder, alerts.yml has alerting rules, and grafana.json is a dashboard for Grafana: import it, and choose the data
// source. Both are tested against the metrics that are really exported.
package rxprom
