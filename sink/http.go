package sink

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/rxcql/rxcql/rx"
)

// Response streams rows to a client of HTTP. It is an immutable value: each setter returns a copy; but a response can be
// written only once. Make one with [HTTP].
type Response[T any] struct {
	w http.ResponseWriter
	r *http.Request

	offers    []MediaType
	within    time.Duration
	size      int
	stuck     time.Duration
	csv       Format[T]
	id        func(T) string
	heartbeat time.Duration
	reconnect time.Duration
	status    func(error) int
}

// HTTP makes a sink that answers a request with the items of a stream, as the media type that the client accepts: see
// [MediaType]. In JSON items are as [JSONL] has them.
//
//	mux.HandleFunc("GET /readings", func(w http.ResponseWriter, r *http.Request) {
//		readings := source.Query[Reading](session, "SELECT * FROM lab.readings WHERE day = ?", r.FormValue("day"))
//		if _, err := sink.HTTP[Reading](w, r).Write(r.Context(), readings.Rows()); err != nil && !errors.Is(err, sink.ErrClientGone) {
//			log.Print(err)
//		}
//	})
//
// A slow client slows the stream, and a client that is gone ends it. Middleware that wraps w must have an Unwrap method,
// as http.ResponseController wants it, else nothing is flushed before the end; compression is left to such middleware.
func HTTP[T any](w http.ResponseWriter, r *http.Request) Response[T] {
	return Response[T]{
		w: w, r: r,
		offers: offered[T](), csv: CSV[T](),
		within: 100 * time.Millisecond, size: 16 << 10,
		stuck: time.Minute, heartbeat: 15 * time.Second, reconnect: 3 * time.Second,
	}
}

// Offer sets the media types that are offered; of those that a client likes equally the first one is taken. The default is
// all that there are for T, in the order of their constants.
func (x Response[T]) Offer(types ...MediaType) Response[T] {
	if len(types) == 0 {
		panic("sink: Offer of nothing")
	}
	for _, f := range types {
		if !slices.Contains(allMediaTypes, f) {
			panic("sink: Offer of " + string(f) + ", which is no MediaType")
		}
	}
	x.offers = slices.Clone(types)
	return x
}

// CSV sets how [TextCSV] is written, a [CSVFormat] of one's own; the default is that of [CSV].
func (x Response[T]) CSV(f Format[T]) Response[T] {
	x.csv = f
	return x
}

// Flush sets how rows become blocks on the wire: one is sent when it has size bytes, or when a row is there and nothing
// was sent within that time. So a row that comes alone is sent at once, and rows that come fast are sent in blocks. The
// default is 100 ms and 16 KiB. It panics if within is negative or size is not positive.
func (x Response[T]) Flush(within time.Duration, size int) Response[T] {
	if within < 0 || size <= 0 {
		panic("sink: Flush of a negative time, or a size that is not positive")
	}
	x.within, x.size = within, size
	return x
}

// WriteTimeout bounds the time in which the client takes one block; who takes longer counts as gone. The default is a
// minute. It stands instead of http.Server's WriteTimeout, which is for responses as a whole. It panics if d is not
// positive.
func (x Response[T]) WriteTimeout(d time.Duration) Response[T] {
	if d <= 0 {
		panic("sink: WriteTimeout must be positive")
	}
	x.stuck = d
	return x
}

// EventID gives each server-sent event an id: a browser that reconnects sends the last one that it saw as the header
// Last-Event-ID, from which the handler may go on. It must have no line end. Without it events have no ids, and a browser
// that reconnects starts again.
func (x Response[T]) EventID(id func(T) string) Response[T] {
	x.id = id
	return x
}

// Heartbeat sets after how long a silence a stream of server-sent events sends a comment, so that nobody on the way takes
// the connection for dead; the default is 15 s. It panics if d is not positive.
func (x Response[T]) Heartbeat(d time.Duration) Response[T] {
	if d <= 0 {
		panic("sink: Heartbeat must be positive")
	}
	x.heartbeat = d
	return x
}

// Reconnect sets how long a browser waits before it reconnects to a stream of server-sent events; the default is 3 s. It
// panics if d is less than a millisecond.
func (x Response[T]) Reconnect(d time.Duration) Response[T] {
	if d < time.Millisecond {
		panic("sink: Reconnect must be a millisecond at least")
	}
	x.reconnect = d
	return x
}

// Status sets the status for errors that [StatusOf] does not know, such as those of your own operators; 0 leaves them to
// it. What is not there may be one, for example:
//
//	func(err error) int {
//		if errors.Is(err, rx.ErrEmpty) {
//			return http.StatusNotFound
//		}
//		return 0
//	}
func (x Response[T]) Status(of func(error) int) Response[T] {
	x.status = of
	return x
}

// Sink gives the response as an rx.Sink, for those who need no report.
func (x Response[T]) Sink() rx.Sink[T] {
	return func(ctx context.Context, src rx.Observable[T]) error {
		_, err := x.Write(ctx, src)
		return err
	}
}

// HTTPReport is what became of a response.
type HTTPReport struct {
	MediaType MediaType // what the client got, or was to get; empty if it accepts none
	Status    int       // that was sent; 0 if it did not come to that
	Rows      int64     // that were sent
	Bytes     int64     // of the body, before any compression
}

// String is for people.
func (r HTTPReport) String() string {
	return fmt.Sprintf("status %d, %s, %s, of %s", r.Status, amount(r.Rows, "row"), size(r.Bytes), cmp.Or(string(r.MediaType), "no media type"))
}
