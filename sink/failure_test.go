package sink_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/checkpoint"
	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/internal/resumable"
	"github.com/rxcql/rxcql/internal/virtualtime"
	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

// letters keeps what becomes of dead letters.
type letters[T any] struct {
	mu   sync.Mutex
	kept []operators.Failure[T]
}

func (l *letters[T]) sink(ctx context.Context, src rx.Observable[operators.Failure[T]]) error {
	return src.ForEach(ctx, func(f operators.Failure[T]) error {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.kept = append(l.kept, f)
		return nil
	})
}

// inject has all of these faults happen, until the function that it returns is called.
func inject(server *cqltest.Server, faults []cqltest.Fault) func() {
	var injected []*cqltest.Injected
	for _, f := range faults {
		injected = append(injected, server.Inject(f))
	}
	return func() {
		for _, i := range injected {
			i.Remove()
		}
	}
}

// has matches a request, of one row or several, that has a row with this value in this place.
func has(place int, value any) func(cqltest.Request) bool {
	return func(r cqltest.Request) bool {
		if !cqltest.User(r) || r.IsSelect() {
			return false
		}
		for _, row := range rowsOf(r) {
			if place < len(row) && row[place] == value {
				return true
			}
		}
		return false
	}
}

// TestOfABatchOnlyTheBadRowsDie, whether the server refuses it or fails each time.
func TestOfABatchOnlyTheBadRowsDie(t *testing.T) {
	for name, c := range map[string]struct {
		err     error
		class   cql.Class
		retried bool
	}{
		"refused": {cqltest.Invalid("Batch too large"), cql.Invalid, false},
		"failed":  {cqltest.WriteFailure("UNLOGGED_BATCH", 0, 1, 1), cql.WriteFailure, true},
	} {
		t.Run(name, func(t *testing.T) {
			virtualtime.Test(t, func(t *testing.T) {
				server, session := serveInBubble(t)
				server.MustExec(createEntries)
				server.Inject(cqltest.Fault{Match: has(1, 77), Err: c.err})
				server.Inject(cqltest.Fault{Match: has(1, 33), Err: c.err})
				dead := &letters[entry]{}
				report, err := sink.Insert[entry](session, "shop.events").Window(1).DeadLetters(dead.sink, sink.Tolerance{}).
					Write(t.Context(), entries(200, 1))
				require.NoError(t, err)
				require.EqualValues(t, 198, report.Written)
				require.EqualValues(t, 2, report.Dead)
				require.Equal(t, c.retried, report.Retried > 0)
				require.Equal(t, 198, count(t, session, "shop.events"))
				require.Equal(t, 2, len(dead.kept))
				for _, f := range dead.kept {
					require.Contains(t, []int{33, 77}, f.Item.C)
					var failed *sink.WriteError
					require.ErrorAs(t, f.Err, &failed)
					require.Equal(t, c.class, failed.Class)
					require.EqualValues(t, f.Item.C, failed.Row)
					require.Equal(t, failed.Attempts, f.Attempts)
				}
			})
		})
	}
}

func TestMalformedRowsAreDeadLettersToo(t *testing.T) {
	_, session := serve(t)
	type large struct{ K, V int64 }
	dead := &letters[large]{}
	src := operators.Map(rx.Range(0, 10), func(i int) large { return large{int64(i), int64(i) << 30} })
	report, err := sink.Insert[large](session, "shop.items").DeadLetters(dead.sink, sink.Tolerance{Rows: -1}).Write(t.Context(), src)
	require.NoError(t, err)
	require.EqualValues(t, 2, report.Written, "0 and 1 << 30")
	require.EqualValues(t, 8, report.Dead)
	for i, f := range dead.kept {
		require.ErrorIs(t, f.Err, cql.Malformed)
		require.EqualValues(t, i+2, f.Item.K)
		require.Zero(t, f.Attempts)
	}
}

func TestAWriteEndsWhenTooManyRowsAreRefused(t *testing.T) {
	server, session := serve(t)
	server.Inject(cqltest.Fault{Err: cqltest.Invalid("no")})
	dead := &letters[item]{}
	report, err := sink.Insert[item](session, "shop.items").DeadLetters(dead.sink, sink.Tolerance{}).Write(t.Context(), items(20_000))
	require.ErrorIs(t, err, sink.ErrTooManyDead)
	require.ErrorIs(t, err, cql.Invalid)
	require.Greater(t, report.Dead, int64(100))
	require.EqualValues(t, report.Dead, len(dead.kept))
}

