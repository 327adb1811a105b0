package sink_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
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
			require.NoError(r, source.DeadLetters[item](path).ForEach(t.Context(), func(f operators.Failure[item]) error {
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

		again := operators.Map(source.DeadLetters[item](path), func(f operators.Failure[item]) item { return f.Item })
		if report.Dead > 0 {
			_, err = sink.Insert[item](session, "shop.items").Write(context.Background(), again)
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
	require.NoError(t, source.DeadLetters[loose](path).ForEach(t.Context(), func(f operators.Failure[loose]) error {
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
	require.Zero(t, report.Written)
	require.Greater(t, report.Dead, int64(100))
	letters, err := source.DeadLetters[item](path).Collect(t.Context())
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
