package operators

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/rxcql/rxcql/internal/stage"
	"github.com/rxcql/rxcql/rx"
)

// Hub connects streams that come with streams that go while both are under way, for hot sources such as a feed of
// changes that many requests watch: Pekko's MergeHub and BroadcastHub in one, Reactor's Sinks.many().multicast().
// [Hub.Feed] runs a source into it, [Hub.Stream] makes a stream of what is fed from then on; both by any number, and
// from any goroutine. A Hub has no goroutine, and holds nothing but what its streams have not taken yet.
//
// All streams share each item and must not change what it points to.
//
// It need not be closed to free anything; [Hub.Close] ends the streams. When all feeds have ended the streams wait for
// others.
type Hub[T any] struct {
	open    context.Context // ends when the hub is closed
	end     context.CancelFunc
	unheard atomic.Int64
	streams atomic.Pointer[[]inbox[T]] // is not changed but replaced, under mu

	mu     sync.Mutex
	joined chan struct{} // is closed, and replaced, when a stream joins
	closed bool
	err    error
}

// NewHub makes a hub without feeds and streams.
func NewHub[T any]() *Hub[T] {
	h := &Hub[T]{joined: make(chan struct{})}
	h.open, h.end = context.WithCancel(context.Background())
	h.streams.Store(&[]inbox[T]{})
	return h
}

// Feed runs src and hands its items to the streams that there are at the time. It is a Sink, so any stream can be sent
// there. It returns src's error, which the streams do not see: close the hub with it if they are to. When the hub is
// closed, src's context is cancelled and Feed returns [ErrHubClosed].
//
// WHAT IS FED BEFORE A STREAM HAS JOINED IS LOST TO IT, and a stream joins when its run begins, which may be on another
// goroutine and later than it looks: [Hub.Await] tells when they are there. An item for which no stream is there is
// dropped and counted: see [Hub.Unheard].
//
// A stream that blocks when its buffer is full holds Feed up, once the others have the item, and so the slowest of those
// decides the pace.
//
// Ordered: items of one Feed reach each stream in order; those of several come in any order between them, which need not
// be the same in all streams. Not concurrent; a goroutine waits for the end of the hub. Buffers nothing; the streams do.
// On error: returns it. On cancel: returns why.
func (h *Hub[T]) Feed(ctx context.Context, src rx.Observable[T]) error {
	done := ctx.Done()
	var canceled error
	var out handOut[T]
	err := stage.Drain(ctx, "Hub.Feed", stopped(src, h.open, func() error { return ErrHubClosed }), &canceled, func(v T) bool {
		streams := *h.streams.Load()
		if len(streams) == 0 {
			h.unheard.Add(1)
		}
		if out.put(done, v, streams) < len(streams) { // a stream has ended, or ctx has
			canceled = rx.Cause(ctx)
		}
		return canceled == nil
	})
	if canceled != nil {
		return canceled
	}
	return err
}

// Unheard is the number of items that were fed while no stream was there.
func (h *Hub[T]) Unheard() int64 { return h.unheard.Load() }

// Await waits until n streams or more are there, so that all of them hear what is fed from then on: what Pekko's
// BroadcastHub does with startAfterNrOfConsumers. A stream is there from when its run begins until that ends.
//
//	if err := hub.Await(ctx, 2); err != nil {
//		return err
//	}
//	return hub.Feed(ctx, changes)
//
// It returns [ErrHubClosed] when the hub is closed, and why ctx has ended. It panics if n is less than 1.
func (h *Hub[T]) Await(ctx context.Context, n int) error {
	if n < 1 {
		panic(fmt.Sprintf("operators.Hub.Await: %d streams; there must be at least 1 to wait for", n))
	}
	for {
		there, joined := h.there()
		select {
		case <-ctx.Done():
			return rx.Cause(ctx)
		case <-h.open.Done():
			return ErrHubClosed
		default:
		}
		if there >= n {
			return nil
		}
		select {
		case <-joined:
		case <-h.open.Done():
		case <-ctx.Done():
		}
	}
}

// there tells how many streams there are, and what is closed when another joins.
func (h *Hub[T]) there() (n int, joined <-chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(*h.streams.Load()), h.joined
}

// Stream makes a stream of what is fed while it runs: a run joins when it begins and leaves when it ends. Up to n items
// wait for its consumer; policy says what becomes of one for which there is no space, and what it drops is counted in
// dropped: see [OnOverflow]. With [Block] the feeds wait, and with them all other streams. Runs are not independent:
// they share what is fed. That is the exemption from rule 4 of package rx.
//
// It ends when the hub is closed, after the items that it holds. A run that begins afterwards ends at once.
//
// Ordered as [Hub.Feed] says. Concurrent: the feeds with the consumer. Buffers at most n items. On error of the hub:
// emits the items that it holds, then passes it on. On cancel: drops them. It panics if n is less than 1, if policy is
// none of the constants, and if it drops and dropped is nil.
func (h *Hub[T]) Stream(n int, policy Overflow, dropped *Dropped) rx.Observable[T] {
	mustBeInbox("Hub.Stream", n, policy, dropped)
	return func(ctx context.Context, yield func(T) bool) error {
		return stage.Observe(ctx, stage.Source, "Hub.Stream", h.stream(n, policy, dropped), yield)
	}
}

// stream is Stream as it runs.
func (h *Hub[T]) stream(n int, policy Overflow, dropped *Dropped) rx.Observable[T] {
	return func(ctx context.Context, yield func(T) bool) error {
		if canceled := rx.Cause(ctx); canceled != nil {
			return canceled
		}
		in := newInbox[T]("Hub.Stream", n, policy, dropped)
		h.join(in)
		defer h.leave(in)
		return deliver(ctx, ctx.Done(), in, yield)
	}
}

// join adds a stream, or ends it if the hub is closed.
func (h *Hub[T]) join(in inbox[T]) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		in.Close(h.err)
		return
	}
	streams := append(slices.Clone(*h.streams.Load()), in)
	h.streams.Store(&streams)
	close(h.joined)
	h.joined = make(chan struct{})
}

// leave removes a stream, and releases the feeds that wait for it.
func (h *Hub[T]) leave(in inbox[T]) {
	h.mu.Lock()
	streams := slices.DeleteFunc(slices.Clone(*h.streams.Load()), func(other inbox[T]) bool { return other == in })
	h.streams.Store(&streams)
	h.mu.Unlock()
	in.Close(nil)
}

// Close ends the streams, with err or, if that is nil, as completed, and stops the feeds. It does not wait for them.
// Only the first call counts.
func (h *Hub[T]) Close(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return
	}
	h.closed, h.err = true, err
	h.end()
	for _, in := range *h.streams.Load() {
		in.Close(err)
	}
}
