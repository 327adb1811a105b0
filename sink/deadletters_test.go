package sink_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

// Whatever fails, a row is written or among the dead letters; in both it is only if its outcome is not known. What is in
// the file can be written, and then all is there.
func TestEveryRowIsWrittenOrDead(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		server, session := serve(t)
		defer server.Close()
		defer session.Close()
		rows := rapid.IntRange(1, 300).Draw(r, "rows")
		var faults []*cqltest.Injected
		for range rapid.IntRange(0, 6).Draw(r, "faults") {
			f := rapid.SampledFrom([]cqltest.Fault{
				{Err: cqltest.WriteTimeout("SIMPLE", 0, 1)}, {Err: cqltest.WriteTimeout("UNLOGGED_BATCH", 0, 1), ApplyThenErr: true},
				{Err: cqltest.Overloaded("x")}, {Err: cqltest.Unavailable(1, 0)}, {Lose: true}, {Drop: true}, {ApplyThenDrop: true},
				{Err: cqltest.Invalid("x")}, {Err: cqltest.ServerError("x"), ApplyThenErr: true},
			}).Draw(r, "fault")
			f.After, f.Times = rapid.IntRange(0, rows).Draw(r, "after"), rapid.IntRange(1, 20).Draw(r, "times")
			if rapid.Bool().Draw(r, "for some keys") {
				n := rapid.IntRange(2, 10).Draw(r, "every")
				f.Match = func(q cqltest.Request) bool {
					if !cqltest.User(q) || q.IsSelect() || len(q.Values) == 0 {
						return false
					}
					k, ok := q.Values[0].(int)
					return ok && k%n == 0
				}
			}
			faults = append(faults, server.Inject(f))
		}
		path := filepath.Join(t.TempDir(), "dead.jsonl")
		insert := sink.Insert[item](session, "shop.items").Window(rapid.IntRange(1, 16).Draw(r, "window")).
			Timeout(50*time.Millisecond).
			Retry(operators.Backoff{Attempts: rapid.IntRange(1, 3).Draw(r, "attempts"), Base: time.Microsecond, Max: time.Millisecond}).
			DeadLetters(sink.DeadLetterFile[item](path), sink.Tolerance{Rows: -1})
		report, err := insert.Write(context.Background(), items(rows))
		require.NoError(r, err)
		require.EqualValues(r, rows, report.Written+report.Dead)

		for _, f := range faults {
			f.Remove() // what did not come to pass
		}
		there := stored(t, session)
		dead := map[int]*source.DeadLetter{}
		if report.Dead > 0 {
			require.NoError(r, source.DeadLetters[item](path).Letters().ForEach(t.Context(), func(f operators.Failure[item]) error {
				require.NotContains(r, dead, f.Item.K)
				dead[f.Item.K] = f.Err.(*source.DeadLetter)
				return nil
			}))
		}
		require.Len(r, dead, int(report.Dead))
		for k := range rows {
			_, written := there[k]
			failure, died := dead[k]
			require.True(r, written || died, "row %d is lost", k)
			require.True(r, !written || !died || failure.Maybe, "row %d is there and dead: %v", k, failure)
		}

		if report.Dead > 0 {
			_, err = sink.Insert[item](session, "shop.items").Replay(context.Background(), source.DeadLetters[item](path).Letters())
			require.NoError(r, err)
			require.Len(r, stored(t, session), rows)
		}
	})
}

func TestADeadLetterHasTheRowsPlaceAndClass(t *testing.T) {
	server, session := serve(t)
	server.Inject(cqltest.Fault{Match: row(7), Err: cqltest.Invalid("oops")})
	var dead []operators.Failure[item]
	report, err := sink.Insert[item](session, "shop.items").DeadLetters(sink.Slice(&dead), sink.Tolerance{}).Write(t.Context(), items(20))
	require.NoError(t, err)
	require.EqualValues(t, 19, report.Written)
	require.EqualValues(t, 1, report.Dead)
	require.Len(t, dead, 1)
	require.Equal(t, item{7, 7}, dead[0].Item)
	var failed *sink.WriteError
	require.ErrorAs(t, dead[0].Err, &failed)
	require.EqualValues(t, 7, failed.Row)
	require.Equal(t, cql.Invalid, failed.Class)
	require.Equal(t, "shop.items", failed.Table)
	require.Equal(t, failed.Attempts, dead[0].Attempts)
}

