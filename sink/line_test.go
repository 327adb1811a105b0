package sink_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
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

// entry is a row of a partition of several.
type entry struct {
	P, C int
	V    string
}

const createEntries = "CREATE TABLE shop.events (p int, c int, v text, PRIMARY KEY (p, c))"

func entries(n, partitions int) rx.Observable[entry] {
	return operators.Map(rx.Range(0, n), func(i int) entry { return entry{i % partitions, i / partitions, "v"} })
}

func count(t testing.TB, session *cql.Session, table string) int {
	n, err := source.Query[int64](session, "SELECT COUNT(*) FROM "+table).Rows().First(context.Background())
	require.NoError(t, err)
	return int(n)
}

// rowsOf gives the rows that a request writes, as its values.
func rowsOf(r cqltest.Request) [][]any {
	if len(r.Batch) == 0 {
		return [][]any{r.Values}
	}
	var rows [][]any
	for _, e := range r.Batch {
		rows = append(rows, e.Values)
	}
	return rows
}

func writes(server *cqltest.Server) []cqltest.Request {
	return server.Requests(func(r cqltest.Request) bool { return cqltest.User(r) && !r.IsSelect() })
}

func TestRowsOfAPartitionThatWaitAreSentTogether(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, session := serveInBubble(t)
		server.MustExec(createEntries)
		gate := make(chan struct{})
		server.Inject(cqltest.Fault{Hold: gate})
		var report sink.Report
		done := make(chan error, 1)
		go func() {
			var err error
			report, err = sink.Insert[entry](session, "shop.events").Window(2).Write(t.Context(), entries(1000, 2))
			done <- err
		}()
		synctest.Wait()
		require.Equal(t, 2, len(writes(server)), "the window")
		close(gate)
		require.NoError(t, <-done)
		require.EqualValues(t, 1000, report.Written)
		all := writes(server)
		require.LessOrEqual(t, len(all), 12, "ten of a hundred, but for the first ones, for which nothing waits")
		require.GreaterOrEqual(t, len(all), 10)
		require.LessOrEqual(t, report.Batches, int64(len(all)))
		for _, r := range all {
			partitions := map[any]bool{}
			for _, row := range rowsOf(r) {
				partitions[row[0]] = true
			}
			require.Len(t, partitions, 1)
			require.LessOrEqual(t, len(rowsOf(r)), 100)
			if len(r.Batch) > 0 {
				require.Equal(t, 1, r.BatchType, "unlogged")
			}
		}
		require.Equal(t, 1000, count(t, session, "shop.events"))
	})
}

// TestARowWaitsForNoOther: one that comes alone is sent at once.
func TestARowWaitsForNoOther(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, session := serveInBubble(t)
		server.MustExec(createEntries)
		start := time.Now()
		src := operators.Concat(rx.From(entry{1, 1, "a"}), func(_ context.Context, yield func(entry) bool) error {
			time.Sleep(time.Second)
			yield(entry{1, 2, "b"})
			return nil
		})
		report, err := sink.Insert[entry](session, "shop.events").Write(t.Context(), src)
		require.NoError(t, err)
		require.EqualValues(t, 2, report.Written)
		sent := writes(server)
		require.Equal(t, 2, len(sent))
		require.Equal(t, []time.Duration{0, time.Second}, []time.Duration{sent[0].Time.Sub(start), sent[1].Time.Sub(start)})
	})
}

