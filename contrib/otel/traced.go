package rxotel

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.40.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/rx"
)

// Traced makes a span of each run of a query, a table or another stream that reads from Cassandra; put it right there,
// before any operators. Requests for its pages are no spans, but events of it, if o is the session's observer too:
// page, with how many rows it has, how many seconds it took, and what answered, or page failed, for an attempt that did. (An
// SDK keeps 128 events of a span, unless it is told otherwise.) The span tells how many items there were, and how the run
// has ended: rxcql.state is completed, failed, canceled or left.
//
// Ordered. Not concurrent. Buffers nothing. On error: passes it on; the span has its class.
func Traced[T any](o *Observer, src rx.Observable[T], name string) rx.Observable[T] {
	if o == nil || src == nil {
		panic("rxotel.Traced: nil observer or stream")
	}
	return func(ctx context.Context, yield func(T) bool) error {
		inner, span := o.tracer.Start(ctx, name, trace.WithSpanKind(trace.SpanKindClient),
			trace.WithAttributes(semconv.DBSystemNameCassandra))
		r := &run{span: span, state: "panicked"}
		defer r.end()
		err := src(context.WithValue(inner, runKey{}, r), func(v T) bool {
			r.items++
			more := yield(v)
			r.left = r.left || !more
			return more
		})
		r.ended(ctx, err)
		return err
	}
}

type runKey struct{}

// run is a run of a stream that has a span.
type run struct {
	span  trace.Span
	pages atomic.Int64
	text  sync.Once // tells the statement

	// The run's goroutine's.
	items int64
	left  bool
	state string
	class string
}

// ended notes how a run has ended.
func (r *run) ended(ctx context.Context, err error) {
	switch {
	case r.left:
		r.state = "left"
	case err == nil:
		r.state = "completed"
	case ctx.Err() != nil && (errors.Is(err, ctx.Err()) || errors.Is(err, context.Cause(ctx))):
		r.state = "canceled"
	default:
		r.state, r.class = "failed", cql.ClassOf(err).Error()
	}
}

// end ends the span, also when a panic passes.
func (r *run) end() {
	r.span.SetAttributes(attribute.Int64("rxcql.items", r.items), attribute.Int64("rxcql.pages", r.pages.Load()),
		attribute.String("rxcql.state", r.state))
	switch r.state {
	case "failed":
		r.span.SetAttributes(semconv.ErrorTypeKey.String(r.class))
		r.span.SetStatus(codes.Error, "")
	case "panicked":
		r.span.SetAttributes(semconv.ErrorTypeKey.String("panic"))
		r.span.SetStatus(codes.Error, "")
	}
	r.span.End()
}

// page notes a request for one.
func (r *run) page(q *request, rows int) {
	r.text.Do(func() {
		r.span.SetAttributes(append(q.names(), semconv.DBQueryText(q.text), semconv.DBOperationName(q.verb))...)
	})
	name, all := "page", append(q.server(), attribute.Float64("rxcql.page.seconds", q.end.Sub(q.start).Seconds()))
	if q.err != nil {
		name, all = "page failed", append(all, errorType(q.err))
	} else {
		r.pages.Add(1)
		all = append(all, semconv.DBResponseReturnedRows(rows))
	}
	r.span.AddEvent(name, trace.WithTimestamp(q.end), trace.WithAttributes(all...))
}
