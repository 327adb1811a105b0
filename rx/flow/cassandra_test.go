package flow_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/internal/virtualtime"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/flow"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

type item struct{ K, V int }

// serve starts a server, in virtual time, with a table of so many items, and one without any.
func serve(t *testing.T, items int) (*cqltest.Server, *cql.Session) {
	t.Helper()
	t.Cleanup(func() { time.Sleep(time.Minute) }) // the driver may be filling its pool when it is closed
	server := cqltest.NewServer(cqltest.InMemory())
	t.Cleanup(server.Close)
	server.MustExec("CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
	server.MustExec("CREATE TABLE shop.items (k int PRIMARY KEY, v int)")
	server.MustExec("CREATE TABLE shop.copies (k int PRIMARY KEY, v int)")
	server.Generate("shop.items", cqltest.Generator{
		Partitions: items, Rows: 1,
		Key: func(p int) []any { return []any{p} },
		Row: func(p, _ int) []any { return []any{p} },
	})
	session, err := cql.Connect(context.Background(), server.Cluster())
	require.NoError(t, err)
	t.Cleanup(session.Close)
	return server, session
}

func value(s flow.Stage, name string) float64 {
	for _, v := range s.Values {
		if v.Name == name {
			return v.Value
		}
	}
	return 0
}

func reads(r cqltest.Request) bool {
	return cqltest.User(r) && r.IsSelect() && strings.Contains(r.Statement, "shop.items")
}
func writes(r cqltest.Request) bool { return cqltest.User(r) && !r.IsSelect() }

func TestAQueryTellsOfItsPages(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, session := serve(t, 100)
		server.Inject(cqltest.Fault{Match: reads, Times: 2, Err: cqltest.ReadTimeout(0, 1, false)})
		server.Inject(cqltest.Fault{Match: reads, Delay: 100 * time.Millisecond})
		m := flow.NewMonitor(flow.Options{})
		rows := source.Query[item](session, "SELECT k, v FROM shop.items WHERE v >= ? ALLOW FILTERING", 0).PageSize(10).Rows()
		items, err := rows.Collect(flow.With(t.Context(), m))
		require.NoError(t, err)
		require.Len(t, items, 100)
		r := m.Snapshot().Runs[0]
		require.Equal(t, flow.Bottleneck{Stage: 1, Name: "query shop.items", Kind: flow.Source, Share: 1}, r.Bottleneck)
		q := find(t, r, flow.Source, "query shop.items")
		require.EqualValues(t, 100, q.Out)
		require.EqualValues(t, 10, value(q, "pages"))
		require.EqualValues(t, 2, q.Retries)
	})
}

func TestAScanAndAnInsertTellOfThemselves(t *testing.T) {
	for _, tt := range []struct {
		name        string
		read, write time.Duration
		want        string
	}{
		{"slow reads", 500 * time.Millisecond, 0, "table shop.items"},
		{"slow writes", 0, 100 * time.Millisecond, "insert shop.copies"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			virtualtime.Test(t, func(t *testing.T) {
				server, session := serve(t, 200)
				server.Inject(cqltest.Fault{Match: reads, Delay: tt.read})
				server.Inject(cqltest.Fault{Match: writes, Delay: tt.write})
				m := flow.NewMonitor(flow.Options{})
				ctx := flow.With(t.Context(), m)
				scan := source.Table[item](session, "shop.items").PageSize(10).Parallel(2).SplitInto(8)
				insert := sink.Insert[item](session, "shop.copies").Window(2)
				report, err := insert.Write(ctx, scan.Rows())
				require.NoError(t, err)
				require.EqualValues(t, 200, report.Written)

				_, err = insert.Work(ctx, func(ctx context.Context, w *sink.Writer[item]) error {
					return scan.Each(ctx, 2, func(ctx context.Context, page source.TablePage[item]) error {
						return w.Write(ctx, rx.From(page.Rows...))
					})
				})
				require.NoError(t, err)

				runs := m.Snapshot().Runs
				require.Len(t, runs, 2, "the pages of Each are a part of the run")
				for _, r := range runs {
					require.Equal(t, "insert shop.copies", r.Name)
					require.Equal(t, tt.want, r.Bottleneck.Name, r.Text())
					require.Greater(t, r.Bottleneck.Share, 0.9, r.Text())
					require.Contains(t, lines(r), "table shop.items > insert shop.copies")
					table, inserted := find(t, r, flow.Source, "table shop.items"), find(t, r, flow.Sink, "insert shop.copies")
					require.EqualValues(t, 200, table.Out)
					require.EqualValues(t, 200, inserted.In)
					require.Greater(t, value(table, "pages"), 19.)
					require.EqualValues(t, value(table, "ranges_done"), 8)
					require.EqualValues(t, 200, value(inserted, "written_rows"))
				}
			})
		})
	}
}