func TestBatchesAreBoundedByBytes(t *testing.T) {
	server, session := serve(t)
	server.MustExec(createEntries)
	src := operators.Map(rx.Range(0, 50), func(i int) entry {
		size := 10_000
		if i == 20 {
			size = 100_000
		}
		return entry{1, i, strings.Repeat("x", size)}
	})
	report, err := sink.Insert[entry](session, "shop.events").Window(1).Write(t.Context(), src)
	require.NoError(t, err)
	require.EqualValues(t, 50, report.Written)
	require.Greater(t, report.Bytes, int64(590_000))
	for _, r := range writes(server) {
		bytes := 0
		for _, row := range rowsOf(r) {
			bytes += len(row[2].(string))
		}
		if bytes > 64<<10 {
			require.Len(t, rowsOf(r), 1, "an oversize row goes alone")
		}
	}
	require.Equal(t, 50, count(t, session, "shop.events"))

	server.ResetLog()
	_, err = sink.Insert[entry](session, "shop.events").Window(1).Batch(3).Write(t.Context(), entries(30, 1))
	require.NoError(t, err)
	for _, r := range writes(server) {
		require.LessOrEqual(t, len(rowsOf(r)), 3)
	}
	require.Panics(t, func() { sink.Insert[entry](session, "shop.events").Batch(0) })
}

func TestRowsOfAKeyWaitForEachOtherAndHoldUpNobodyElse(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, session := serveInBubble(t)
		server.MustExec(createEntries)
		gate := make(chan struct{})
		server.Inject(cqltest.Fault{Match: has(2, "a"), Hold: gate})
		src := rx.From(entry{1, 1, "a"}, entry{1, 1, "b"}, entry{1, 2, "c"}, entry{1, 1, "d"}, entry{2, 1, "e"}, entry{1, 3, "f"})
		// Whether a, c and f go together or not, b and d wait for a, and nobody else does.
		done := make(chan error, 1)
		go func() {
			_, err := sink.Insert[entry](session, "shop.events").Window(4).Write(t.Context(), src)
			done <- err
		}()
		synctest.Wait()
		require.Equal(t, map[any]bool{"a": true, "c": true, "e": true, "f": true}, valuesSent(server))
		close(gate)
		require.NoError(t, <-done)
		require.Equal(t, map[any]bool{"a": true, "b": true, "c": true, "d": true, "e": true, "f": true}, valuesSent(server))
		all, err := source.Query[string](session, "SELECT v FROM shop.events WHERE p = 1").Rows().Collect(t.Context())
		require.NoError(t, err)
		require.Equal(t, []string{"d", "c", "f"}, all)
	})
}

// valuesSent are the last values of the rows that were sent.
func valuesSent(server *cqltest.Server) map[any]bool {
	sent := map[any]bool{}
	for _, r := range writes(server) {
		for _, row := range rowsOf(r) {
			sent[row[len(row)-1]] = true
		}
	}
	return sent
}

// TestTheLastRowOfAKeyWins with few keys in many rows, answers that come at random times or never, and retries.
func TestTheLastRowOfAKeyWins(t *testing.T) {
	type numbered struct{ P, C, V int }
	rapid.Check(t, func(r *rapid.T) {
		var faults []cqltest.Fault
		for range rapid.IntRange(1, 20).Draw(r, "faults") {
			f := rapid.SampledFrom([]cqltest.Fault{
				{Delay: time.Duration(rapid.IntRange(1, 1500).Draw(r, "ms")) * time.Millisecond},
				{Err: cqltest.Overloaded("x")}, {Err: cqltest.WriteTimeout("BATCH", 0, 1), ApplyThenErr: true}, {Err: cqltest.WriteFailure("BATCH", 0, 1, 1)}, {Lose: true},
			}).Draw(r, "fault")
			f.After, f.Times = rapid.IntRange(0, 200).Draw(r, "after"), rapid.IntRange(1, 20).Draw(r, "times")
			faults = append(faults, f)
		}
		partitions, keys := rapid.IntRange(1, 4).Draw(r, "partitions"), rapid.IntRange(1, 20).Draw(r, "keys")
		window := rapid.SampledFrom([]int{1, 3, 16}).Draw(r, "window")
		rows := make([]numbered, 200)
		last := map[[2]int]int{}
		for i := range rows {
			key := rapid.IntRange(0, partitions*keys-1).Draw(r, "key")
			rows[i] = numbered{key % partitions, key / partitions, i}
			last[[2]int{rows[i].P, rows[i].C}] = i
		}
		virtualtime.Test(t, func(t *testing.T) {
			server, session := serveInBubble(t)
			server.MustExec("CREATE TABLE shop.events (p int, c int, v int, PRIMARY KEY (p, c))")
			calm := inject(server, faults)
			insert := sink.Insert[numbered](session, "shop.events").Window(window).Timeout(time.Second).Retry(operators.Backoff{Attempts: -1})
			report, err := insert.Write(t.Context(), rx.From(rows...))
			require.NoError(t, err)
			require.EqualValues(t, len(rows), report.Written)
			calm()
			arrived := map[[2]int]int{}
			for _, r := range writes(server) {
				twice := map[[2]int]bool{}
				for _, row := range rowsOf(r) {
					key := [2]int{row[0].(int), row[1].(int)}
					require.False(t, twice[key], "a key is twice in a batch")
					require.GreaterOrEqual(t, row[2].(int), arrived[key], "a row was overtaken by a later one of its key")
					twice[key], arrived[key] = true, row[2].(int)
				}
			}
			got, err := source.Query[numbered](session, "SELECT p, c, v FROM shop.events").Rows().Collect(t.Context())
			require.NoError(t, err)
			require.Len(t, got, len(last))
			for _, row := range got {
				require.Equal(t, last[[2]int{row.P, row.C}], row.V)
			}
		})
	})
}