// A row that cannot even be encoded is told apart from one that the servers did not take.
func TestMalformedRowsAreToldApart(t *testing.T) {
	server, session := serve(t)
	server.MustExec("CREATE TABLE shop.loose (k int PRIMARY KEY, v int)")
	type loose struct {
		K int
		V any
	}
	server.Inject(cqltest.Fault{Match: row(2), Err: cqltest.Overloaded("busy")})
	path := filepath.Join(t.TempDir(), "dead.jsonl")
	report, err := sink.Insert[loose](session, "shop.loose").Retry(operators.Backoff{Attempts: 1}).
		DeadLetters(sink.DeadLetterFile[loose](path), sink.Tolerance{}).
		Write(t.Context(), rx.From(loose{1, 1}, loose{2, 2}, loose{3, "three"}, loose{4, 4}))
	require.NoError(t, err)
	require.EqualValues(t, 2, report.Dead)
	malformed := map[any]bool{}
	require.NoError(t, source.DeadLetters[loose](path).Letters().ForEach(t.Context(), func(f operators.Failure[loose]) error {
		malformed[f.Item.V] = f.Err.(*source.DeadLetter).Malformed
		return nil
	}))
	require.Equal(t, map[any]bool{2: false, "three": true}, malformed)
}

func TestTooManyDeadLettersStopTheWrite(t *testing.T) {
	server, session := serve(t)
	server.Inject(cqltest.Fault{Err: cqltest.Invalid("oops")})
	path := filepath.Join(t.TempDir(), "dead.jsonl")
	report, err := sink.Insert[item](session, "shop.items").DeadLetters(sink.DeadLetterFile[item](path), sink.Tolerance{}).
		Write(t.Context(), items(100_000))
	require.ErrorIs(t, err, sink.ErrTooManyDead)
	require.ErrorIs(t, err, cql.Invalid)
	require.ErrorContains(t, err, "rows; the last: shop.items: row ")
	require.Zero(t, report.Written)
	require.Greater(t, report.Dead, int64(100))
	letters, err := source.DeadLetters[item](path).Letters().Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, letters, int(report.Dead))
}

func TestAWriteStopsIfItsDeadLettersCannotBeKept(t *testing.T) {
	server, session := serve(t)
	server.Inject(cqltest.Fault{Match: row(7), Err: cqltest.Invalid("oops")})
	path := filepath.Join(t.TempDir(), "gone", "dead.jsonl")
	_, err := sink.Insert[item](session, "shop.items").DeadLetters(sink.DeadLetterFile[item](path), sink.Tolerance{}).
		Write(t.Context(), operators.Concat(items(1000), rx.Never[item]()))
	require.ErrorIs(t, err, os.ErrNotExist)
}

// All streams of a Work share one run of the sink of its dead letters: a file is not replaced, and a slice not appended to
// by several at once.
func TestDeadLettersOfAWorkGoToOneRunOfTheirSink(t *testing.T) {
	server, session := serve(t)
	server.Inject(cqltest.Fault{Err: cqltest.Invalid("oops"), Match: func(r cqltest.Request) bool {
		return cqltest.User(r) && !r.IsSelect() && len(r.Values) > 0 && r.Values[0].(int)%2 == 1
	}})
	path := filepath.Join(t.TempDir(), "dead.jsonl")
	file := sink.File(path, sink.JSONL[item]())
	runs := 0
	dead := func(ctx context.Context, src rx.Observable[operators.Failure[item]]) error {
		runs++
		return file.Sink()(ctx, operators.Map(src, func(f operators.Failure[item]) item { return f.Item }))
	}
	insert := sink.Insert[item](session, "shop.items").Batch(1).DeadLetters(dead, sink.Tolerance{Rows: -1})
	report, err := insert.Work(t.Context(), func(ctx context.Context, w *sink.Writer[item]) error {
		var all errgroup.Group
		for i := range 8 {
			all.Go(func() error {
				return w.Write(ctx, operators.Map(rx.Range(0, 50), func(k int) item { return item{50*i + k, i} }))
			})
		}
		return all.Wait()
	})
	require.NoError(t, err)
	require.Equal(t, 1, runs)
	require.EqualValues(t, 200, report.Dead)
	require.Equal(t, map[cql.Class]int64{cql.Invalid: 200}, report.DeadOf)
	kept, err := source.JSONL[item](source.File(path)).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, kept, 200)
}

