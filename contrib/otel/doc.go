// Package rxotel tells OpenTelemetry what streams do: metrics of what a [flow.Monitor] sees, a span for each run of a query
// with an event for each of its pages, and spans and durations of the driver's requests. It is a module of its own, so that
// those who do not use it do not get the requirements of OpenTelemetry. It takes the API only; which SDK and exporter
// there are is up to the program.
//
// # Metrics of streams
//
//	monitor := flow.NewMonitor(flow.Options{})
//	registration, err := rxotel.Metrics(monitor, otel.GetMeterProvider())
//	…
//	ctx = flow.With(ctx, monitor) // for all streams that are to be seen
//
// Of runs, by their names, which is the attribute rxcql.pipeline:
//
//	rxcql.runs                         runs under way
//	rxcql.runs.ended                   by rxcql.state: completed, failed, canceled or left
//
// Of stages, which have the attributes rxcql.stage and rxcql.kind too:
//
//	rxcql.stage.running, .begun        stages under way, and those that have begun
//	rxcql.stage.items.in, .items.out   items from upstream, and those that were handed on
//	rxcql.stage.time                   seconds by rxcql.part: waiting for what is upstream or downstream, or own work
//	rxcql.stage.requests_wait          of sinks: the seconds of own in which they wait until requests are done
//	rxcql.stage.bottleneck             of the stage that its run waits for: its share of the time
//	rxcql.stage.errors, .retries, .drops
//	rxcql.stage.buffer.items, .buffer.capacity, .calls.in_flight, .calls.limit
//
// What stages tell of themselves beside that, a [flow.Value], has an instrument of its name: pages is rxcql.stage.pages,
// latency_p99_seconds is rxcql.stage.latency_p99. Units are those of OpenTelemetry's semantic conventions, such as s, By,
// {row} and, of shares, 1. What adds up over stages is a Counter or, if it goes down as well, an UpDownCounter; the rest are
// Gauges. How many attribute sets there are is bounded by [flow.Options].
//
// # Spans and durations of requests
//
//	observer, err := rxotel.NewObserver(rxotel.Options{})
//	config.QueryObserver, config.BatchObserver = observer, observer
//	session, err := cql.Connect(ctx, config)
//
// Then each request is a span, a child of the one in its context, with the attributes of OpenTelemetry's semantic
// conventions for Cassandra, and is in the histogram db.client.operation.duration. A request for rows that several streams
// have given to one [sink.Writer] is linked to the spans of these. The pages of a query are a span each as well, unless
// the query is given one for its whole run:
//
//	rows := rxotel.Traced(observer, source.Query[Row](session, "SELECT …").Rows(), "orders of a day")
//
// whose pages are events of it. No span, and no attribute, has values in it: statements are shown without their
// constants, and errors by their class, not their text.
package rxotel
