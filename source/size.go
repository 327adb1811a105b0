package source

// sizer decides how many rows the next page asks for: a fixed number, or as many as fit into a number of bytes by the
// width of the widest recent row, because protocol v4 bounds a page by rows only. It belongs to the run's goroutine.
type sizer struct {
	fixed int // 0: by width; unpaged
	limit int // n of LIMIT n; 0 if there is none, unknownLimit
	last  int // what was asked for last
	// The widest row of the page that is consumed and of the one before it.
	widest, before int
}

const (
	firstPage  = 100     // rows
	largest    = 5000    // rows
	growth     = 4       // times, from one page to the next
	pageTarget = 1 << 20 // bytes
)

// next gives the size of the next page; resumed if it does not start at the beginning.
func (s *sizer) next(resumed bool) int {
	if s.fixed == unpaged && !resumed {
		return 0
	}
	size := s.fixed
	if size <= 0 {
		size = s.byWidth()
	}
	// Asked for as many rows as LIMIT says, or more, the server forgets the paging state and starts again. A page that
	// has a successor was smaller.
	switch {
	case resumed && s.limit > 0:
		size = max(min(size, s.limit-1), 1)
	case resumed && s.limit == unknownLimit && s.last > 0:
		size = min(size, s.last)
	}
	s.last = size
	return size
}

func (s *sizer) byWidth() int {
	if s.last == 0 {
		return firstPage
	}
	width := max(s.widest, s.before)
	if width == 0 { // no row has been seen since
		return s.last
	}
	return max(1, min(pageTarget/width, s.last*growth, largest))
}

// startPage begins a page that is consumed.
func (s *sizer) startPage() {
	if s.widest > 0 { // an empty page says nothing about rows
		s.before, s.widest = s.widest, 0
	}
}

// saw notes how many bytes a row of the page has.
func (s *sizer) saw(width int) { s.widest = max(s.widest, width) }
