package rxotel

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gocql/gocql"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.40.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/rxcql/rxcql/internal/origin"
)

// scope is the name of the instrumentation.
const scope = "github.com/rxcql/rxcql/contrib/otel"

// Options of an [Observer]. The zero value takes the global providers.
type Options struct {
	TracerProvider trace.TracerProvider
	MeterProvider  metric.MeterProvider
}

// Observer makes spans and durations of the driver's requests: it is a gocql.QueryObserver and a gocql.BatchObserver, for
// the configuration that [cql.Connect] gets, or that the session was made with which [cql.Wrap] gets. Requests of the
// driver's own, such as for the schema, make no traces of their own.
//
// The driver calls it at the end of each attempt: one that is repeated is seen each time, and one for which there was no
// connection never, but by [Traced].
type Observer struct {
	tracer   trace.Tracer
	duration metric.Float64Histogram
}

var (
	_ gocql.QueryObserver = (*Observer)(nil)
	_ gocql.BatchObserver = (*Observer)(nil)
)

// NewObserver makes an observer. It fails only if the meter provider does.
func NewObserver(o Options) (*Observer, error) {
	if o.TracerProvider == nil {
		o.TracerProvider = otel.GetTracerProvider()
	}
	if o.MeterProvider == nil {
		o.MeterProvider = otel.GetMeterProvider()
	}
	duration, err := o.MeterProvider.Meter(scope).Float64Histogram("db.client.operation.duration",
		metric.WithUnit("s"), metric.WithDescription("Duration of database client operations."),
		metric.WithExplicitBucketBoundaries(0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10))
	if err != nil {
		return nil, fmt.Errorf("rxotel: the histogram of durations cannot be made: %w", err)
	}
	tracer := o.TracerProvider.Tracer(scope, trace.WithSchemaURL(semconv.SchemaURL))
	return &Observer{tracer: tracer, duration: duration}, nil
}

// ObserveQuery implements gocql.QueryObserver.
func (o *Observer) ObserveQuery(ctx context.Context, q gocql.ObservedQuery) {
	r := request{start: q.Start, end: q.End, keyspace: q.Keyspace, host: q.Host, err: q.Err}
	r.text = shown(q.Statement)
	r.verb, r.table = summary(r.text)
	o.measure(ctx, &r)
	if run, _ := ctx.Value(runKey{}).(*run); run != nil && r.verb == "SELECT" {
		if !internal(r.table) {
			run.page(&r, q.Rows)
		}
		return
	}
	if r.verb == "SELECT" {
		r.more = append(r.more, semconv.DBResponseReturnedRows(q.Rows))
	}
	o.span(ctx, &r)
}

// ObserveBatch implements gocql.BatchObserver.
func (o *Observer) ObserveBatch(ctx context.Context, b gocql.ObservedBatch) {
	r := request{start: b.Start, end: b.End, keyspace: b.Keyspace, host: b.Host, err: b.Err}
	if len(b.Statements) > 0 {
		r.text = shown(b.Statements[0])
	}
	verb, table := summary(r.text)
	r.verb, r.table = strings.TrimSpace("BATCH "+verb), table
	if len(b.Statements) != 1 { // so the conventions have it
		r.more = append(r.more, semconv.DBOperationBatchSize(len(b.Statements)))
	}
	o.measure(ctx, &r)
	o.span(ctx, &r)
}

// request is one attempt at a request of the driver.
type request struct {
	start, end  time.Time
	keyspace    string
	host        *gocql.HostInfo
	err         error
	text        string // as shown
	verb, table string
	more        []attribute.KeyValue
}

func (o *Observer) measure(ctx context.Context, r *request) {
	all := append(r.server(), semconv.DBSystemNameCassandra, semconv.DBOperationName(r.verb))
	all = append(all, r.names()...)
	if r.err != nil {
		all = append(all, errorType(r.err))
	}
	o.duration.Record(ctx, r.end.Sub(r.start).Seconds(), metric.WithAttributes(all...))
}

// span makes a span of a request that has ended.
func (o *Observer) span(ctx context.Context, r *request) {
	parent := trace.SpanContextFromContext(ctx)
	if internal(r.table) && !parent.IsValid() {
		return
	}
	all := append(r.server(), semconv.DBSystemNameCassandra, semconv.DBOperationName(r.verb), semconv.DBQueryText(r.text))
	all = slices.Concat(all, r.names(), r.coordinator(), r.more)
	name := strings.TrimSpace(r.verb + " " + r.table)
	_, span := o.tracer.Start(ctx, name, trace.WithTimestamp(r.start), trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(all...), trace.WithLinks(links(ctx, parent)...))
	if r.err != nil {
		span.SetAttributes(errorType(r.err))
		span.SetStatus(codes.Error, "")
	}
	span.End(trace.WithTimestamp(r.end))
}

// links are those to the spans of the streams whose rows a request carries, but for the one that it is a child of.
func links(ctx context.Context, parent trace.SpanContext) []trace.Link {
	var all []trace.Link
	for _, from := range origin.From(ctx) {
		if of := trace.SpanContextFromContext(from); of.IsValid() && !of.Equal(parent) {
			all = append(all, trace.Link{SpanContext: of})
		}
	}
	return all
}

// server are the attributes of the node that a request was sent to.
func (r *request) server() []attribute.KeyValue {
	if r.host == nil {
		return nil
	}
	return []attribute.KeyValue{semconv.ServerAddress(r.host.ConnectAddress().String()), semconv.ServerPort(r.host.Port())}
}

// names are the attributes of the keyspace and the table, of which a statement may name both, and else the session the
// first.
func (r *request) names() []attribute.KeyValue {
	keyspace, table := r.keyspace, r.table
	if named, rest, ok := strings.Cut(r.table, "."); ok {
		keyspace, table = named, rest
	}
	var all []attribute.KeyValue
	if keyspace != "" {
		all = append(all, semconv.DBNamespace(keyspace))
	}
	if table != "" {
		all = append(all, semconv.DBCollectionName(table))
	}
	return all
}

func (r *request) coordinator() []attribute.KeyValue {
	if r.host == nil {
		return nil
	}
	return []attribute.KeyValue{semconv.CassandraCoordinatorID(r.host.HostID()), semconv.CassandraCoordinatorDC(r.host.DataCenter())}
}

// errorType tells the type of a driver's error, whose text may show values.
func errorType(err error) attribute.KeyValue {
	var code gocql.RequestError
	switch {
	case errors.Is(err, context.Canceled):
		return semconv.ErrorTypeKey.String("canceled")
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, gocql.ErrTimeoutNoResponse):
		return semconv.ErrorTypeKey.String("timeout")
	case errors.As(err, &code):
		return semconv.ErrorTypeKey.String(fmt.Sprintf("0x%04x", code.Code()))
	default:
		return semconv.ErrorTypeKey.String(strings.TrimPrefix(fmt.Sprintf("%T", err), "*"))
	}
}
