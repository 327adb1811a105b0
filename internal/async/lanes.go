package async

// Keyed is an item and its key.
type Keyed[K comparable, T any] struct {
	Key  K
	Item T
}

// lanes is the order of a window in which the items of each key are in line, and only so many of a key's calls are
// made at a time.
type lanes[K comparable, T, U any] struct {
	perKey int
	byKey  map[K]*lane[Keyed[K, T], U] // those that are not empty
	free   []*lane[Keyed[K, T], U]     // used ones, to be used again
}

func newLanes[K comparable, T, U any](perKey int) *lanes[K, T, U] {
	return &lanes[K, T, U]{perKey: perKey, byKey: make(map[K]*lane[Keyed[K, T], U])}
}

// lane is the line of one key's calls, of which those at its front have been begun.
type lane[T, U any] struct {
	line  ring[*Call[T, U]]
	begun int
	busy  int // begun and not finished
}

// next begins the first call that has not been, if there may be another at a time.
func (l *lane[T, U]) next(perKey int) *Call[T, U] {
	if l.busy == perKey || l.begun == l.line.size {
		return nil
	}
	c := l.line.at(l.begun)
	l.begun++
	l.busy++
	return c
}

func (o *lanes[K, T, U]) enter(c *Call[Keyed[K, T], U]) bool {
	l := o.byKey[c.Item.Key]
	if l == nil {
		l = o.open(c.Item.Key)
	}
	c.lane = l
	l.line.push(c)
	return l.next(o.perKey) != nil
}

func (o *lanes[K, T, U]) leave(
	c *Call[Keyed[K, T], U], out *ring[*Call[Keyed[K, T], U]],
) *Call[Keyed[K, T], U] {
	l := c.lane
	l.busy--
	l.begun -= deliver(&l.line, out)
	if l.line.size == 0 {
		delete(o.byKey, c.Item.Key)
		o.free = append(o.free, l)
		return nil
	}
	return l.next(o.perKey)
}

// open makes a lane for key. A key that does not equal itself, as one with a NaN, has a lane for each item, and could
// not be deleted from the map.
func (o *lanes[K, T, U]) open(key K) *lane[Keyed[K, T], U] {
	var l *lane[Keyed[K, T], U]
	if n := len(o.free); n > 0 {
		l = o.free[n-1]
		o.free = o.free[:n-1]
	} else {
		l = &lane[Keyed[K, T], U]{}
	}
	if EqualsItself(key) {
		o.byKey[key] = l
	}
	return l
}

// EqualsItself is false for a key that is or has a NaN: in a map it could be found, and deleted, never again.
func EqualsItself[K comparable](key K) bool {
	same := key
	return key == same
}
