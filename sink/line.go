package sink

import "sync"

// op is a row on its way.
type op[T any] struct {
	call *call[T]
	at   int64 // its place in the stream
	item T
	encoded
	weight   int64 // the room that it takes
	stamp    int64 // of its dead letter; 0: none
	sent     int64 // the timestamp of its last request
	attempts int
	maybe    bool // an attempt may have written it

	next  *op[T] // behind it in its partition's list
	after *op[T] // the next with its key, which waits until it is done with
}

// line holds the rows that wait for a request. Of the rows with one primary key only the first may be taken, and the
// next one when that is done with: so a key is never twice under way, and never twice in one request. Rows that may be
// taken are kept by partition, so that those of one that are there together are sent together, without any waiting for
// others.
type line[T any] struct {
	rows, bytes int // the most that are taken together

	mu         sync.Mutex
	last       map[uint64]*op[T]        // by key, of the rows that wait or are under way
	partitions map[uint64]*partition[T] // that have rows to be taken
	front      *partition[T]            // of those, in the order of their turns
	back       *partition[T]
}

// partition is a list of rows that may be taken.
type partition[T any] struct {
	first, last *op[T]
	next        *partition[T]
}

func newLine[T any](rows int) *line[T] {
	return &line[T]{rows: rows, bytes: bytesInBatch, last: make(map[uint64]*op[T]), partitions: make(map[uint64]*partition[T])}
}

// enter adds a row, and tells whether it may be taken.
func (l *line[T]) enter(o *op[T]) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if o.key != 0 {
		before := l.last[o.key]
		l.last[o.key] = o
		if before != nil {
			before.after = o
			return false
		}
	}
	l.queue(o)
	return true
}

// queue adds a row that may be taken to its partition's. The lock is held.
func (l *line[T]) queue(o *op[T]) {
	together := l.rows > 1 && o.partition != 0
	var p *partition[T]
	if together {
		p = l.partitions[o.partition]
	}
	if p == nil {
		p = &partition[T]{}
		if together {
			l.partitions[o.partition] = p
		}
		l.wait(p)
	}
	if p.last == nil {
		p.first = o
	} else {
		p.last.next = o
	}
	p.last = o
}

// wait puts a partition behind the others. The lock is held.
func (l *line[T]) wait(p *partition[T]) {
	p.next = nil
	if l.back == nil {
		l.front = p
	} else {
		l.back.next = p
	}
	l.back = p
}

// take takes the rows of the next request; none if there are none that may be.
func (l *line[T]) take() []*op[T] {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.front
	if p == nil {
		return nil
	}
	if l.front = p.next; l.front == nil {
		l.back = nil
	}
	partition := p.first.partition
	taken, bytes := make([]*op[T], 0, 1), 0
	for o := p.first; o != nil && (len(taken) == 0 || len(taken) < l.rows && bytes+o.bytes <= l.bytes); o = p.first {
		taken, bytes = append(taken, o), bytes+o.bytes
		p.first, o.next = o.next, nil
	}
	switch {
	case p.first != nil:
		l.wait(p)
	case l.rows > 1:
		delete(l.partitions, partition)
	}
	return taken
}

// leave notes that rows are done with, and gives how many others may be taken for that now.
func (l *line[T]) leave(rows []*op[T]) (more int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, o := range rows {
		switch {
		case o.key == 0:
		case o.after != nil:
			l.queue(o.after)
			more++
		default:
			delete(l.last, o.key)
		}
	}
	return more
}
