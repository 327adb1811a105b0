package source

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"golang.org/x/time/rate"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/operators"
)

// Scan is the reading of a whole table, or of parts of it, whose rows become values of type T. It is an immutable value:
// each setter returns a copy, and it may be run any number of times, also concurrently. Make one with [Table].
type Scan[T any] struct{ tableQuery }

// tableQuery is all of a Scan that goes without T, so that it is compiled once.
type tableQuery struct {
	table      string
	columns    []string
	where      string
	args       []any
	parallel   int // 0: by the number of nodes
	readAhead  int // defaultReadAhead: 1, or what Each needs
	splits     int // 0: by size
	ordered    bool
	ranges     []Range
	row        reflect.Type     // T, but of a count what is counted; nil if no columns are read
	checkpoint Checkpoint       // nil: none
	tracker    *Tracker         // nil: none
	limiter    *rate.Limiter    // nil: none
	pages      Select[struct{}] // how each page is asked for; it has no statement, and the scan decodes what comes
}

// Table makes a scan of a table or materialized view, named as in CQL: keyspace.table, or quoted. The columns are those
// that T, a struct, has fields for; for a T without columns of its own, such as [Row] and map[string]any, all of them.
// [Scan.Columns] names others.
//
// The ring is split into ranges of tokens ([Scan.Splits]), several of which are read at a time ([Scan.Parallel]), each
// from a node that has it, page by page and only as fast as the consumer takes the rows.
func Table[T any](s *cql.Session, name string) Scan[T] {
	return Scan[T]{tableQuery{
		table: name, row: reflect.TypeFor[T](), readAhead: defaultReadAhead,
		pages: Select[struct{}]{query{session: s, idempotent: true}},
	}}
}

// Columns names the columns to read, as CQL does: a name, in quotes where it needs them, WRITETIME(name), TTL(name),
// or MAXWRITETIME(name), which Cassandra has for collections since 5.0. In rows these are called writetime(name) and so
// on, as in a field's tag `cql:"writetime(name)"`; a struct that has such fields gets them without Columns.
func (t Scan[T]) Columns(names ...string) Scan[T] {
	t.columns = slices.Clone(names)
	return t
}

// Where reads only the rows for which a condition holds, which the servers check for every row of the table (ALLOW
// FILTERING). It is CQL as after WHERE; arguments are bound to its ? markers. A table that has few such rows is read
// at the pace of the servers, without a page for long: ranges that take them too long are halved.
func (t Scan[T]) Where(condition string, args ...any) Scan[T] {
	t.where, t.args = condition, slices.Clone(args)
	return t
}

// Parallel sets how many ranges are read at a time. The default is 2 for each node, at most 16. It panics if n is not
// between 1 and 10,000. Memory is bounded by Parallel × (1 + ReadAhead) pages, and so is how many calls [Scan.Each] has
// under way.
func (t Scan[T]) Parallel(n int) Scan[T] {
	if n <= 0 || n > mostParallel {
		panic(fmt.Sprintf("source: Parallel(%d): between 1 and %d", n, mostParallel))
	}
	t.parallel = n
	return t
}

// SplitInto sets into how many ranges the ring is split, about: a range does not reach beyond what one node owns, unless
// n is less than there are such parts. The default aims at 64 MiB in a range by the servers' estimates, but at 4 ranges
// for each that is read at a time, at least. It panics if n is not between 1 and 1,000,000.
func (t Scan[T]) SplitInto(n int) Scan[T] {
	if n <= 0 || n > mostSplits {
		panic(fmt.Sprintf("source: SplitInto(%d): between 1 and %d", n, mostSplits))
	}
	t.splits = n
	return t
}

// InTokenOrder reads one range after the other, in the order of the ring, so that rows come in the order of their
// partitions' tokens; [Scan.Parallel] has no effect then. Otherwise ranges are begun in random order, which spreads the
// load over the nodes, but those that are given to [Scan.Ranges] in the order in which they are given.
func (t Scan[T]) InTokenOrder() Scan[T] {
	t.ordered = true
	return t
}

// Ranges reads only the given ranges: parts that were split off elsewhere, or what is left of them. They must not overlap:
// else the run ends with an error.
func (t Scan[T]) Ranges(ranges ...Range) Scan[T] {
	t.ranges = append([]Range{}, ranges...) // not nil: no ranges are not the whole table
	return t
}

// ReadAhead lets each range that is read have k pages fetched or being fetched ahead of those that are consumed; the
// default is 1, and in an [Scan.Each] of many calls at a time as many as these need. With 0 a page is asked for when the
// one before it has been consumed. It panics if k is negative or above 1,000.
func (t Scan[T]) ReadAhead(k int) Scan[T] {
	if k < 0 || k > mostAhead {
		panic(fmt.Sprintf("source: ReadAhead(%d): between 0 and %d pages", k, mostAhead))
	}
	t.readAhead = k
	return t
}

// Throttle lets at most as many rows a second be delivered as l allows: a page waits until there is a token for each of
// its rows, and with it, as pages that wait are few, reading waits. l may be shared by scans, which then share its rate,
// and changed while they run: a limit of 0 is a pause. A page of more rows than its burst waits in steps of the burst,
// each at least as long as a timer takes, about a millisecond: have it be a tenth of a second's rows or so. It is
// [operators.Throttle] for what Each and Count deliver. It panics if l is nil.
func (t Scan[T]) Throttle(l *rate.Limiter) Scan[T] {
	if l == nil {
		panic("source: Throttle with a nil limiter; make one with rate.NewLimiter")
	}
	t.limiter = l
	return t
}

// PageSize fixes the number of rows in a page; see [Select.PageSize]. It panics if n is not positive.
func (t Scan[T]) PageSize(n int) Scan[T] {
	t.pages = t.pages.PageSize(n)
	return t
}

// Consistency sets the consistency level; the default is the session's; see [cql.Connect].
func (t Scan[T]) Consistency(c cql.Consistency) Scan[T] {
	t.pages = t.pages.Consistency(c)
	return t
}

// Lenient leaves fields of T zero that the table has no column for.
func (t Scan[T]) Lenient() Scan[T] {
	t.pages = t.pages.Lenient()
	return t
}

// Retry sets how often and with what waits a failing page is asked for before the range is narrowed, or given up where
// that would not help; see [Select.Retry].
func (t Scan[T]) Retry(b operators.Backoff) Scan[T] {
	t.pages = t.pages.Retry(b)
	return t
}

// Timeout bounds one attempt to fetch one page; see [Select.Timeout]. It panics if d is not positive.
func (t Scan[T]) Timeout(d time.Duration) Scan[T] {
	t.pages = t.pages.Timeout(d)
	return t
}