// TestAnInsertTellsWhetherItWaitsForItsRequests has a server that takes 500 rows a second, and streams that can give more,
// or less.
func TestAnInsertTellsWhetherItWaitsForItsRequests(t *testing.T) {
	for _, tt := range []struct {
		name    string
		row     time.Duration // is how long the sink's goroutine takes for one
		streams int
		want    float64
	}{
		{"for most of it", 0, 1, 1},
		{"for half of it", time.Millisecond, 1, 0.5},
		{"for none of it", 10 * time.Millisecond, 1, 0},
		{"in several streams, for half of it", 4 * time.Millisecond, 4, 0.5},
	} {
		t.Run(tt.name, func(t *testing.T) {
			virtualtime.Test(t, func(t *testing.T) {
				server, session := serve(t, 1)
				server.Inject(cqltest.Fault{Match: writes, Delay: 10 * time.Millisecond})
				m := flow.NewMonitor(flow.Options{})
				rows := 12_000 / tt.streams // it holds some 4,000
				_, err := sink.Insert[item](session, "shop.copies").Window(5).Work(flow.With(t.Context(), m),
					func(ctx context.Context, w *sink.Writer[item]) error {
						g, ctx := errgroup.WithContext(ctx)
						for i := range tt.streams {
							g.Go(func() error {
								return w.Write(ctx, op.Map(rx.Range(i*rows, rows), func(k int) item {
									time.Sleep(tt.row)
									return item{k, k}
								}))
							})
						}
						return g.Wait()
					})
				require.NoError(t, err)
				r := m.Snapshot().Runs[0]
				s := find(t, r, flow.Sink, "insert shop.copies")
				require.InDelta(t, 1, s.Share.Own, 0.02, r.Text())
				require.InDelta(t, tt.want, s.Share.Requests, 0.02, r.Text())
				require.InDelta(t, tt.want*r.Seconds, s.Seconds.Requests, 0.02*r.Seconds)
				require.Equal(t, s.Share.Requests, r.Bottleneck.Requests)
				require.Equal(t, tt.want > 0, strings.HasSuffix(r.Bottleneck.String(), "% waiting for requests"), r.Bottleneck)
				require.Equal(t, tt.want > 0, strings.Contains(r.Text(), "% waiting for requests, "), r.Text())
			})
		})
	}
}

func TestAScanShowsItsProgressWhileItRuns(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, session := serve(t, 200)
		server.Inject(cqltest.Fault{Match: reads, Delay: time.Second})
		m := flow.NewMonitor(flow.Options{})
		scan := source.Table[item](session, "shop.items").PageSize(10).Parallel(1).SplitInto(1)
		n, at := 0, flow.Stage{}
		require.NoError(t, scan.Rows().ForEach(flow.With(t.Context(), m), func(item) error {
			if n++; n == 105 {
				at = find(t, m.Snapshot().Runs[0], flow.Source, "table shop.items")
			}
			return nil
		}))
		require.InDelta(t, 0.5, value(at, "progress_share"), 0.15)
		require.EqualValues(t, 1, value(at, "ranges"))
		require.EqualValues(t, 1, at.Calls.Max)
	})
}

func TestDeadLettersAndRetriesOfAnInsertAreCounted(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, session := serve(t, 1)
		server.Inject(cqltest.Fault{Match: writes, Times: 1, Err: cqltest.Overloaded("busy")})
		server.Inject(cqltest.Fault{Match: writes, Times: 3, Err: cqltest.Invalid("no")})
		m := flow.NewMonitor(flow.Options{})
		var dead []op.Failure[item]
		insert := sink.Insert[item](session, "shop.copies").DeadLetters(sink.Slice(&dead), sink.Tolerance{})
		_, err := insert.Write(flow.With(t.Context(), m), op.Map(rx.Range(0, 20), func(k int) item { return item{k, k} }))
		require.NoError(t, err)
		r := m.Snapshot().Runs[0]
		s := find(t, r, flow.Sink, "insert shop.copies")
		require.EqualValues(t, 1, s.Retries)
		require.EqualValues(t, len(dead), s.Drops)
		require.Len(t, dead, 3)
		require.EqualValues(t, 3, find(t, r, flow.Sink, "Slice").In)
	})
}

func TestALookupTellsOfItself(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		_, session := serve(t, 100)
		m := flow.NewMonitor(flow.Options{})
		query := source.Query[item](session, "SELECT k, v FROM shop.items WHERE k = ?")
		found := source.Lookup(rx.Range(0, 50), 4, query, func(k int) []any { return []any{k} })
		_, err := found.Collect(flow.With(t.Context(), m))
		require.NoError(t, err)
		r := m.Snapshot().Runs[0]
		require.EqualValues(t, 50, find(t, r, flow.Step, "lookup shop.items").Out)
		require.EqualValues(t, 50, find(t, r, flow.Boundary, "MapAsync").In)
		require.EqualValues(t, 50, value(find(t, r, flow.Source, "query shop.items"), "pages"))
		require.Contains(t, lines(r), "query shop.items ~ MapAsync")
	})
}
