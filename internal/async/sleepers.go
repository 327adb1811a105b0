package async

// sleeper is a producer that waits for space.
type sleeper struct {
	wake   chan struct{} // of capacity 1
	ticket uint64        // its place in the order in which they came
	next   *sleeper
}

// sleepers are those of a queue in the order in which they came, and used ones to be used again.
type sleepers struct {
	front, back *sleeper
	used        *sleeper
	tickets     uint64 // given out
}

func (s *sleepers) empty() bool { return s.front == nil }

// enter adds a sleeper behind the others.
func (s *sleepers) enter() *sleeper {
	w := s.used
	if w == nil {
		w = &sleeper{wake: make(chan struct{}, 1)}
	} else {
		s.used = w.next
	}
	s.tickets++
	w.ticket, w.next = s.tickets, nil
	if s.back == nil {
		s.front = w
	} else {
		s.back.next = w
	}
	s.back = w
	return w
}

// putBack gives w, which was taken out, its old place: before all that came after it.
func (s *sleepers) putBack(w *sleeper) {
	link := &s.front
	for *link != nil && (*link).ticket < w.ticket {
		link = &(*link).next
	}
	w.next, *link = *link, w
	if w.next == nil {
		s.back = w
	}
}

// takeFirst takes the first out.
func (s *sleepers) takeFirst() *sleeper {
	w := s.front
	s.front = w.next
	if s.front == nil {
		s.back = nil
	}
	return w
}

// remove takes w out, wherever it is; false if it is not there.
func (s *sleepers) remove(w *sleeper) bool {
	var before *sleeper
	for at := s.front; at != nil; before, at = at, at.next {
		switch {
		case at != w:
			continue
		case before == nil:
			s.takeFirst()
			return true
		}
		before.next = w.next
		if s.back == w {
			s.back = before
		}
		return true
	}
	return false
}

// recycle keeps w, which is not among the sleepers and has no wake-up outstanding, for another.
func (s *sleepers) recycle(w *sleeper) { w.next, s.used = s.used, w }
