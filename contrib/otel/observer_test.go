package rxotel_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	api "go.opentelemetry.io/otel/trace"

	rxotel "github.com/rxcql/rxcql/contrib/otel"
	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

const secret = "hunter2"

type row struct {
	ID, Part int
	Value    string
}

// lab is a session to a server in the process, and what was told about it.
type lab struct {
	server   *cqltest.Server
	session  *cql.Session
	observer *rxotel.Observer
	tracer   api.Tracer
	spans    *tracetest.SpanRecorder
	reader   *metric.ManualReader
}

func newLab(t *testing.T) *lab {
	l := &lab{server: cqltest.NewServer(), spans: tracetest.NewSpanRecorder(), reader: metric.NewManualReader()}
	t.Cleanup(l.server.Close)
	l.server.MustExec("CREATE KEYSPACE it WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
	l.server.MustExec("CREATE TABLE it.rows (part int, id int, value text, PRIMARY KEY (part, id))")
	provider := trace.NewTracerProvider(trace.WithSpanProcessor(l.spans))
	l.tracer = provider.Tracer("test")
	var err error
	l.observer, err = rxotel.NewObserver(rxotel.Options{
		TracerProvider: provider, MeterProvider: metric.NewMeterProvider(metric.WithReader(l.reader)),
	})
	require.NoError(t, err)
	config := l.server.Cluster()
	config.QueryObserver, config.BatchObserver = l.observer, l.observer
	config.Events.DisableSchemaEvents = true
	l.session, err = cql.Connect(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(l.session.Close)
	return l
}

// fill writes n rows into a partition.
func (l *lab) fill(t *testing.T, n int) {
	rows := make([]row, n)
	for i := range rows {
		rows[i] = row{i, 0, secret}
	}
	require.NoError(t, sink.Insert[row](l.session, "it.rows").Sink()(t.Context(), rx.From(rows...)))
}

// named gives the spans of a name.
func (l *lab) named(name string) (all []trace.ReadOnlySpan) {
	for _, s := range l.spans.Ended() {
		if s.Name() == name {
			all = append(all, s)
		}
	}
	return all
}

func attributesOf(all []attribute.KeyValue) map[string]any {
	m := make(map[string]any)
	for _, a := range all {
		m[string(a.Key)] = a.Value.AsInterface()
	}
	return m
}

func TestAQueryIsASpanWithItsPages(t *testing.T) {
	l := newLab(t)
	l.fill(t, 25)
	ctx, outer := l.tracer.Start(t.Context(), "handler")
	query := source.Query[row](l.session, "SELECT * FROM it.rows WHERE part = ?", 0).PageSize(10)
	rows, err := rxotel.Traced(l.observer, query.Rows(), "rows of a part").Collect(ctx)
	require.NoError(t, err)
	require.Len(t, rows, 25)
	outer.End()

	require.Len(t, l.named("rows of a part"), 1)
	span := l.named("rows of a part")[0]
	require.Equal(t, outer.SpanContext().SpanID(), span.Parent().SpanID())
	require.Equal(t, api.SpanKindClient, span.SpanKind())
	of := attributesOf(span.Attributes())
	require.Equal(t, "cassandra", of["db.system.name"])
	require.Equal(t, "SELECT * FROM it.rows WHERE part = ?", of["db.query.text"])
	require.Equal(t, "SELECT", of["db.operation.name"])
	require.Equal(t, "it", of["db.namespace"])
	require.Equal(t, "rows", of["db.collection.name"])
	require.EqualValues(t, 25, of["rxcql.items"])
	require.EqualValues(t, 3, of["rxcql.pages"])
	require.Equal(t, "completed", of["rxcql.state"])
	require.Equal(t, codes.Unset, span.Status().Code)
	var pages []int64
	for _, e := range span.Events() {
		require.Equal(t, "page", e.Name)
		at := attributesOf(e.Attributes)
		require.NotEmpty(t, at["server.address"])
		pages = append(pages, at["db.response.returned_rows"].(int64))
	}
	require.Equal(t, []int64{10, 10, 5}, pages)
	require.Empty(t, l.named("SELECT it.rows"), "pages are no spans of their own")

	again, err := query.Rows().Collect(ctx)
	require.NoError(t, err)
	require.Len(t, again, 25)
	require.Len(t, l.named("SELECT it.rows"), 3, "but where they are of no query that has one")
}

func TestHowARunEnds(t *testing.T) {
	l := newLab(t)
	l.fill(t, 25)
	rows := rxotel.Traced(l.observer, source.Query[row](l.session, "SELECT * FROM it.rows").PageSize(10).ReadAhead(0).Rows(), "rows")

	_, err := rows.First(t.Context())
	require.NoError(t, err)
	canceled, cancel := context.WithCancel(t.Context())
	require.ErrorIs(t, rows.ForEach(canceled, func(row) error { cancel(); return nil }), context.Canceled)
	l.server.Inject(cqltest.Fault{Match: cqltest.On("it.rows"), Times: 1, Err: cqltest.Invalid("no, not " + secret)})
	_, err = rows.Collect(t.Context())
	require.ErrorIs(t, err, cql.Invalid)
	require.Panics(t, func() {
		_ = rows.ForEach(t.Context(), func(row) error { panic(secret) })
	})

	var states []string
	for _, s := range l.named("rows") {
		of := attributesOf(s.Attributes())
		states = append(states, strings.TrimSpace(fmt.Sprint(of["rxcql.state"], " ", s.Status().Code)))
	}
	require.Equal(t, []string{"left Unset", "canceled Unset", "failed Error", "panicked Error"}, states)
	failed := l.named("rows")[2]
	require.Equal(t, cql.Invalid.Error(), attributesOf(failed.Attributes())["error.type"])
	require.Equal(t, "page failed", failed.Events()[0].Name)
	require.Equal(t, "0x2200", attributesOf(failed.Events()[0].Attributes)["error.type"])
}

// Batches are spans below that of the Work, linked to those of the writes whose rows they carry.
func TestBatchesAreLinkedToWrites(t *testing.T) {
	l := newLab(t)
	ctx, job := l.tracer.Start(t.Context(), "job")
	var writes []api.SpanContext
	_, err := sink.Insert[row](l.session, "it.rows").Window(1).Work(ctx, func(ctx context.Context, w *sink.Writer[row]) error {
		var all sync.WaitGroup
		errs := make([]error, 3)
		for i := range errs {
			ctx, span := l.tracer.Start(ctx, "write")
			writes = append(writes, span.SpanContext())
			all.Go(func() {
				defer span.End()
				rows := make([]row, 50)
				for j := range rows {
					rows[j] = row{100*i + j, 7, secret}
				}
				errs[i] = w.Write(ctx, rx.From(rows...))
			})
		}
		all.Wait()
		return errors.Join(errs...)
	})
	require.NoError(t, err)
	job.End()

	rows, linked := 0, make(map[api.SpanID]bool)
	for _, s := range l.spans.Ended() {
		for _, link := range s.Links() {
			linked[link.SpanContext.SpanID()] = true
		}
		of := attributesOf(s.Attributes())
		switch s.Name() {
		case "BATCH INSERT it.rows":
			rows += int(of["db.operation.batch.size"].(int64))
		case "INSERT it.rows":
			rows++
		default:
			continue
		}
		require.NotEmpty(t, s.Links())
		require.Equal(t, job.SpanContext().SpanID(), s.Parent().SpanID())
		require.Equal(t, api.SpanKindClient, s.SpanKind())
		require.Equal(t, "it", of["db.namespace"])
		require.Equal(t, "rows", of["db.collection.name"])
		require.Equal(t, "INSERT INTO it.rows (part, id, value) VALUES (?, ?, ?)", strings.ReplaceAll(of["db.query.text"].(string), `"`, ""))
		require.NotEmpty(t, of["cassandra.coordinator.id"])
	}
	require.Equal(t, 150, rows)
	require.Len(t, linked, 3)
	for _, w := range writes {
		require.True(t, linked[w.SpanID()])
	}
}

// Neither values nor constants nor texts of errors are in spans or metrics.
func TestNoValuesAreShown(t *testing.T) {
	l := newLab(t)
	l.fill(t, 3)
	ctx, span := l.tracer.Start(t.Context(), "job")
	insert := "INSERT INTO it.rows (part, id, value) VALUES (42, 42, '" + secret + "')"
	require.NoError(t, l.session.Execute(ctx, cql.Statement{CQL: insert}))
	l.server.Inject(cqltest.Fault{Match: cqltest.On("it.rows"), Times: 1, Err: cqltest.Invalid("no, not " + secret)})
	require.Error(t, l.session.Execute(ctx, cql.Statement{CQL: insert}))
	span.End()
	all := fmt.Sprintf("%+v", tracetest.SpanStubsFromReadOnlySpans(l.spans.Ended()))
	var metrics metricdata.ResourceMetrics
	require.NoError(t, l.reader.Collect(t.Context(), &metrics))
	all += fmt.Sprintf("%+v", metrics)
	require.Contains(t, all, "VALUES (?, ?, ?)")
	require.NotContains(t, all, secret)
	require.NotContains(t, all, "(42")
	require.NotContains(t, all, "-- rxcql")
}

func TestDurations(t *testing.T) {
	l := newLab(t)
	l.fill(t, 3)
	_, err := source.Query[row](l.session, "SELECT * FROM it.rows").Rows().Collect(t.Context())
	require.NoError(t, err)
	var all metricdata.ResourceMetrics
	require.NoError(t, l.reader.Collect(t.Context(), &all))
	found := false
	for _, m := range all.ScopeMetrics[0].Metrics {
		require.Equal(t, "db.client.operation.duration", m.Name)
		require.Equal(t, "s", m.Unit)
		for _, p := range m.Data.(metricdata.Histogram[float64]).DataPoints {
			of := attributesOf(p.Attributes.ToSlice())
			require.Equal(t, "cassandra", of["db.system.name"])
			found = found || of["db.operation.name"] == "SELECT" && p.Count > 0
		}
	}
	require.True(t, found)
}

func TestTracedOfNothing(t *testing.T) {
	l := newLab(t)
	require.Panics(t, func() { rxotel.Traced[int](nil, rx.From(1), "") })
	require.Panics(t, func() { rxotel.Traced[int](l.observer, nil, "") })
}
