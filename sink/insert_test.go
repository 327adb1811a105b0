package sink_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocql/gocql"
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

type item struct {
	K int
	V int
}

// serve starts a server with the table shop.items and connects to it; both end with the test.
func serve(t testing.TB, options ...cqltest.Option) (*cqltest.Server, *cql.Session) {
	t.Helper()
	server := cqltest.NewServer(options...)
	t.Cleanup(server.Close)
	session, err := cql.Connect(context.Background(), server.Cluster())
	require.NoError(t, err)
	t.Cleanup(session.Close)
	server.MustExec("CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
	server.MustExec("CREATE TABLE shop.items (k int PRIMARY KEY, v int)")
	return server, session
}

// serveInBubble is serve for tests in virtual time.
func serveInBubble(t testing.TB) (*cqltest.Server, *cql.Session) {
	// The driver may be filling its pool when it is closed, on a goroutine that sleeps between attempts.
	t.Cleanup(func() { time.Sleep(time.Minute) })
	return serve(t, cqltest.InMemory())
}

func items(n int) rx.Observable[item] {
	return operators.Map(rx.Range(0, n), func(i int) item { return item{i, i} })
}

func stored(t testing.TB, session *cql.Session) map[int]int {
	rows, err := source.Query[item](session, "SELECT k, v FROM shop.items").Rows().Collect(context.Background())
	require.NoError(t, err)
	m := map[int]int{}
	for _, r := range rows {
		m[r.K] = r.V
	}
	return m
}

func TestInsertWritesEveryRow(t *testing.T) {
	server, session := serve(t)
	report, err := sink.Insert[item](session, "shop.items").Write(t.Context(), items(1000))
	require.NoError(t, err)
	require.EqualValues(t, 1000, report.Written)
	require.Zero(t, report.Retried)
	require.Len(t, stored(t, session), 1000)
	require.Equal(t, "INSERT INTO shop.items (k, v) VALUES (?, ?)", server.Requests()[0].Statement)

	pointers := operators.Map(items(10), func(i item) *item { i.V = 7; return &i })
	require.NoError(t, sink.Insert[*item](session, "shop.items").Consistency(cql.One).Sink()(t.Context(), pointers))
	require.Equal(t, 7, stored(t, session)[9])
	writes := server.Requests(func(r cqltest.Request) bool { return cqltest.User(r) && !r.IsSelect() })
	require.Equal(t, gocql.LocalQuorum, writes[0].Consistency)
	require.Equal(t, gocql.One, writes[len(writes)-1].Consistency)
}

// TestTheWindowBoundsRequestsUnderWay holds replies back until no more requests come.
func TestTheWindowBoundsRequestsUnderWay(t *testing.T) {
	for _, window := range []int{1, 3, 20} {
		virtualtime.Test(t, func(t *testing.T) {
			server, session := serveInBubble(t)
			gate := make(chan struct{})
			server.Inject(cqltest.Fault{Hold: gate})
			taken := 0
			src := operators.Tap(items(100), operators.Hooks[item]{OnNext: func(item) { taken++ }})
			done := make(chan error, 1)
			go func() {
				_, err := sink.Insert[item](session, "shop.items").Window(window).Write(t.Context(), src)
				done <- err
			}()
			synctest.Wait()
			require.Len(t, server.Requests(), window)
			require.Equal(t, 100, taken, "the others wait for their turn")
			close(gate)
			require.NoError(t, <-done)
			require.Len(t, server.Requests(), 100)
		})
	}
}

func TestTheDefaultWindowIsSixteenPerNode(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, session := serveInBubble(t)
		gate := make(chan struct{})
		server.Inject(cqltest.Fault{Hold: gate})
		done := make(chan error, 1)
		go func() {
			_, err := sink.Insert[item](session, "shop.items").Write(t.Context(), items(100))
			done <- err
		}()
		synctest.Wait()
		require.Len(t, server.Requests(), 16)
		close(gate)
		require.NoError(t, <-done)
	})
}

