package source_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/internal/virtualtime"
	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/source"
)

var errConsumer = errors.New("the consumer failed")

// rangeOf are the bounds that a request of a scan is about.
func rangeOf(r cqltest.Request) (start, end int64) { return r.Values[0].(int64), r.Values[1].(int64) }

// onSpots matches the requests of a scan of lab.spots for which cond is true.
func onSpots(cond func(r cqltest.Request) bool) func(cqltest.Request) bool {
	on := cqltest.On("lab.spots")
	return func(r cqltest.Request) bool { return on(r) && len(r.Values) >= 2 && cond(r) }
}

// tokenOf is the token of a partition of lab.spots.
func tokenOf(t *testing.T, session *cql.Session, a int) int64 {
	t.Helper()
	tokens, err := source.Query[int64](session, "SELECT DISTINCT token(a, b) FROM lab.spots WHERE a = ? ALLOW FILTERING", a).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, tokens, 1)
	return tokens[0]
}

func TestWideRowsAreReadInSmallerPages(t *testing.T) {
	server, session := serve(t)
	want := spots(server, 40, 50)
	fault := server.Inject(cqltest.Fault{
		Match: onSpots(func(r cqltest.Request) bool { return r.PageSize > 10 }), Err: cqltest.ReadTimeout(1, 1, false),
	})
	table := source.Table[spot](session, "lab.spots").SplitInto(4).Parallel(2).Retry(impatient)
	rows, err := table.Rows().Collect(t.Context())
	require.NoError(t, err)
	require.ElementsMatch(t, want, rows)
	require.Positive(t, fault.Hits())
	starts := map[int64]bool{}
	for _, r := range server.Requests(cqltest.On("lab.spots")) {
		start, _ := rangeOf(r)
		starts[start] = true
	}
	require.Len(t, starts, 4, "it was rows that took the time, so no range was cut")
}

func TestRangesThatTakeTooLongAreHalved(t *testing.T) {
	server, session := serve(t)
	want := spots(server, 100, 3)
	tooMuch := uint64(1) << 60
	fault := server.Inject(cqltest.Fault{
		Match: onSpots(func(r cqltest.Request) bool { s, e := rangeOf(r); return uint64(e)-uint64(s) > tooMuch }),
		Err:   cqltest.ReadTimeout(1, 1, false),
	})
	for name, table := range map[string]source.Scan[spot]{
		"in parallel": source.Table[spot](session, "lab.spots").SplitInto(2).Parallel(3),
		"alone":       source.Table[spot](session, "lab.spots").SplitInto(1).Parallel(1).ReadAhead(0),
		"in order":    source.Table[spot](session, "lab.spots").InTokenOrder(),
	} {
		t.Run(name, func(t *testing.T) {
			rows, err := table.PageSize(7).Where("n >= 0").Retry(impatient).Rows().Collect(t.Context())
			require.NoError(t, err)
			require.ElementsMatch(t, want, rows)
			require.Positive(t, fault.Hits())
		})
	}
}

// A filter may also become too slow in the middle of a range, after rows have come.
func TestARangeIsHalvedBehindTheRowsThatCame(t *testing.T) {
	server, session := serve(t)
	want := spots(server, 100, 3)
	var n atomic.Int64
	fault := server.Inject(cqltest.Fault{
		Match: onSpots(func(r cqltest.Request) bool { return len(r.PageState) > 0 && n.Add(1)%3 != 0 }),
		Err:   cqltest.ReadTimeout(1, 1, false),
	})
	rows, err := source.Table[spot](session, "lab.spots").PageSize(5).SplitInto(3).Parallel(1).Where("n >= 0").Retry(impatient).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.ElementsMatch(t, want, rows)
	require.Greater(t, fault.Hits(), 10)
}

func TestAPartitionThatCannotBeReadIsToldAndAllElseIsRead(t *testing.T) {
	server, session := serve(t)
	all := spots(server, 60, 4)
	bad := tokenOf(t, session, 17)
	fault := server.Inject(cqltest.Fault{
		Match: onSpots(func(r cqltest.Request) bool { s, e := rangeOf(r); return s < bad && bad <= e }),
		Err:   cqltest.ReadFailure(0, 1, 1, false),
	})
	table := source.Table[spot](session, "lab.spots").PageSize(5).SplitInto(4).Retry(impatient)
	rows, err := table.Rows().Collect(t.Context())
	var failed *source.ScanError
	require.ErrorAs(t, err, &failed)
	require.ErrorIs(t, err, cql.ReadFailure)
	require.Len(t, failed.Failed, 1)
	require.Equal(t, source.Range{Start: bad - 1, End: bad}, failed.Failed[0].Range, "one token")
	require.ErrorContains(t, err, failed.Failed[0].Range.String())
	isBad := func(s spot) bool { return s.A == 17 }
	require.ElementsMatch(t, slices.DeleteFunc(slices.Clone(all), isBad), rows)

	fault.Remove()
	rest, err := table.Ranges(failed.Left()...).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.ElementsMatch(t, all, append(rows, rest...))
}

