package operators

import "github.com/rxcql/rxcql/internal/async"

// handOut gives each item of one stream to several inboxes. It gives it to those that have space before it waits for
// those that are full, so that an item waits only where it does not fit.
type handOut[T any] struct{ full []inbox[T] }

// put tells how many of the inboxes have taken v. Those that have not are closed, or done was.
func (h *handOut[T]) put(done <-chan struct{}, v T, to []inbox[T]) (taken int) {
	h.full = h.full[:0]
	for _, in := range to {
		switch in.Offer(v) {
		case async.Taken:
			taken++
		case async.Full:
			h.full = append(h.full, in)
		}
	}
	for i, in := range h.full {
		if in.Put(done, v) {
			taken++
		}
		h.full[i] = nil
	}
	return taken
}