func TestARowThatFailsStopsTheStream(t *testing.T) {
	server, session := serve(t)
	server.Inject(cqltest.Fault{After: 50, Times: 1, Err: cqltest.Invalid("oops")})
	taken := 0
	src := operators.Tap(items(10_000), operators.Hooks[item]{OnNext: func(item) { taken++ }})
	report, err := sink.Insert[item](session, "shop.items").Window(4).Write(t.Context(), src)
	var failed *sink.WriteError
	require.ErrorAs(t, err, &failed)
	require.ErrorIs(t, err, cql.Invalid)
	require.Equal(t, 1, failed.Attempts)
	require.Less(t, taken, 10_000)
	rows := stored(t, session)
	require.NotContains(t, rows, int(failed.Row))
	require.Equal(t, "shop.items", failed.Table)
	for i := range failed.Row {
		require.Contains(t, rows, int(i), "all rows before it are written")
	}
	require.Len(t, rows, int(report.Written), "the report counts what is there")
}

func TestOfSeveralRowsThatFailTheFirstIsNamed(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, session := serveInBubble(t)
		// Row 2 fails at once, row 1 a second later.
		server.Inject(cqltest.Fault{Match: row(2), Err: cqltest.Invalid("two")})
		server.Inject(cqltest.Fault{Match: row(1), Err: cqltest.Invalid("one"), Delay: time.Second})
		_, err := sink.Insert[item](session, "shop.items").Window(4).Write(t.Context(), items(4))
		var failed *sink.WriteError
		require.ErrorAs(t, err, &failed)
		require.EqualValues(t, 1, failed.Row)
		require.Equal(t, map[int]int{0: 0, 3: 3}, stored(t, session))
	})
}

// row matches the insert of the item with key k.
func row(k int) func(cqltest.Request) bool {
	return func(r cqltest.Request) bool { return cqltest.User(r) && len(r.Values) == 2 && r.Values[0] == k }
}

// A write that begins after another has ended wins, also where the clock stands still, and a retry, which comes later than
// the rows behind it, wins over none of them.
func TestTimestampsGrowFromWriteToWrite(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) { // the clock stands still
		server, session := serveInBubble(t)
		server.Inject(cqltest.Fault{Match: row(5), Times: 1, Err: cqltest.Overloaded("busy")})
		insert := sink.Insert[item](session, "shop.items").Window(8)
		for range 2 {
			_, err := insert.Write(t.Context(), items(100))
			require.NoError(t, err)
		}
		timestamps := map[int][]int64{}
		for _, r := range server.Requests() {
			timestamps[r.Values[0].(int)] = append(timestamps[r.Values[0].(int)], r.Timestamp)
		}
		require.Len(t, timestamps[5], 3)
		require.Equal(t, timestamps[5][0], timestamps[5][1], "a retry has the timestamp of the first attempt")
		latest := int64(0) // of the first write
		for _, of := range timestamps {
			latest = max(latest, of[0])
		}
		for k, of := range timestamps {
			require.Greater(t, of[len(of)-1], latest, k)
		}
	})
}

func TestFailuresAreRetriedByClass(t *testing.T) {
	server, session := serve(t)
	retry := operators.Backoff{Base: time.Microsecond}
	for _, c := range []struct {
		err      error
		attempts int
	}{
		{cqltest.WriteTimeout("SIMPLE", 0, 1), 12}, {cqltest.Overloaded("x"), 12}, {cqltest.Unavailable(1, 0), 12},
		{cqltest.ServerError("x"), 12}, {cqltest.Invalid("x"), 1}, {cqltest.Unauthorized("x"), 1},
	} {
		fault := server.Inject(cqltest.Fault{Err: c.err})
		report, err := sink.Insert[item](session, "shop.items").Retry(retry).Write(t.Context(), items(1))
		var failed *sink.WriteError
		require.ErrorAs(t, err, &failed, "%v", c.err)
		require.Equal(t, c.attempts, failed.Attempts)
		require.Zero(t, report.Written)
		require.EqualValues(t, c.attempts-1, report.Retried)
		require.Equal(t, c.attempts, fault.Hits())
		fault.Remove()
	}
}

