package async

// ring is a FIFO that reuses its space.
type ring[T any] struct {
	buf  []T // its length is a power of two
	head int
	size int
}

func (r *ring[T]) push(v T) {
	if r.size == len(r.buf) {
		r.grow()
	}
	r.buf[(r.head+r.size)&(len(r.buf)-1)] = v
	r.size++
}

func (r *ring[T]) peek() (v T, ok bool) {
	if r.size == 0 {
		return v, false
	}
	return r.buf[r.head], true
}

// at is the i-th from the front, which must be there.
func (r *ring[T]) at(i int) T { return r.buf[(r.head+i)&(len(r.buf)-1)] }

func (r *ring[T]) pop() (v T, ok bool) {
	v, ok = r.peek()
	if ok {
		var zero T
		r.buf[r.head] = zero
		r.head = (r.head + 1) & (len(r.buf) - 1)
		r.size--
	}
	return v, ok
}

func (r *ring[T]) clear() {
	clear(r.buf)
	r.head, r.size = 0, 0
}

func (r *ring[T]) grow() {
	buf := make([]T, max(8, 2*len(r.buf)))
	n := copy(buf, r.buf[r.head:])
	copy(buf[n:], r.buf[:r.head])
	r.buf, r.head = buf, 0
}
