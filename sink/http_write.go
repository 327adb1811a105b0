package sink

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/rxcql/rxcql/internal/async"
	"github.com/rxcql/rxcql/internal/stage"
	"github.com/rxcql/rxcql/rx"
)

// StreamStatus is the trailer that ends every response: 200 if it is whole, else the status that it would have had if the
// failure had come before the first byte.
const StreamStatus = "Stream-Status"

// aheadOfClient is how many rows the stream may be ahead of what is being written: enough that the stream need not be
// woken for each.
const aheadOfClient = 32

// Write runs src, sends what it yields, and returns when all is sent or the stream has failed.
//
// A failure before the first byte is told by the status, see [StatusOf], with problem details (RFC 9457). One that comes
// later is told in the body, as the [MediaType] does it, and by the trailer [StreamStatus] to clients that say, by
// "TE: trailers", that they look at it; for all others the connection is broken off (in HTTP/2: the stream), so that
// nobody, no cache either, takes what came for the whole. (HTTP/1.0 has no way to tell this: there only the body does.)
// None of these shows the error, which is Write's to return, and yours to log. If the client is gone,
// which shows as the request's context being cancelled without a cause, it is [ErrClientGone]; [ErrNotAcceptable] was
// answered by 406 and a list of what is offered. To a HEAD request the headers are sent, and src is not run.
//
// Ordered. The stream runs on a goroutine of its own, 32 rows ahead of the client at most, so that what came can be sent
// while the next is waited for. It ends when ctx or the request's context does. After Write, nothing else may be written.
func (x Response[T]) Write(ctx context.Context, src rx.Observable[T]) (HTTPReport, error) {
	media, ok := negotiate(x.r.Header.Values("Accept"), x.offers)
	x.w.Header().Add("Vary", "Accept")
	if !ok {
		refusal := problem{Status: http.StatusNotAcceptable, Offered: x.offers}
		return HTTPReport{Status: refusal.Status, Bytes: refusal.answer(x.w)}, ErrNotAcceptable
	}
	t := &transfer[T]{Response: x, report: HTTPReport{MediaType: media}, control: http.NewResponseController(x.w)}
	t.layout = x.newLayout(media)
	if x.r.Method == http.MethodHead {
		t.commit()
		return t.report, nil
	}
	t.wait() // http.Server's WriteTimeout has begun with the request
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	request := x.r.Context()
	defer context.AfterFunc(request, func() { cancel(context.Cause(request)) })()
	err := stage.Consume(ctx, "HTTP", src, func(ctx context.Context, src func(context.Context, func(T) bool) error) error {
		return async.Boundary(ctx, "buffer", func(g *async.Group) error { return t.run(ctx, g, src) })
	})
	if err == nil {
		err = t.finish()
	}
	if err != nil {
		t.fail(err)
		if context.Cause(request) == context.Canceled && !errors.Is(err, ErrClientGone) { // by the server; others have causes
			err = fmt.Errorf("%w: %w", ErrClientGone, err)
		}
	}
	return t.report, err
}

// transfer is a response under way. What it does happens on the goroutine that called Write.
type transfer[T any] struct {
	Response[T]
	layout  layout[T]
	control *http.ResponseController
	report  HTTPReport

	block    []byte // to be sent
	rows     int64  // encoded
	began    bool
	sentAt   time.Time // the last block
	timer    *time.Timer
	writeErr error
}

// run sends the stream, but for the end.
func (t *transfer[T]) run(ctx context.Context, g *async.Group, src rx.Observable[T]) error {
	rows := async.Start(g, src, aheadOfClient)
	done := g.Done()
	t.timer = time.NewTimer(0)
	defer t.timer.Stop()
	t.arm()
	for {
		row, state := rows.Poll()
		switch state {
		case async.Item:
			if err := t.take(row); err != nil {
				return err
			}
			select {
			case <-done:
				return rows.End(ctx)
			case <-t.timer.C:
				if err := t.tick(); err != nil {
					return err
				}
			default:
			}
		case async.Closed:
			return rows.End(ctx)
		case async.Empty:
			tick, ok := rows.WaitOr(done, t.timer.C)
			if !ok {
				return rows.End(ctx)
			}
			if tick {
				if err := t.tick(); err != nil {
					return err
				}
			}
		}
	}
}

// take adds a row to the block, and sends that if it is full.
func (t *transfer[T]) take(row T) error {
	first := len(t.block) == 0
	if !t.began {
		one := row // begin has row escape
		if err := t.begin(&one); err != nil {
			return err
		}
	}
	block, err := t.layout.row(t.block, row)
	if err != nil {
		return fmt.Errorf("sink: row %d of the stream cannot be written as %s: %w", t.rows, t.report.MediaType, err)
	}
	t.block = block
	t.rows++
	if len(t.block) >= t.size {
		return t.send()
	}
	if first {
		t.arm()
	}
	return nil
}