// TestNothingIsLostWhateverFails has errors, lost replies and dropped connections happen at random.
func TestNothingIsLostWhateverFails(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		server, session := serve(t)
		var faults []*cqltest.Injected
		for range rapid.IntRange(0, 5).Draw(r, "faults") {
			f := rapid.SampledFrom([]cqltest.Fault{
				{Err: cqltest.WriteTimeout("SIMPLE", 0, 1)}, {Err: cqltest.WriteTimeout("SIMPLE", 0, 1), ApplyThenErr: true},
				{Err: cqltest.Overloaded("x")}, {Err: cqltest.Unavailable(1, 0)}, {Lose: true}, {Drop: true}, {ApplyThenDrop: true},
			}).Draw(r, "fault")
			f.After, f.Times = rapid.IntRange(0, 200).Draw(r, "after"), rapid.IntRange(1, 3).Draw(r, "times")
			faults = append(faults, server.Inject(f))
		}
		retry := operators.Backoff{Attempts: 1000, Base: time.Millisecond, Max: 10 * time.Millisecond}
		insert := sink.Insert[item](session, "shop.items").Window(8).Timeout(50 * time.Millisecond).Retry(retry)
		src := operators.Map(rx.Range(0, 200), func(i int) item { return item{i % 70, i} })
		report, err := insert.Write(context.Background(), src)
		require.NoError(r, err)
		require.EqualValues(r, 200, report.Written)
		for _, f := range faults {
			f.Remove() // what did not come to pass
		}
		rows := stored(t, session)
		require.Len(r, rows, 70)
		for k, v := range rows {
			last := 199 - (199-k)%70
			require.Equal(r, last, v, "key %d: the last row wins", k)
		}
		session.Close()
		server.Close()
	})
}

func TestAFailingSourceIsReportedAfterItsRowsAreWritten(t *testing.T) {
	_, session := serve(t)
	broken := errors.New("the disk is gone")
	report, err := sink.Insert[item](session, "shop.items").Write(t.Context(), operators.Concat(items(100), rx.Fail[item](broken)))
	require.ErrorIs(t, err, broken)
	require.EqualValues(t, 100, report.Written)
	require.Len(t, stored(t, session), 100)
}

func TestCancellingAWrite(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, session := serveInBubble(t)
		server.Inject(cqltest.Fault{After: 10, Lose: true})
		cause := errors.New("somebody pressed a key")
		ctx, cancel := context.WithCancelCause(t.Context())
		go func() { time.Sleep(time.Second); cancel(cause) }()
		start := time.Now()
		report, err := sink.Insert[item](session, "shop.items").Window(4).Write(ctx, operators.Concat(items(100), rx.Never[item]()))
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, cause)
		require.Equal(t, time.Second, time.Since(start))
		require.EqualValues(t, 10, report.Written)

		_, err = sink.Insert[item](session, "shop.items").Write(ctx, items(1))
		require.ErrorIs(t, err, context.Canceled)
	})
}

func TestClosingTheSessionEndsAWrite(t *testing.T) {
	_, session := serve(t)
	src := operators.Tap(items(10_000), operators.Hooks[item]{OnNext: func(i item) {
		if i.K == 100 {
			session.Close()
		}
	}})
	report, err := sink.Insert[item](session, "shop.items").Window(4).Write(t.Context(), src)
	require.ErrorIs(t, err, cql.ErrClosed)
	require.Less(t, report.Written, int64(200))
}

func TestPanicsOfTheSourceAndOfAValue(t *testing.T) {
	_, session := serve(t)
	insert := sink.Insert[item](session, "shop.items")
	require.PanicsWithValue(t, "boom", func() {
		_, _ = insert.Write(t.Context(), operators.Map(items(100), func(i item) item {
			if i.K == 50 {
				panic("boom")
			}
			return i
		}))
	})
	type odd struct {
		K int
		V panics
	}
	require.PanicsWithValue(t, "bad value", func() {
		_, _ = sink.Insert[odd](session, "shop.items").Write(t.Context(), rx.From(odd{K: 1}))
	})
	require.NoError(t, session.Shutdown(t.Context()), "nothing is left under way")
}

type panics struct{}

func (panics) MarshalCQL(gocql.TypeInfo) ([]byte, error) { panic("bad value") }

