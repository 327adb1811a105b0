package operators

import (
	"fmt"
	"time"
)

// Windows says how [Window] cuts event time into windows. A window has the times from its Start up to, and without, its
// End.
type Windows struct {
	size, every time.Duration
	gap         time.Duration // of sessions; then size and every are 0
	offset      time.Duration
	descending  bool
}

// Tumbling windows follow each other without overlap or gap: Flink's and Kafka Streams' tumbling windows. They are
// aligned as [time.Time.Truncate] does it, to multiples of size since the zero time: windows of 24 hours begin at
// midnight in UTC, and windows of 7 days on Mondays. It panics if size is not positive.
func Tumbling(size time.Duration) Windows {
	if size <= 0 {
		panic(fmt.Sprintf("operators.Tumbling: size %v; a window must last for some time", size))
	}
	return Windows{size: size, every: size}
}

// Sliding windows last for size, and one begins each time that every has passed: Flink's sliding, Kafka Streams'
// hopping windows. Their starts are aligned as those of [Tumbling] windows of that size, every. An item is in up to
// size/every of them, rounded up, and in none if every is more than size and it is in between. It panics if either is
// not positive, or size/every more than 10,000.
func Sliding(size, every time.Duration) Windows {
	if size <= 0 || every <= 0 {
		panic(fmt.Sprintf("operators.Sliding: size %v every %v; both must be positive", size, every))
	}
	if n := (size-1)/every + 1; n > maxSliding {
		panic(fmt.Sprintf("operators.Sliding: size %v every %v; an item would be in %d windows, and at most %d may be open",
			size, every, n, maxSliding))
	}
	return Windows{size: size, every: every}
}

// maxSliding bounds the windows that are open at the same time.
const maxSliding = 10_000

// Sessions are windows that hold items each of which is less than gap away from the next: Flink's session windows. A
// session starts with its earliest item and ends gap after its latest, as in Flink and Beam. It panics if gap is not
// positive.
func Sessions(gap time.Duration) Windows {
	if gap <= 0 {
		panic(fmt.Sprintf("operators.Sessions: gap %v; it must be positive", gap))
	}
	return Windows{gap: gap}
}

// Descending is for items that come latest first, as rows do under Cassandra's CLUSTERING ORDER BY … DESC. Windows are
// the same, but come latest first, and the function that folds gets each one's items in the order in which they come.
func (w Windows) Descending() Windows {
	w.descending = true
	return w
}

// Offset moves the alignment of tumbling and sliding windows by d: Tumbling(24*time.Hour).Offset(-2*time.Hour) begins
// days at 22:00 UTC, where it is midnight two hours east. Zones that change their offset in the year have days that are
// not all 24 hours long: use [BufferAdjacent] by date, or [StatefulMap], for those.
func (w Windows) Offset(d time.Duration) Windows {
	w.offset = d
	return w
}

// align gives the latest start of a window that is not after t.
func (w Windows) align(t time.Time) time.Time {
	return t.Add(-w.offset).Truncate(w.every).Add(w.offset)
}

// holding gives the windows that t is in: count of them, each starting every before the next, the latest at last. For
// all times from since up to, and without, until, they are the same.
func (w Windows) holding(t time.Time) (last time.Time, count int, since, until time.Time) {
	last = w.align(t)
	into := t.Sub(last)
	since, until = last, last.Add(w.every)
	if into < w.size {
		count = 1 + int((w.size-into-1)/w.every)
	}
	// The first to end after t, and the one before it, which has ended: if they do so before the next starts, and after
	// the last has started, then that is where others begin to hold.
	ends := last.Add(w.size - time.Duration(count-1)*w.every)
	if ends.Before(until) {
		until = ends
	}
	if ended := ends.Add(-w.every); ended.After(since) {
		since = ended
	}
	return last, count, since, until
}

// past tells whether t is where items after one at last must not be.
func (w Windows) past(last, t time.Time) bool {
	if w.descending {
		return t.After(last)
	}
	return t.Before(last)
}

// order describes what is wanted.
func (w Windows) order() string {
	if w.descending {
		return "though the windows are Descending"
	}
	return "though the windows are not Descending"
}
