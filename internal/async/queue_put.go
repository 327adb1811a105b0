package async

import "github.com/rxcql/rxcql/internal/stage"

// Answer tells what became of an item that was offered.
type Answer uint8

const (
	Taken Answer = iota
	Full         // there was no space
	Gone         // the queue is closed
)

// Push is Put, and then waits until there is space for another item, so that a producer that is alone makes no item
// before there is a place for it. It returns false when the producer is to stop: done or the queue was closed.
func (q *Queue[T]) Push(done <-chan struct{}, v T) bool {
	ok, full := q.put(done, v)
	return ok && (!full || q.pause(done))
}

// Offer appends v if there is space.
func (q *Queue[T]) Offer(v T) Answer {
	q.mu.Lock()
	switch {
	case q.closed:
		q.mu.Unlock()
		return Gone
	case q.full():
		q.mu.Unlock()
		return Full
	}
	q.in = append(q.in, v)
	q.unlock()
	return Taken
}

// Put waits for space and appends v. It returns false, and has not appended v, when done or the queue was closed
// first.
func (q *Queue[T]) Put(done <-chan struct{}, v T) bool {
	ok, _ := q.put(done, v)
	return ok
}

// put is Put, and tells whether the queue is full now.
func (q *Queue[T]) put(done <-chan struct{}, v T) (ok, full bool) {
	q.mu.Lock()
	slept := q.full() && !q.closed
	if slept && !q.sleep(done) {
		return false, false
	}
	closed := q.closed
	if !closed {
		q.in = append(q.in, v)
	}
	if slept {
		q.pass()
	}
	if closed {
		q.mu.Unlock()
		return false, false
	}
	full = q.full()
	q.unlock()
	return true, full
}

// unlock wakes a waiting consumer, since there is news.
func (q *Queue[T]) unlock() {
	wake := q.waiting
	q.waiting = false
	q.mu.Unlock()
	if wake {
		Signal(q.ready)
	}
}

// pause waits for space without using it.
func (q *Queue[T]) pause(done <-chan struct{}) bool {
	q.mu.Lock()
	if q.full() && !q.closed {
		if !q.sleep(done) {
			return false
		}
		q.pass()
	}
	closed := q.closed
	q.mu.Unlock()
	return !closed
}

// sleep waits until there is space or the queue is closed. It is called with the lock held and returns true with the
// lock, and false, when done was closed first, without. Whoever was woken calls pass.
func (q *Queue[T]) sleep(done <-chan struct{}) bool {
	w := q.sleepers.enter()
	for {
		q.pass()
		q.mu.Unlock()
		woken := q.probe.Await(stage.Full, w.wake, done)
		q.mu.Lock()
		switch {
		case !woken:
			q.giveUp(w)
			q.mu.Unlock()
			return false
		case q.closed || !q.full():
			q.sleepers.recycle(w)
			return true
		}
		q.sleepers.putBack(w)
	}
}

// giveUp is for a sleeper that does not wait to be woken. If it has been, it passes that on.
func (q *Queue[T]) giveUp(w *sleeper) {
	if !q.sleepers.remove(w) {
		<-w.wake
		q.pass()
	}
	q.sleepers.recycle(w)
}

// pass sees to it that the next sleeper is woken: now if it need not sleep, else by the consumer, once half of the
// queue is free. It sets wakeAt before it looks at taken, and the consumer sets taken before it looks at wakeAt, so
// one of them sees.
func (q *Queue[T]) pass() {
	if q.sleepers.empty() {
		return
	}
	if q.full() && !q.closed {
		at := int64(len(q.in) + q.swapped - q.limit/2)
		q.wakeAt.Store(at)
		if q.taken.Load() < at {
			return
		}
	}
	q.wakeNext()
}

func (q *Queue[T]) wakeNext() {
	q.wakeAt.Store(never)
	if !q.sleepers.empty() {
		q.sleepers.takeFirst().wake <- struct{}{}
	}
}

// full tells whether the queue is at its bound.
func (q *Queue[T]) full() bool {
	if len(q.in)+q.swapped-q.seen < q.limit {
		return false
	}
	q.seen = int(q.taken.Load())
	return len(q.in)+q.swapped-q.seen >= q.limit
}

// Close ends the queue: the consumer gets what is in it, then Closed and err, and producers are told to stop. Only
// the first call counts.
func (q *Queue[T]) Close(err error) {
	q.mu.Lock()
	if !q.closed {
		q.closed, q.err = true, err
	}
	q.pass()
	q.unlock()
}