// TestPagesShareAWriter, as a job writes them: each is written when its Write has returned.
func TestPagesShareAWriter(t *testing.T) {
	server, session := serve(t)
	server.MustExec(createEntries)
	report, err := sink.Insert[entry](session, "shop.events").Work(t.Context(), func(ctx context.Context, w *sink.Writer[entry]) error {
		pages := operators.Buffer(entries(2000, 7), 100)
		return operators.MapAsync(pages, 4, func(ctx context.Context, page []entry) (int, error) {
			if err := w.Write(ctx, rx.From(page...)); err != nil {
				return 0, err
			}
			n := 0
			for _, e := range page {
				found, err := source.Query[int](session, "SELECT c FROM shop.events WHERE p = ? AND c = ?", e.P, e.C).Rows().Collect(ctx)
				if err != nil {
					return 0, err
				}
				n += len(found)
			}
			if n != 100 {
				return 0, errors.New("a page was acknowledged and is not there")
			}
			return n, nil
		}).ForEach(ctx, func(int) error { return nil })
	})
	require.NoError(t, err)
	require.EqualValues(t, 2000, report.Written)
	lookups := server.Requests(func(r cqltest.Request) bool { return r.Keyspace == "system_schema" && r.Op != cqltest.OpPrepare })
	require.Len(t, lookups, 2, "the schema was looked at once")
}

func TestAWriterBeyondItsWork(t *testing.T) {
	_, session := serve(t)
	var late *sink.Writer[item]
	_, err := sink.Insert[item](session, "shop.items").Work(t.Context(), func(_ context.Context, w *sink.Writer[item]) error {
		late = w
		return nil
	})
	require.NoError(t, err)
	require.ErrorContains(t, late.Write(t.Context(), items(1)), "Work has returned")
}

// TestOneOfSeveralStreamsIsCancelled: it returns at once, what waits of it is not sent, and the others go on.
func TestOneOfSeveralStreamsIsCancelled(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, session := serveInBubble(t)
		gate := make(chan struct{})
		server.Inject(cqltest.Fault{Hold: gate, Times: 2})
		report, err := sink.Insert[item](session, "shop.items").Window(2).Work(t.Context(), func(ctx context.Context, w *sink.Writer[item]) error {
			one, cancel := context.WithCancel(ctx)
			left, written := make(chan error, 1), make(chan error, 1)
			go func() { left <- w.Write(one, items(100)) }()
			synctest.Wait()
			go func() { written <- w.Write(ctx, rx.From(item{1000, 1})) }()
			synctest.Wait()
			cancel()
			require.ErrorIs(t, <-left, context.Canceled)
			close(gate)
			synctest.Wait()
			return <-written
		})
		require.NoError(t, err)
		require.EqualValues(t, 3, report.Written, "two were under way")
		require.Len(t, stored(t, session), 3)
	})
}