// TestEveryRowOfSharedRequestsIsWrittenOrDead, whatever fails, and in whatever way: the report says how many, and the
// letters which.
func TestEveryRowOfSharedRequestsIsWrittenOrDead(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var faults []cqltest.Fault
		for range rapid.IntRange(0, 8).Draw(r, "faults") {
			f := rapid.SampledFrom([]cqltest.Fault{
				{Err: cqltest.WriteTimeout("UNLOGGED_BATCH", 0, 1)}, {Err: cqltest.WriteTimeout("SIMPLE", 0, 1), ApplyThenErr: true},
				{Err: cqltest.Overloaded("x")}, {Err: cqltest.Unavailable(1, 0)}, {Err: cqltest.Invalid("x")}, {Err: cqltest.ServerError("x")},
				{Err: cqltest.Unauthorized("x")}, {Lose: true}, {Drop: true}, {ApplyThenDrop: true}, {Delay: 700 * time.Millisecond}, {Delay: 2 * time.Second},
			}).Draw(r, "fault")
			f.After, f.Times = rapid.IntRange(0, 60).Draw(r, "after"), rapid.IntRange(1, 12).Draw(r, "times")
			faults = append(faults, f)
		}
		partitions := rapid.IntRange(1, 10).Draw(r, "partitions")
		window := rapid.SampledFrom([]int{1, 4, 16}).Draw(r, "window")
		virtualtime.Test(t, func(t *testing.T) {
			server, session := serveInBubble(t)
			server.MustExec(createEntries)
			calm := inject(server, faults)
			dead := &letters[entry]{}
			retry := operators.Backoff{Attempts: 3, Base: time.Millisecond}
			report, err := sink.Insert[entry](session, "shop.events").Window(window).Timeout(time.Second).Retry(retry).
				DeadLetters(dead.sink, sink.Tolerance{Rows: -1}).Write(t.Context(), entries(400, partitions))
			require.NoError(t, err)
			calm()
			require.EqualValues(t, 400, report.Written+report.Dead)
			require.EqualValues(t, report.Dead, len(dead.kept))
			there := map[entry]bool{}
			rows, err := source.Query[entry](session, "SELECT p, c, v FROM shop.events").Rows().Collect(t.Context())
			require.NoError(t, err)
			for _, row := range rows {
				there[row] = true
			}
			lost := map[entry]bool{}
			for _, f := range dead.kept {
				require.False(t, lost[f.Item], "a row is dead twice")
				lost[f.Item] = true
			}
			require.NoError(t, entries(400, partitions).ForEach(t.Context(), func(e entry) error {
				if !there[e] && !lost[e] {
					return fmt.Errorf("%v is lost", e)
				}
				return nil
			}))
		})
	})
}

type hit struct {
	Page string
	N    int64
}

const createHits = "CREATE TABLE shop.hits (page text PRIMARY KEY, n counter)"

func TestWhatWasNeverSentIsSentAgainAlsoIfItIsNotIdempotent(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, session := serveInBubble(t)
		server.MustExec(createHits)
		server.Inject(cqltest.Fault{Err: cqltest.Unavailable(1, 0), Times: 3})
		report, err := sink.Update[hit](session, "shop.hits").Write(t.Context(), rx.From(hit{"a", 1}, hit{"a", 2}, hit{"b", 3}))
		require.NoError(t, err)
		require.EqualValues(t, 3, report.Written)
		require.EqualValues(t, 3, report.Retried)
		n, err := source.Query[int64](session, "SELECT n FROM shop.hits WHERE page = 'a'").Rows().First(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, 3, n)
	})
}

func TestTheOutcomeOfAConditionMayBeUnknown(t *testing.T) {
	server, session := serve(t)
	server.Inject(cqltest.Fault{Err: cqltest.WriteTimeout("CAS", 0, 1), ApplyThenErr: true})
	_, err := sink.Insert[item](session, "shop.items").IfNotExists().Write(t.Context(), items(1))
	require.ErrorIs(t, err, cql.CASUnknown)
	require.ErrorContains(t, err, "read the row back at SERIAL")
}