func (t *transfer[T]) begin(first *T) (err error) {
	if t.began {
		return nil
	}
	t.began = true
	if t.block, err = t.layout.begin(t.block, first); err != nil {
		return fmt.Errorf("sink: the stream cannot be written as %s: %w", t.report.MediaType, err)
	}
	return nil
}

// arm sets the timer for what is next: the block's time if there is something in it, else a heartbeat's.
func (t *transfer[T]) arm() {
	wait := t.heartbeat
	switch {
	case len(t.block) > 0 && t.sentAt.IsZero():
		wait = 0
	case len(t.block) > 0:
		wait = t.within - time.Since(t.sentAt)
	case t.report.MediaType != EventStream:
		t.timer.Stop()
		return
	}
	t.timer.Reset(max(wait, 0))
}

// tick is the timer's.
func (t *transfer[T]) tick() error {
	if len(t.block) == 0 {
		if err := t.begin(nil); err != nil {
			return err
		}
		t.block = t.layout.beat(t.block)
	}
	return t.send()
}

// finish sends the end of a complete stream.
func (t *transfer[T]) finish() error {
	if err := t.begin(nil); err != nil {
		return err
	}
	t.block, t.timer = t.layout.end(t.block, t.rows), nil
	if err := t.send(); err != nil {
		return err
	}
	t.w.Header().Set(StreamStatus, strconv.Itoa(http.StatusOK))
	return nil
}

// send writes the block to the client.
func (t *transfer[T]) send() error {
	t.commit()
	t.patience()
	n, err := t.w.Write(t.block)
	t.report.Bytes += int64(n)
	if err == nil {
		err = t.control.Flush()
		if errors.Is(err, http.ErrNotSupported) {
			err = nil
		}
	}
	if err != nil {
		t.writeErr = fmt.Errorf("%w: %w", ErrClientGone, err)
		return t.writeErr
	}
	t.report.Rows = t.rows
	t.block = t.block[:0]
	if cap(t.block) > 4*t.size { // after a very wide row
		t.block = nil
	}
	t.sentAt = time.Now()
	if t.timer != nil { // there is more to come
		t.wait()
		t.arm()
	}
	return nil
}

// commit sends the headers of a response that goes well, unless they are sent.
func (t *transfer[T]) commit() {
	if t.report.Status != 0 {
		return
	}
	t.report.Status = http.StatusOK
	h := t.w.Header()
	h.Del("Content-Length")
	h.Set("Content-Type", t.report.MediaType.contentType())
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Accel-Buffering", "no") // nginx is not to collect it
	h.Add("Trailer", StreamStatus)
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-store")
	}
	// http.Server's ReadTimeout goes on after the request was read, and would then count as the client's leaving.
	if t.r.Body == nil || t.r.Body == http.NoBody {
		_ = t.control.SetReadDeadline(time.Time{}) // where that is not possible, ReadTimeout bounds the response
	}
	t.w.WriteHeader(t.report.Status)
}

// patience bounds the write that follows. A writer that has no deadlines is one of a test, or of middleware that hides
// them, which cannot be helped.
func (t *transfer[T]) patience() { _ = t.control.SetWriteDeadline(time.Now().Add(t.stuck)) }

// wait has no deadline stand while there is nothing to write: in HTTP/2 one that passes resets the stream even so.
func (t *transfer[T]) wait() { _ = t.control.SetWriteDeadline(time.Time{}) }

// fail tells the client of err.
func (t *transfer[T]) fail(err error) {
	status := 0
	if t.status != nil {
		status = t.status(err)
	}
	if status == 0 {
		status = StatusOf(err)
	}
	p := problem{Status: status}
	switch {
	case t.writeErr != nil:
	case t.report.Status == 0:
		t.patience()
		t.report.Status, t.report.Bytes = p.Status, p.answer(t.w)
		return
	default:
		t.timer = nil
		t.block = t.layout.fail(t.block, p.json())
		if t.send() == nil && takesTrailers(t.r.Header.Values("Te")) {
			t.w.Header().Set(StreamStatus, strconv.Itoa(p.Status))
			return
		}
	}
	t.abort()
}

// abort has the response end without its end. A write deadline that is over does that: in HTTP/1 the last chunk cannot be
// written, in HTTP/2 the stream is reset. Unlike a panic with http.ErrAbortHandler it lets the handler log the error; so
// that is for writers without deadlines only.
func (t *transfer[T]) abort() {
	err := t.control.SetWriteDeadline(time.Unix(1, 0)) // any other error is that of a connection that is closed already
	if errors.Is(err, http.ErrNotSupported) && t.r.Context().Value(http.ServerContextKey) != nil {
		panic(http.ErrAbortHandler)
	}
}
