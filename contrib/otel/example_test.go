package rxotel_test

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	rxotel "github.com/rxcql/rxcql/contrib/otel"
	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/flow"
	"github.com/rxcql/rxcql/source"
)

// A query is a span, and its pages are events of that.
func ExampleTraced() {
	ctx := context.Background()
	server := cqltest.NewServer() // in the process; yours is a cluster
	defer server.Close()
	server.MustExec("CREATE KEYSPACE lab WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
	server.MustExec("CREATE TABLE lab.readings (sensor int, n int, PRIMARY KEY (sensor, n))")
	for n := range 5 {
		server.MustExec(fmt.Sprintf("INSERT INTO lab.readings (sensor, n) VALUES (7, %d)", n))
	}
	spans := tracetest.NewInMemoryExporter() // yours sends them somewhere
	provider := trace.NewTracerProvider(trace.WithSyncer(spans))

	observer, err := rxotel.NewObserver(rxotel.Options{TracerProvider: provider})
	if err != nil {
		fmt.Println(err)
		return
	}
	config := server.Cluster() // gocql.NewCluster(hosts...)
	config.QueryObserver, config.BatchObserver = observer, observer
	session, err := cql.Connect(ctx, config)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer session.Close()

	type Reading struct{ Sensor, N int }
	query := source.Query[Reading](session, "SELECT sensor, n FROM lab.readings WHERE sensor = ?", 7).PageSize(2)
	_, err = rxotel.Traced(observer, query.Rows(), "readings of a sensor").Collect(ctx)
	fmt.Println(err)

	for _, span := range spans.GetSpans() {
		fmt.Println(span.Name)
		for _, a := range span.Attributes {
			fmt.Println("  ", a.Key, "=", a.Value.String())
		}
		for _, page := range span.Events {
			fmt.Println("  ", page.Name)
		}
	}
	// Output:
	// <nil>
	// readings of a sensor
	//    db.system.name = cassandra
	//    db.namespace = lab
	//    db.collection.name = readings
	//    db.query.text = SELECT sensor, n FROM lab.readings WHERE sensor = ?
	//    db.operation.name = SELECT
	//    rxcql.items = 5
	//    rxcql.pages = 3
	//    rxcql.state = completed
	//    page
	//    page
	//    page
}

func ExampleMetrics() {
	ctx := context.Background()
	reader := metric.NewManualReader() // yours exports
	monitor := flow.NewMonitor(flow.Options{})
	registration, err := rxotel.Metrics(monitor, metric.NewMeterProvider(metric.WithReader(reader)))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer registration.Unregister()

	err = flow.Named(rx.Range(0, 100), "numbers").ForEach(flow.With(ctx, monitor), func(int) error { return nil })
	fmt.Println(err)

	var all metricdata.ResourceMetrics
	fmt.Println(reader.Collect(ctx, &all))
	for _, m := range all.ScopeMetrics[0].Metrics {
		if m.Name == "rxcql.stage.items.out" {
			for _, p := range m.Data.(metricdata.Sum[float64]).DataPoints {
				stage, _ := p.Attributes.Value("rxcql.stage")
				if stage.AsString() == "numbers" {
					fmt.Println(m.Name, "=", p.Value)
				}
			}
		}
	}
	// Output:
	// <nil>
	// <nil>
	// rxcql.stage.items.out = 100
}
