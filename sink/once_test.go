package sink_test

import (
	"context"
	"fmt"
	"maps"
	"math/bits"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/internal/virtualtime"
	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

const onceRows = 60

// once is a way to write rows, numbered from 0, that do harm if they are written twice.
type once struct {
	write   func(t *testing.T, session *cql.Session, window int) (sink.Report, map[int]*sink.WriteError)
	sent    func(values []any) (row int)                             // of the values that a request has for a row
	applied func(t *testing.T, session *cql.Session) (n map[int]int) // how often each row was
}

// writeOnce makes the write of such rows, which tells the failures of those that are dead.
func writeOnce[T any](of func(*cql.Session) sink.Mutation[T], row func(i int) T) func(*testing.T, *cql.Session, int) (sink.Report, map[int]*sink.WriteError) {
	return func(t *testing.T, session *cql.Session, window int) (sink.Report, map[int]*sink.WriteError) {
		dead := map[int]*sink.WriteError{}
		bury := func(ctx context.Context, src rx.Observable[operators.Failure[T]]) error {
			return src.ForEach(ctx, func(f operators.Failure[T]) error {
				failed := f.Err.(*sink.WriteError)
				require.NotContains(t, dead, int(failed.Row), "a row is dead twice")
				dead[int(failed.Row)] = failed
				return nil
			})
		}
		retry := operators.Backoff{Attempts: 50, Base: 100 * time.Millisecond, Max: time.Second} // while there is no connection
		report, err := of(session).Window(window).Timeout(time.Second).Retry(retry).
			DeadLetters(bury, sink.Tolerance{Rows: -1}).Write(t.Context(), operators.Map(rx.Range(0, onceRows), row))
		require.NoError(t, err)
		return report, dead
	}
}

// tagged is a row of one of five lists, to which each has a tag to add.
type tagged struct {
	K    int
	Tags []string
}

func tag(i int) tagged { return tagged{i % 5, []string{strconv.Itoa(i)}} }

func sentTag(values []any) int {
	i, _ := strconv.Atoi(values[0].([]string)[0])
	return i
}

func appliedTags(t *testing.T, session *cql.Session) map[int]int {
	n := map[int]int{}
	lists, err := source.Query[[]string](session, "SELECT tags FROM shop.tagged").Rows().Collect(t.Context())
	require.NoError(t, err)
	for _, list := range lists {
		for _, tag := range list {
			i, err := strconv.Atoi(tag)
			require.NoError(t, err)
			n[i]++
		}
	}
	return n
}

// Each of the hits of five pages is a power of four, so that the digits of a counter to the base of four tell how often
// each was added to it.
func powerHit(i int) hit { return hit{fmt.Sprint(i % 5), 1 << (2 * (i / 5))} }

func sentHit(values []any) int {
	page, _ := strconv.Atoi(values[1].(string))
	return bits.TrailingZeros64(uint64(values[0].(int64)))/2*5 + page
}

func appliedHits(t *testing.T, session *cql.Session) map[int]int {
	n := map[int]int{}
	hits, err := source.Query[hit](session, "SELECT page, n FROM shop.hits").Rows().Collect(t.Context())
	require.NoError(t, err)
	for _, h := range hits {
		page, err := strconv.Atoi(h.Page)
		require.NoError(t, err)
		for at := page; h.N > 0; at, h.N = at+5, h.N/4 {
			n[at] = int(h.N % 4)
		}
	}
	return n
}

func appliedItems(t *testing.T, session *cql.Session) map[int]int {
	n := map[int]int{}
	for k := range stored(t, session) {
		n[k]++
	}
	return n
}

var onces = map[string]once{
	"counters": {
		writeOnce(func(s *cql.Session) sink.Mutation[hit] { return sink.Update[hit](s, "shop.hits") }, powerHit), sentHit, appliedHits,
	},
	"appends to a list": {
		writeOnce(func(s *cql.Session) sink.Mutation[tagged] {
			return sink.Update[tagged](s, "shop.tagged").Append("tags")
		}, tag), sentTag, appliedTags,
	},
	"conditions": {
		writeOnce(func(s *cql.Session) sink.Mutation[item] { return sink.Insert[item](s, "shop.items").IfNotExists() }, func(i int) item { return item{i, i} }),
		func(values []any) int { return values[0].(int) }, appliedItems,
	},
	"statements": {
		writeOnce(func(s *cql.Session) sink.Mutation[tagged] {
			return sink.Exec(s, "UPDATE shop.tagged SET tags = tags + ? WHERE k = ?", func(r tagged) []any { return []any{r.Tags, r.K} })
		}, tag), sentTag, appliedTags,
	},
}

// requireOnce writes while these faults happen, and gives how many rows are dead. What is not idempotent is sent once,
// counted by the values that requests have, but for requests that were refused as not applied. A row that is not dead was
// applied once, and one that is dead was not, unless it says that it may have been.
func (o once) requireOnce(t *testing.T, window int, faults []cqltest.Fault) (dead int) {
	server, session := serveInBubble(t)
	server.MustExec(createHits)
	server.MustExec("CREATE TABLE shop.tagged (k int PRIMARY KEY, tags list<text>)")
	var refused sync.Map // requests, by number
	for i := range faults {
		f := &faults[i]
		f.Match = func(q cqltest.Request) bool { return cqltest.User(q) && !q.IsSelect() }
		if fmt.Sprint(f.Err) == fmt.Sprint(cqltest.Unavailable(1, 0)) {
			f.Before = func(q cqltest.Request) { refused.Store(q.Seq, true) }
		}
	}
	calm := inject(server, faults)
	report, failed := o.write(t, session, window)
	calm()
	require.EqualValues(t, onceRows, report.Written+report.Dead)
	require.Len(t, failed, int(report.Dead))
	time.Sleep(time.Minute) // what is late has come
	sent := map[int]int{}
	for _, q := range writes(server) {
		if _, ok := refused.Load(q.Seq); !ok {
			for _, values := range rowsOf(q) {
				sent[o.sent(values)]++
			}
		}
	}
	applied := o.applied(t, session)
	for i := range onceRows {
		why, died := failed[i]
		require.LessOrEqual(t, sent[i], 1, "row %d was sent more than once", i)
		require.LessOrEqual(t, applied[i], sent[i], "row %d", i)
		require.True(t, died || applied[i] == 1, "row %d is lost", i)
		require.True(t, !died || applied[i] == 0 || why.Maybe, "row %d is there and dead: %v", i, why)
	}
	return len(failed)
}

// onceFaults are errors, lost answers and dropped connections, before and after a statement was applied.
var onceFaults = []cqltest.Fault{
	{Err: cqltest.WriteTimeout("SIMPLE", 0, 1)}, {Err: cqltest.WriteTimeout("UNLOGGED_BATCH", 0, 1), ApplyThenErr: true},
	{Err: cqltest.WriteTimeout("COUNTER", 0, 1), ApplyThenErr: true}, {Err: cqltest.WriteTimeout("CAS", 0, 1), ApplyThenErr: true},
	{Err: cqltest.Overloaded("x")}, {Err: cqltest.ServerError("x"), ApplyThenErr: true}, {Lose: true}, {Drop: true}, {ApplyThenDrop: true},
	{Err: cqltest.Unavailable(1, 0)}, {Delay: 700 * time.Millisecond}, {Delay: 2 * time.Second},
}

// TestWhatIsNotIdempotentIsNeverSentTwice, also when it was applied and the answer was lost.
func TestWhatIsNotIdempotentIsNeverSentTwice(t *testing.T) {
	for name, kind := range onces {
		t.Run(name, func(t *testing.T) {
			virtualtime.Test(t, func(t *testing.T) {
				faults := slices.Clone(onceFaults)
				for i := range faults {
					faults[i].After, faults[i].Times = 2*i, 1
				}
				require.GreaterOrEqual(t, kind.requireOnce(t, 4, faults), 9, "each of the first faults, at least")
			})
		})
	}
}

// TestWhateverFailsNothingIsAddedTwice has them happen at random.
func TestWhateverFailsNothingIsAddedTwice(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		kind := onces[rapid.SampledFrom(slices.Sorted(maps.Keys(onces))).Draw(r, "kind")]
		var faults []cqltest.Fault
		for range rapid.IntRange(0, 8).Draw(r, "faults") {
			f := rapid.SampledFrom(onceFaults).Draw(r, "fault")
			f.After, f.Times = rapid.IntRange(0, onceRows).Draw(r, "after"), rapid.IntRange(1, 12).Draw(r, "times")
			faults = append(faults, f)
		}
		window := rapid.SampledFrom([]int{1, 4, 16}).Draw(r, "window")
		virtualtime.Test(t, func(t *testing.T) { kind.requireOnce(t, window, faults) })
	})
}