// A page may be acknowledged when its Write has returned: then its letters are in the file, and not only at the end.
func TestDeadLettersAreInTheirFileWhenAWriteReturns(t *testing.T) {
	server, session := serve(t)
	server.Inject(cqltest.Fault{Err: cqltest.Invalid("oops")})
	path := filepath.Join(t.TempDir(), "dead.jsonl")
	insert := sink.Insert[item](session, "shop.items").Batch(1).DeadLetters(sink.DeadLetterFile[item](path), sink.Tolerance{})
	_, err := insert.Work(t.Context(), func(ctx context.Context, w *sink.Writer[item]) error {
		for n := range 5 {
			if err := w.Write(ctx, rx.From(item{2 * n, 0}, item{2*n + 1, 0})); err != nil {
				return err
			}
			letters, err := source.DeadLetters[item](path).Letters().Collect(ctx)
			if err != nil {
				return err
			}
			require.Len(t, letters, 2*n+2)
		}
		return nil
	})
	require.NoError(t, err)
}

// When the sink fails on a letter, the Write that it is of fails, so that nobody acknowledges its rows, and so does the
// Work.
func TestAWriteWhoseLetterIsNotKeptFails(t *testing.T) {
	server, session := serve(t)
	server.Inject(cqltest.Fault{Err: cqltest.Invalid("oops"), Match: row(7)})
	full := errors.New("the disk is full")
	dead := sink.ForEach(func(context.Context, operators.Failure[item]) error { return full })
	insert := sink.Insert[item](session, "shop.items").Batch(1).DeadLetters(dead, sink.Tolerance{})
	_, err := insert.Work(t.Context(), func(ctx context.Context, w *sink.Writer[item]) error {
		if err := w.Write(ctx, items(7)); err != nil {
			return err
		}
		require.ErrorIs(t, w.Write(ctx, rx.From(item{7, 7})), full)
		require.ErrorIs(t, w.Write(ctx, rx.From(item{8, 8})), full, "those that come later do, too")
		return nil
	})
	require.ErrorIs(t, err, full)
}

// The row that was refused was the older one of its key: written again, it does not become the last.
func TestAReplayKeepsTheOrderOfTheStream(t *testing.T) {
	server, session := serve(t)
	first := server.Inject(cqltest.Fault{Match: row(7), Err: cqltest.Invalid("oops"), Times: 1})
	path := filepath.Join(t.TempDir(), "dead.jsonl")
	insert := sink.Insert[item](session, "shop.items").Batch(1)
	_, err := insert.DeadLetters(sink.DeadLetterFile[item](path), sink.Tolerance{}).Write(t.Context(), rx.From(item{7, 1}, item{7, 2}))
	require.NoError(t, err)
	first.Remove()
	require.Equal(t, map[int]int{7: 2}, stored(t, session))
	report, err := insert.Replay(t.Context(), source.DeadLetters[item](path).Letters())
	require.NoError(t, err)
	require.EqualValues(t, 1, report.Written)
	require.Equal(t, map[int]int{7: 2}, stored(t, session))

	var kept []operators.Failure[item]
	server.Inject(cqltest.Fault{Match: row(8), Err: cqltest.Invalid("oops"), Times: 1})
	stamped := insert.Timestamp(func(item) int64 { return 1234 })
	_, err = stamped.DeadLetters(sink.Slice(&kept), sink.Tolerance{}).Write(t.Context(), rx.From(item{8, 8}))
	require.NoError(t, err)
	_, err = insert.Replay(t.Context(), rx.From(kept...))
	require.NoError(t, err)
	at, err := source.Query[int64](session, "SELECT writetime(v) FROM shop.items WHERE k = 8").Rows().First(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 1234, at, "its own")
}