func TestWhatCannotBeInserted(t *testing.T) {
	_, session := serve(t)
	for _, table := range []string{"", "a.b.c", "items; DROP TABLE x", "shop.items (k)", `"unclosed`, "1st", "shop.", "a-b"} {
		_, err := sink.Insert[item](session, table).Write(t.Context(), items(1))
		require.ErrorContains(t, err, "is not the name of a table", table)
	}
	_, err := sink.Insert[int](session, "shop.items").Write(t.Context(), rx.From(1))
	require.ErrorContains(t, err, "int is not a struct")
	_, err = sink.Insert[struct{}](session, "shop.items").Write(t.Context(), rx.From(struct{}{}))
	require.ErrorContains(t, err, "has no field")
	_, err = sink.Insert[*item](session, "shop.items").Write(t.Context(), rx.From(&item{1, 1}, nil))
	var failed *sink.WriteError
	require.ErrorAs(t, err, &failed)
	require.EqualValues(t, 1, failed.Row)
	require.ErrorIs(t, err, cql.Malformed)
	require.Equal(t, map[int]int{1: 1}, stored(t, session), "the row before it is written")
	type wrong struct {
		K int
		V string
	}
	_, err = sink.Insert[wrong](session, "shop.items").Write(t.Context(), rx.From(wrong{1, "x"}))
	require.ErrorIs(t, err, cql.Invalid, "before there was a row")
	var column *sink.ColumnError
	require.ErrorAs(t, err, &column)
	require.Equal(t, "v int string", column.Column+" "+column.CQLType+" "+column.GoType)
	type large struct{ K, V int64 }
	_, err = sink.Insert[large](session, "shop.items").Write(t.Context(), rx.From(large{1, 1 << 40}))
	require.ErrorIs(t, err, cql.Malformed)
	require.ErrorAs(t, err, &column)
	require.ErrorContains(t, err, "shop.items: row 0 of the stream")
	require.Panics(t, func() { sink.Insert[item](session, "shop.items").Window(0) })
	require.Panics(t, func() { sink.Insert[item](session, "shop.items").Timeout(0) })
}

func TestQuotedNames(t *testing.T) {
	server, session := serve(t)
	server.MustExec(`CREATE TABLE shop."Odd ""name""" ("Key" int PRIMARY KEY, "order" text)`)
	type odd struct {
		Key   int `cql:"Key"`
		Order string
	}
	_, err := sink.Insert[odd](session, `shop."Odd ""name"""`).Write(t.Context(), rx.From(odd{1, "x"}))
	require.NoError(t, err)
	got, err := source.Query[odd](session, `SELECT * FROM shop."Odd ""name"""`).Rows().First(t.Context())
	require.NoError(t, err)
	require.Equal(t, odd{1, "x"}, got)
}

func TestANilHoweverDeepLeavesTheColumnAsItIs(t *testing.T) {
	server, session := serve(t)
	server.MustExec("CREATE TABLE shop.notes (k int PRIMARY KEY, v text)")
	server.MustExec("INSERT INTO shop.notes (k, v) VALUES (1, 'kept')")
	type loose struct {
		K int
		V any
	}
	type deep struct {
		K int
		V **string
	}
	var none *string
	_, err := sink.Insert[loose](session, "shop.notes").Write(t.Context(), rx.From(loose{K: 1}, loose{1, none}))
	require.NoError(t, err)
	_, err = sink.Insert[deep](session, "shop.notes").Write(t.Context(), rx.From(deep{K: 1}, deep{1, &none}))
	require.NoError(t, err)
	kept, err := source.Query[string](session, "SELECT v FROM shop.notes WHERE k = 1").Rows().First(t.Context())
	require.NoError(t, err)
	require.Equal(t, "kept", kept)
}

func TestForEachAndSlice(t *testing.T) {
	var got []int
	require.NoError(t, sink.Slice(&got)(t.Context(), rx.From(1, 2)))
	broken := errors.New("broken")
	require.ErrorIs(t, sink.Slice(&got)(t.Context(), operators.Concat(rx.From(3), rx.Fail[int](broken))), broken)
	require.Equal(t, []int{1, 2, 3}, got)

	type key struct{}
	ctx := context.WithValue(t.Context(), key{}, 1)
	seen := 0
	err := sink.ForEach(func(ctx context.Context, v int) error {
		require.Equal(t, 1, ctx.Value(key{}))
		if seen++; v == 2 {
			return broken
		}
		return nil
	})(ctx, rx.From(1, 2, 3))
	require.ErrorIs(t, err, broken)
	require.Equal(t, 2, seen)
}
