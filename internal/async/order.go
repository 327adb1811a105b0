package async

// order decides in which order the calls of a window are made and their results delivered.
type order[T, U any] interface {
	// enter takes note of a call that has its item and tells whether it may be made now.
	enter(c *Call[T, U]) bool
	// leave takes note of the end of a call. It adds to out what may be delivered now, and returns a call that may be
	// made now if there is one that could not before.
	leave(c *Call[T, U], out *ring[*Call[T, U]]) *Call[T, U]
}

// inLine delivers in the order of the items.
type inLine[T, U any] struct{ line ring[*Call[T, U]] }

func (o *inLine[T, U]) enter(c *Call[T, U]) bool {
	o.line.push(c)
	return true
}

func (o *inLine[T, U]) leave(_ *Call[T, U], out *ring[*Call[T, U]]) *Call[T, U] {
	deliver(&o.line, out)
	return nil
}

// deliver moves those calls at the head of line that are finished to out, and tells how many.
func deliver[T, U any](line, out *ring[*Call[T, U]]) (n int) {
	for {
		head, ok := line.peek()
		if !ok || !head.finished {
			return n
		}
		line.pop()
		out.push(head)
		n++
	}
}

// asTheyEnd delivers in the order in which the calls end.
type asTheyEnd[T, U any] struct{}

func (asTheyEnd[T, U]) enter(*Call[T, U]) bool { return true }

func (asTheyEnd[T, U]) leave(c *Call[T, U], out *ring[*Call[T, U]]) *Call[T, U] {
	out.push(c)
	return nil
}