func TestWritesThatMustNotBeRepeatedInAResumableJob(t *testing.T) {
	server, session := serve(t)
	server.MustExec(createHits)
	server.MustExec("CREATE TABLE shop.tagged (k int PRIMARY KEY, tags list<text>, names set<text>)")
	type tagged struct {
		K           int
		Tags, Names []string
	}
	server.MustExec("UPDATE shop.hits SET n = n + 1 WHERE page = 'a'")
	job := resumable.Mark(t.Context())
	update := "UPDATE shop.items SET v = ? WHERE k = ?"
	args := func(i item) []any { return []any{i.V, i.K} }
	none := func(_ sink.Report, err error) error { return err }
	for _, err := range []error{
		none(sink.Update[hit](session, "shop.hits").Write(job, rx.From(hit{"a", 1}))),
		none(sink.Update[tagged](session, "shop.tagged").Append("tags").Write(job, rx.From(tagged{1, []string{"a"}, nil}))),
		none(sink.Insert[item](session, "shop.items").IfNotExists().Write(job, items(1))),
		none(sink.Exec(session, update, args).Write(job, items(1))),
		none(sink.Update[source.Row](session, "shop.hits").Write(job, source.Query[source.Row](session, "SELECT * FROM shop.hits").Rows())),
	} {
		require.ErrorIs(t, err, sink.ErrNotIdempotent)
	}
	require.Empty(t, writes(server))
	for _, err := range []error{
		none(sink.Update[tagged](session, "shop.tagged").Append("names").Write(job, rx.From(tagged{1, nil, []string{"a"}}))),
		none(sink.Exec(session, update, args).Idempotent().Write(job, items(1))),
		none(sink.Insert[item](session, "shop.items").IfNotExists().Idempotent().Write(job, items(1))),
		none(sink.Insert[item](session, "shop.items").Write(job, items(1))),
	} {
		require.NoError(t, err)
	}

	server.MustExec("INSERT INTO shop.items (k, v) VALUES (1, 1)")
	store, err := checkpoint.File(t.TempDir() + "/scan")
	require.NoError(t, err)
	defer store.Close()
	scan := source.Table[item](session, "shop.items").Resume(store)
	err = scan.Each(t.Context(), 1, func(ctx context.Context, page source.TablePage[item]) error {
		_, err := sink.Exec(session, update, args).Write(ctx, rx.From(page.Rows...))
		return err
	})
	require.ErrorIs(t, err, sink.ErrNotIdempotent)
}

// TestATableMadeAnewWhileItIsWritten: rows that were encoded for the types of before are encoded anew, and none is lost.
func TestATableMadeAnewWhileItIsWritten(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		type loose struct {
			P, C int
			V    any
		}
		server, session := serveInBubble(t)
		server.MustExec("CREATE TABLE shop.events (p int, c int, v int, PRIMARY KEY (p, c))")
		src := operators.Map(rx.Range(0, 300), func(i int) loose { return loose{i % 3, i, 1.5} })
		gate := make(chan struct{})
		dead := &letters[loose]{}
		go func() {
			time.Sleep(time.Second)
			server.MustExec("DROP TABLE shop.events")
			server.MustExec("CREATE TABLE shop.events (p int, c int, v double, PRIMARY KEY (p, c))")
			close(gate)
		}()
		before := operators.Map(rx.Range(0, 300), func(i int) loose { return loose{i % 3, i, i} })
		after := func(ctx context.Context, yield func(loose) bool) error {
			<-gate
			return src(ctx, yield)
		}
		// The later rows fit the new type only, so those are taken that were encoded by the old plan, which refuses them.
		report, err := sink.Insert[loose](session, "shop.events").Window(2).DeadLetters(dead.sink, sink.Tolerance{Rows: -1}).
			Write(t.Context(), operators.Concat(before, after))
		require.NoError(t, err)
		require.EqualValues(t, 600, report.Written+report.Dead)
		require.Zero(t, report.Dead, "%v", dead.kept)
	})
}

// All that is under way when a node restarts fails at once, and again until it is back.
func TestAShortOutageCostsNoRow(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, session := serveInBubble(t)
		server.MustExec(createEntries)
		begin := time.Now()
		fault := server.Inject(cqltest.Fault{Err: cqltest.Overloaded("starting"), Match: func(r cqltest.Request) bool {
			return cqltest.User(r) && !r.IsSelect() && time.Since(begin) < time.Second
		}})
		dead := &letters[entry]{}
		report, err := sink.Insert[entry](session, "shop.events").DeadLetters(dead.sink, sink.Tolerance{}).Write(t.Context(), entries(3000, 20))
		require.NoError(t, err)
		require.EqualValues(t, 3000, report.Written)
		require.Zero(t, report.Dead)
		require.Positive(t, fault.Hits())
	})
}
