package sink

import (
	"context"
	"fmt"
	"maps"
	"time"

	"golang.org/x/time/rate"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// Mutation writes the items of a stream to Cassandra, each by a statement that is the same for all: what [Insert],
// [Update], [Delete] and [Exec] make. It is an immutable value: each setter returns a copy, and it may be used any
// number of times, also concurrently. Run it by [Mutation.Write], or, for many streams in one go, by [Mutation.Work].
//
// T is a struct, with columns by tag `cql:"name"` or by name in snake_case; a pointer to one; or a row whose columns are
// not known when the program is compiled, which has the methods
//
//	Columns() []cql.Column
//	Cell(i int) []byte
//
// as source.Row does. Cells of such rows are written as they are, into columns of the same type and no others; they are
// asked for each time that the row is sent.
//
// A nil field or cell leaves its column as it is, and an sql.Null that is not valid is written as null, which deletes and
// leaves a tombstone; see [Mutation.Nulls].
type Mutation[T any] struct {
	session *cql.Session
	spec
	bind      func(T) []any // of Exec; nil: by name
	ttl       func(T) time.Duration
	timestamp func(T) int64
	began     time.Time // the copy; zero: with the write

	window      int // 0: adapts
	rates       rates
	batch       int // the most rows in one
	consistency cql.Consistency
	timeout     time.Duration
	retry       operators.Backoff

	dead      rx.Sink[operators.Failure[T]]
	tolerance Tolerance
	refused   func(context.Context, T, *NotAppliedError) error
}

// spec is what decides the statement of a mutation, beside T and the schema.
type spec struct {
	verb    verb
	table   string           // of all but Exec
	text    string           // of Exec
	change  map[string]delta // of columns that Update does not overwrite
	ifHolds bool             // IF EXISTS or IF NOT EXISTS
	repeats bool             // said to be idempotent
	nulls   bool             // nil is null
	expires bool             // there is a function for TTLs
	stamped bool             // there is a function for timestamps
	replays bool             // rows have the timestamps of their dead letters
}

// verb is what a mutation does.
type verb uint8

const (
	insert verb = iota
	update
	remove
	execute
)

// delta is how an Update changes a column.
type delta uint8

const (
	overwrite delta = iota
	appendTo
	prependTo
	removeFrom
)

// The bounds of a batch of rows of one partition: what dsbulk and Spark's connector take, and far from the 16 MiB of a
// frame that Cassandra has for an upper bound.
const (
	mostInBatch  = 100
	bytesInBatch = 64 << 10
)

const defaultAttempts = 12

// IfNotExists has Insert write only rows that are not there, and IfExists has Update and Delete write only rows that
// are, by a lightweight transaction for each. A row that is refused is an answer, not a failure: it is counted as
// NotApplied; see [Mutation.NotApplied]. Such rows are not batched, have no TIMESTAMP, and are not sent again where
// they may have been applied: that is told as class CASUnknown, or that of the lost reply. It panics for Exec, whose
// statement says itself what it is.
func (m Mutation[T]) IfNotExists() Mutation[T] {
	if m.verb != insert {
		panic("sink: IfNotExists is for Insert")
	}
	m.ifHolds = true
	return m
}

// IfExists is [Mutation.IfNotExists] for Update and Delete.
func (m Mutation[T]) IfExists() Mutation[T] {
	if m.verb != update && m.verb != remove {
		panic("sink: IfExists is for Update and Delete")
	}
	m.ifHolds = true
	return m
}

// NotApplied has f called with each row that was refused because its condition did not hold, and with what stood against
// it. f may be called by several goroutines at once; the row's request has its place in the window until f returns. An
// error of f ends the write with it. A write panics that has an f, and no condition.
func (m Mutation[T]) NotApplied(f func(context.Context, T, *NotAppliedError) error) Mutation[T] {
	m.refused = f
	return m
}

// Idempotent says that it does no harm to send the statement of Exec, or a conditional one, twice, so that it is sent
// again also where it may have been applied. Insert, Update and Delete know by themselves: they are, unless they count,
// append to a list or have a condition. Of those that count or append it cannot be said: they are refused.
func (m Mutation[T]) Idempotent() Mutation[T] {
	m.repeats = true
	return m
}

// Append has Update add the values of these columns to what is there, at the end of lists; others overwrite what is
// there, collections as a whole. Appending to a list is not idempotent. Columns are named as in T. It panics if this is no
// Update. To append to a file is [Append].
func (m Mutation[T]) Append(columns ...string) Mutation[T] { return m.by(appendTo, "Append", columns) }

// Prepend is [Mutation.Append] at the front of lists.
func (m Mutation[T]) Prepend(columns ...string) Mutation[T] {
	return m.by(prependTo, "Prepend", columns)
}

// Remove has Update take the values of these columns out of the lists, sets and maps that are there; of maps the values
// are keys, as a set.
func (m Mutation[T]) Remove(columns ...string) Mutation[T] {
	return m.by(removeFrom, "Remove", columns)
}

func (m Mutation[T]) by(d delta, name string, columns []string) Mutation[T] {
	if m.verb != update {
		panic("sink: " + name + " is for Update")
	}
	change := make(map[string]delta)
	maps.Copy(change, m.change)
	for _, c := range columns {
		change[c] = d
	}
	m.change = change
	return m
}

// TTL gives each row a time to live, in whole seconds, a part of one counting as one. 0 leaves it to the table: where that
// has a default_time_to_live, such a row expires all the same. It panics for Delete and Exec.
func (m Mutation[T]) TTL(f func(T) time.Duration) Mutation[T] {
	if m.verb == remove || m.verb == execute {
		panic("sink: TTL is for Insert and Update; a statement of Exec has its own USING TTL")
	}
	m.ttl, m.expires = f, f != nil
	return m
}

// Timestamp gives each row its timestamp, in µs since 1970; 0 leaves it to the session. Of several rows with one key then
// the one with the latest timestamp wins, wherever it stands in the stream, and what was written later than that stays as
// it is. It panics for Exec.
//
// Rows that have the columns writetime(c) or maxwritetime(c), and ttl(c), beside a column c, as scans give them, need
// neither this nor TTL: each column is written with its own, which for the columns without takes one statement for each
// different pair in the row. So a copy has the times of the original, and never hides what is newer. Elements of a
// collection get the latest time of all. CQL does not tell the time of a row that has nothing but its key, or only nulls
// beside it: without a function it is written with the time when the write began, so that what was deleted in the target
// since then stays so; an older deletion is undone. See [Mutation.Since].
//
// Lists that are not frozen are better left without times: overwritten twice with the same timestamp, as after a lost reply
// or by a job that is resumed, they have their elements twice in Cassandra. So with timestamps of one's own they are not
// sent again, and refused inside of such jobs.
func (m Mutation[T]) Timestamp(f func(T) int64) Mutation[T] {
	if m.verb == execute {
		panic("sink: Timestamp is not for Exec; its statement has its own USING TIMESTAMP")
	}
	m.timestamp, m.stamped = f, f != nil
	return m
}

// Since says when a copy began that keeps times, for rows that tell none; see [Mutation.Timestamp]. The default is when the
// write begins. A job that is resumed keeps when it began first, so that what was deleted in the target since then stays
// so. It panics if this is no Insert.
func (m Mutation[T]) Since(t time.Time) Mutation[T] {
	if m.verb != insert {
		panic("sink: Since is for Insert")
	}
	m.began = t
	return m
}

// Nulls writes nil fields and cells as null: they delete what is there, and leave a tombstone each. Without it they leave
// their columns as they are. It panics for Delete, which writes no values.
func (m Mutation[T]) Nulls() Mutation[T] {
	if m.verb == remove {
		panic("sink: Nulls is not for Delete, which writes no values")
	}
	m.nulls = true
	return m
}

// Window fixes how many requests may be under way at once, in all. By default it begins with 16 for each node of the
// cluster and adapts, up to 128 for each: it grows while requests have to wait, and shrinks when the servers refuse or
// slow down. It panics if n is not positive.
func (m Mutation[T]) Window(n int) Mutation[T] {
	if n <= 0 {
		panic("sink: Window must be positive")
	}
	m.window = n
	return m
}

// Throttle lets at most as many rows a second be sent as l allows, and ThrottleBytes as many bytes of values, encoded. The
// limiters may be shared by writes, which then share their rates, and changed while they run: a limit of 0 is a pause.
// It panics if l is nil.
func (m Mutation[T]) Throttle(l *rate.Limiter) Mutation[T] {
	if l == nil {
		panic("sink: Throttle with a nil limiter; make one with rate.NewLimiter")
	}
	m.rates.rows = l
	return m
}

// ThrottleBytes is [Mutation.Throttle] for bytes.
func (m Mutation[T]) ThrottleBytes(l *rate.Limiter) Mutation[T] {
	if l == nil {
		panic("sink: ThrottleBytes with a nil limiter; make one with rate.NewLimiter")
	}
	m.rates.bytes = l
	return m
}

// Batch sets how many rows of one partition may be sent as one request; the default is 100, and never more than 64 KiB
// unless one row has more. No row waits for others: those go together that are waiting for their turn anyway. It panics
// if n is not between 1 and 1,000; 1 is for no batches. It panics for Exec, whose statements are sent one by one.
func (m Mutation[T]) Batch(n int) Mutation[T] {
	if m.verb == execute {
		panic("sink: Batch is for Insert, Update and Delete; statements of Exec are sent one by one")
	}
	if n < 1 || n > 1000 {
		panic(fmt.Sprintf("sink: Batch(%d): between 1 and 1,000 rows", n))
	}
	m.batch = n
	return m
}

// Consistency sets the consistency level; the default is the session's; see [cql.Connect].
func (m Mutation[T]) Consistency(c cql.Consistency) Mutation[T] {
	m.consistency = c
	return m
}

// Timeout bounds one attempt of one request; the default is the session's. It panics if d is not positive.
func (m Mutation[T]) Timeout(d time.Duration) Mutation[T] {
	if d <= 0 {
		panic("sink: Timeout must be positive")
	}
	m.timeout = d
	return m
}

// Retry sets how often and with what waits a request is sent. The default, also for Attempts of 0, is up to 11 retries,
// with waits of up to 100 ms doubling to 10 s and full jitter: half a minute or so, in which a node may restart. What may
// be sent again is said by [cql.Class.Retryable]. A Budget in b counts each row as a request.
func (m Mutation[T]) Retry(b operators.Backoff) Mutation[T] {
	if b.Attempts == 0 {
		b.Attempts = defaultAttempts
	}
	m.retry = b
	return m
}

// DeadLetters sends the rows that finally fail to a sink, with a [*WriteError] each, and goes on with the others, up to a
// tolerance: see [Tolerance]. The sink is run once for each Write or Work of the mutation, also if nothing fails, and has
// ended before that returns. It takes the letters of all streams that are written in a Work, one at a time; rows that wait
// for it keep their places in the window. If it fails, all of these writes do.
//
// When [Writer.Write] returns nil, so that its rows may be acknowledged, the sink has taken its letters. What a sink only
// holds until its end, as [File] does, is lost with the process all the same: [DeadLetterFile] has them on disk.
func (m Mutation[T]) DeadLetters(to rx.Sink[operators.Failure[T]], t Tolerance) Mutation[T] {
	m.dead, m.tolerance = to, t.check()
	return m
}