// What fails again would come again each time, if it went to the file that is read.
func TestAReplayDoesNotGoToTheFileThatItReads(t *testing.T) {
	server, session := serve(t)
	server.Inject(cqltest.Fault{Err: cqltest.Invalid("oops"), Match: func(r cqltest.Request) bool {
		return cqltest.User(r) && !r.IsSelect() && slices.Contains(r.Values, any(7))
	}})
	path := filepath.Join(t.TempDir(), "dead.jsonl")
	insert := sink.Insert[item](session, "shop.items").Batch(1).DeadLetters(sink.DeadLetterFile[item](path), sink.Tolerance{Rows: -1})
	report, err := insert.Write(t.Context(), items(10))
	require.NoError(t, err)
	require.EqualValues(t, 1, report.Dead)
	before, err := os.ReadFile(path)
	require.NoError(t, err)

	letters := source.DeadLetters[item](path).Letters()
	_, err = insert.Replay(t.Context(), letters)
	require.ErrorContains(t, err, "cannot go to the file of the dead letters that is read")
	require.ErrorIs(t, err, cql.Invalid)
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(before), string(after))

	rows := operators.Map(letters, func(f operators.Failure[item]) item { return f.Item })
	report, err = insert.Write(t.Context(), rows)
	require.NoError(t, err, "it is no replay, and comes to an end all the same")
	require.EqualValues(t, 1, report.Dead)
	again := filepath.Join(t.TempDir(), "again.jsonl")
	report, err = insert.DeadLetters(sink.DeadLetterFile[item](again), sink.Tolerance{}).Replay(t.Context(), letters)
	require.NoError(t, err)
	require.EqualValues(t, 2, report.Dead)
	report, err = insert.Replay(t.Context(), source.DeadLetters[item](again).Letters())
	require.NoError(t, err, "which is another file")
	require.EqualValues(t, 2, report.Dead)
}

// Counters have no timestamps, and conditions decide by what is there now.
func TestAReplayOfWhatHasNoTimestamps(t *testing.T) {
	server, session := serve(t)
	server.MustExec("CREATE TABLE shop.hits (page text PRIMARY KEY, n counter)")
	type hit struct {
		Page string
		N    int64
	}
	server.Inject(cqltest.Fault{Match: cqltest.On("hits"), Err: cqltest.Invalid("oops"), Times: 1})
	var hits []operators.Failure[hit]
	count := sink.Update[hit](session, "shop.hits")
	_, err := count.DeadLetters(sink.Slice(&hits), sink.Tolerance{}).Write(t.Context(), rx.From(hit{"a", 3}))
	require.NoError(t, err)
	require.Len(t, hits, 1)
	_, err = count.Replay(t.Context(), rx.From(hits...))
	require.NoError(t, err)
	n, err := source.Query[int64](session, "SELECT n FROM shop.hits").Rows().First(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 3, n)

	letter := operators.Failure[item]{Item: item{1, 1}, Err: &sink.WriteError{Class: cql.Invalid, Timestamp: 5, Err: cql.Invalid}}
	for _, m := range []sink.Mutation[item]{
		sink.Insert[item](session, "shop.items").IfNotExists(),
		sink.Exec[item](session, "INSERT INTO shop.items (k, v) VALUES (:k, :v)", nil),
	} {
		report, err := m.Replay(t.Context(), rx.From(letter))
		require.NoError(t, err)
		require.EqualValues(t, 1, report.Written)
	}
}

// Rows without anything to be set are neither written nor requests.
func TestRowsForWhichNothingIsSent(t *testing.T) {
	server, session := serve(t)
	server.MustExec("CREATE TABLE shop.pairs (k int PRIMARY KEY, v tuple<int, text>)")
	type inner struct {
		A int
		B string
	}
	type pair struct {
		K int
		V *inner
	}
	report, err := sink.Update[pair](session, "shop.pairs").Write(t.Context(), rx.From(pair{1, nil}, pair{2, &inner{1, "a"}}, pair{3, nil}))
	require.NoError(t, err)
	require.EqualValues(t, 1, report.Written)
	require.EqualValues(t, 2, report.Empty)
	require.Contains(t, report.String(), "2 rows with nothing to be set")
	require.Len(t, writes(server), 1)
	report, err = sink.Update[pair](session, "shop.pairs").Write(t.Context(), rx.From(pair{1, nil}))
	require.NoError(t, err)
	require.Zero(t, report.Latency)
}