func TestOneRangeInTroubleDoesNotHoldUpTheOthers(t *testing.T) {
	server, session := serve(t)
	all := spots(server, 60, 4)
	table := source.Table[spot](session, "lab.spots").PageSize(5).SplitInto(4).Parallel(2).Retry(impatient)
	ranges, err := table.Splits(t.Context())
	require.NoError(t, err)
	server.Inject(cqltest.Fault{
		Match: onSpots(func(r cqltest.Request) bool { s, _ := rangeOf(r); return s == ranges[0].Start }),
		Err:   cqltest.Unavailable(1, 0),
	})
	rows, err := table.Ranges(ranges...).Rows().Collect(t.Context())
	var failed *source.ScanError
	require.ErrorAs(t, err, &failed)
	require.ErrorIs(t, err, cql.Unavailable)
	require.Equal(t, ranges[:1], failed.Left())
	others, err := table.Ranges(ranges[1:]...).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.ElementsMatch(t, others, rows)
	require.Less(t, len(rows), len(all))
}

func TestAScanOfAClusterThatAnswersNothingEnds(t *testing.T) {
	for name, failure := range map[string]error{
		"read timeout": cqltest.ReadTimeout(1, 0, false), "read failure": cqltest.ReadFailure(0, 1, 1, false),
		"unavailable": cqltest.Unavailable(1, 0),
	} {
		t.Run(name, func(t *testing.T) {
			server, session := serve(t)
			all := spots(server, 60, 4)
			fault := server.Inject(cqltest.Fault{Match: onSpots(func(cqltest.Request) bool { return true }), Err: failure})
			table := source.Table[spot](session, "lab.spots").PageSize(5).SplitInto(500).Parallel(2).Retry(impatient)
			rows, err := table.Rows().Collect(t.Context())
			var failed *source.ScanError
			require.ErrorAs(t, err, &failed)
			require.Empty(t, rows)
			require.Less(t, fault.Hits(), 10_000)
			fault.Remove()
			rows, err = table.Ranges(failed.Left()...).Rows().Collect(t.Context())
			require.NoError(t, err)
			require.ElementsMatch(t, all, rows, "what is left is all of it, once")
		})
	}
}

func TestAScanStopsAtWhatCanNeverSucceed(t *testing.T) {
	server, session := serve(t)
	server.MustExec("CREATE TABLE lab.spots (a int, b text, n int, v int, PRIMARY KEY ((a, b), n))")
	server.MustExec("INSERT INTO lab.spots (a, b, n) VALUES (1000, 'null', 1)") // its v does not fit
	_, err := source.Table[spot](session, "lab.spots").PageSize(5).Rows().Collect(t.Context())
	var at *source.RangeError
	require.ErrorAs(t, err, &at)
	require.ErrorIs(t, err, source.ErrNull)
	require.ErrorIs(t, err, cql.Malformed)

	server, session = serve(t)
	spots(server, 60, 4)
	server.Inject(cqltest.Fault{Match: onSpots(func(cqltest.Request) bool { return true }), Err: cqltest.Unauthorized("no SELECT permission")})
	_, err = source.Table[source.Row](session, "lab.spots").SplitInto(100).Parallel(1).Rows().Collect(t.Context())
	require.ErrorIs(t, err, cql.Unauthorized)
	require.Equal(t, 1, server.Pages("lab.spots"))
}

func TestTheSchemaChangesDuringAScan(t *testing.T) {
	type keyed struct {
		A int
		B string
		N int
		V any
	}
	for name, change := range map[string]struct {
		do func(*cqltest.Server)
		ok bool
	}{
		"a column is added":    {func(s *cqltest.Server) { s.MustExec("ALTER TABLE lab.spots ADD more text") }, true},
		"a column is dropped":  {func(s *cqltest.Server) { s.MustExec("ALTER TABLE lab.spots DROP v") }, false},
		"the table is dropped": {func(s *cqltest.Server) { s.MustExec("DROP TABLE lab.spots") }, false},
		"it is made anew":      {func(s *cqltest.Server) { s.MustExec("DROP TABLE lab.spots"); spots(s, 60, 4) }, false},
		"it is made anew with another type": {func(s *cqltest.Server) {
			s.MustExec("DROP TABLE lab.spots")
			s.MustExec("CREATE TABLE lab.spots (a int, b text, n int, v text, PRIMARY KEY ((a, b), n))")
			s.MustExec("INSERT INTO lab.spots (a, b, n, v) VALUES (1, 'b1', 1, 'four')")
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			server, session := serve(t)
			all := spots(server, 60, 4)
			n := 0
			err := source.Table[keyed](session, "lab.spots").PageSize(5).SplitInto(4).Retry(impatient).Rows().
				ForEach(t.Context(), func(k keyed) error {
					if n++; n == 30 {
						change.do(server)
					}
					return nil
				})
			if change.ok {
				require.NoError(t, err)
				require.Len(t, all, n)
			} else {
				require.ErrorIs(t, err, source.ErrSchemaChanged)
			}
		})
	}
}

func TestEachEndsWithTheFirstFailure(t *testing.T) {
	server, session := serve(t)
	spots(server, 60, 4)
	for _, n := range []int{1, 3} {
		table := source.Table[spot](session, "lab.spots").PageSize(5).SplitInto(1).ReadAhead(0)
		var calls atomic.Int64
		err := table.Each(t.Context(), n, func(ctx context.Context, _ source.TablePage[spot]) error {
			calls.Add(1)
			return errConsumer
		})
		require.Equal(t, errConsumer, err)
		require.EqualValues(t, 1, calls.Load())

		var ended atomic.Int64
		err = table.SplitInto(8).Parallel(4).Each(t.Context(), n, func(ctx context.Context, p source.TablePage[spot]) error {
			if calls.Add(1) == int64(n+1) {
				return errConsumer
			}
			if n > 1 {
				<-ctx.Done()
				ended.Add(1)
				return ctx.Err()
			}
			return nil
		})
		require.Equal(t, errConsumer, err)
	}
	require.Panics(t, func() { _ = source.Table[spot](session, "lab.spots").Each(t.Context(), 0, nil) })
}

func TestRetryOfScanIsBounded(t *testing.T) {
	server, session := serve(t)
	spots(server, 3, 1)
	fault := server.Inject(cqltest.Fault{Match: onSpots(func(cqltest.Request) bool { return true }), Err: cqltest.Overloaded("busy")})
	_, err := source.Table[spot](session, "lab.spots").SplitInto(1).Parallel(1).Retry(operators.Backoff{Attempts: 3, Base: 1}).Rows().Collect(t.Context())
	require.ErrorIs(t, err, cql.Overloaded)
	require.Equal(t, 3, fault.Hits())
	require.NotErrorIs(t, err, rx.ErrEmpty)
}

// The table's definition, which is compared at the end of every range, is asked for from a node like any other.
func TestANodeThatCannotTellTheSchemaForAMoment(t *testing.T) {
	server, session := serve(t)
	all := spots(server, 60, 4)
	table := source.Table[spot](session, "lab.spots").PageSize(5).SplitInto(4).Retry(impatient)
	ranges, err := table.Splits(t.Context())
	require.NoError(t, err)
	asked := func(r cqltest.Request) bool { return r.Keyspace == "system_schema" && r.Table == "columns" }
	fault := server.Inject(cqltest.Fault{Match: asked, After: 1, Times: 3, Err: cqltest.Unavailable(1, 0)}) // one is for the plan
	rows, err := table.Ranges(ranges...).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.ElementsMatch(t, all, rows)
	require.Equal(t, 3, fault.Hits())

	fault = server.Inject(cqltest.Fault{Match: asked, After: 1, Err: cqltest.Unavailable(1, 0)})
	rows, err = table.Ranges(ranges...).Parallel(1).Rows().Collect(t.Context())
	var failed *source.ScanError
	require.ErrorAs(t, err, &failed)
	require.ErrorIs(t, err, cql.Unavailable)
	require.Len(t, failed.Failed, 4, "whether the last page is of this table cannot be told")
	fault.Remove()
	rest, err := table.Ranges(failed.Left()...).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.ElementsMatch(t, all, append(rows, rest...))
}

func TestARangeIsReadFromAnotherReplicaThanTheOneThatFails(t *testing.T) {
	server, session := serve(t, cqltest.Nodes(3))
	server.MustExec("DROP KEYSPACE lab")
	server.MustExec("CREATE KEYSPACE lab WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 3}")
	all := spots(server, 60, 4)
	fault := server.Inject(cqltest.Fault{Match: onSpots(func(r cqltest.Request) bool { return r.Node == 1 }), Err: cqltest.Overloaded("busy")})
	rows, err := source.Table[spot](session, "lab.spots").PageSize(5).SplitInto(12).Retry(impatient).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.ElementsMatch(t, all, rows)
	require.Positive(t, fault.Hits())
}

// A check of the schema serves all ranges whose last page came before it began, and none else.
func TestRangesThatEndTogetherShareACheckOfTheSchema(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, session := serveInBubble(t)
		want := spots(server, 60, 4)
		table := source.Table[spot](session, "lab.spots").SplitInto(64).Parallel(16)
		ranges, err := table.Splits(t.Context())
		require.NoError(t, err)
		asked := func(r cqltest.Request) bool { return r.Keyspace == "system_schema" && r.Table == "columns" }
		server.Inject(cqltest.Fault{Match: asked, Delay: 10 * time.Millisecond})
		server.ResetLog()
		rows, err := table.Ranges(ranges...).Rows().Collect(t.Context())
		require.NoError(t, err)
		require.ElementsMatch(t, want, rows)
		checks := len(server.Requests(asked)) - 1 // one is the plan's
		require.GreaterOrEqual(t, checks, 64/16)
		require.LessOrEqual(t, checks, 64/4)
	})
}
