package source_test

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/source"
)

// deep is a row of lab.deep, whose first clustering column is of type C.
type deep[C cmp.Ordered] struct {
	P int
	C C
	D int
	S *int
	V int
}

// place is where a row is in its partition.
type place[C cmp.Ordered] struct {
	c C
	d int
}

// deepTable makes lab.deep with 12 partitions, each with a row at every place, and gives its rows.
func deepTable[C cmp.Ordered](t *testing.T, server *cqltest.Server, session *cql.Session, cqlType, order string, places []place[C]) []deep[C] {
	t.Helper()
	server.MustExec(fmt.Sprintf(`CREATE TABLE lab.deep (p int, c %s, d int, s int STATIC, v int, PRIMARY KEY (p, c, d))
		WITH CLUSTERING ORDER BY (%s)`, cqlType, order))
	for p := range 12 {
		for i, at := range places {
			require.NoError(t, session.Execute(t.Context(), cql.Statement{
				CQL: "INSERT INTO lab.deep (p, c, d, v) VALUES (?, ?, ?, ?)", Args: []any{p, at.c, at.d, i},
			}))
		}
		if p%2 == 1 {
			server.MustExec(fmt.Sprintf("INSERT INTO lab.deep (p, s) VALUES (%d, %d)", p, p*100))
		}
	}
	rows, err := source.Query[deep[C]](session, "SELECT * FROM lab.deep").Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, rows, 12*len(places))
	return rows
}

func deepToken(t *testing.T, session *cql.Session, p int) int64 {
	t.Helper()
	token, err := source.Query[int64](session, "SELECT DISTINCT token(p) FROM lab.deep WHERE p = ?", p).Rows().First(t.Context())
	require.NoError(t, err)
	return token
}

var bound = regexp.MustCompile(`"?(\w+)"? (=|>=|<) \?`)

// covers tells whether a request of a scan of lab.deep is about a place of a partition.
func covers[C cmp.Ordered](r cqltest.Request, token int64, at place[C]) bool {
	if s, e := rangeOf(r); token <= s || token > e {
		return false
	}
	return inSlice(r, "c", func(b any) int { return cmp.Compare(at.c, b.(C)) }) &&
		inSlice(r, "d", func(b any) int { return cmp.Compare(at.d, b.(int)) })
}

// inSlice tells whether a request of a scan, perhaps one for a slice, is about a value of a column, which compare compares
// with bounds of it.
func inSlice(r cqltest.Request, column string, compare func(bound any) int) bool {
	for i, m := range boundsOf(r.Statement) {
		if m[1] != column {
			continue
		}
		c := compare(r.Values[2+i])
		if m[2] == "=" && c != 0 || m[2] == ">=" && c < 0 || m[2] == "<" && c >= 0 {
			return false
		}
	}
	return true
}

var boundsSeen sync.Map // by statement

// boundsOf finds the bounds of clustering columns.
func boundsOf(statement string) [][]string {
	if seen, ok := boundsSeen.Load(statement); ok {
		return seen.([][]string)
	}
	_, rest, _ := strings.Cut(statement, "<= ?")
	bounds := bound.FindAllStringSubmatch(rest, -1)
	boundsSeen.Store(statement, bounds)
	return bounds
}

// tooMany makes requests fail that are about more than some of the places of a partition.
func tooMany[C cmp.Ordered](server *cqltest.Server, token int64, places []place[C], most int, err error) *cqltest.Injected {
	on := cqltest.On("lab.deep")
	return server.Inject(cqltest.Fault{Err: err, Match: func(r cqltest.Request) bool {
		if !on(r) || len(r.Values) < 2 || !strings.Contains(r.Statement, "token(p) <= ?") {
			return false
		}
		n := 0
		for _, at := range places {
			if covers(r, token, at) {
				n++
			}
		}
		return n > most
	}})
}

func grid(cs, ds int) []place[int] {
	var places []place[int]
	for c := range cs {
		for d := range ds {
			places = append(places, place[int]{c*1000 - 7, d - 1})
		}
	}
	return places
}

func ofOne[C cmp.Ordered](p int) func(deep[C]) bool { return func(r deep[C]) bool { return r.P == p } }

// readInSlices scans lab.deep while partition 5 can only be read in parts, in several ways.
func readInSlices[C cmp.Ordered](t *testing.T, cqlType, order string, places []place[C], most int) {
	server, session := serve(t)
	want := deepTable(t, server, session, cqlType, order, places)
	token := deepToken(t, session, 5)
	for name, failure := range map[string]error{
		"read failure": cqltest.ReadFailure(0, 1, 1, false), "read timeout": cqltest.ReadTimeout(1, 0, false),
	} {
		for _, pageSize := range []int{1, 3, 100} {
			t.Run(fmt.Sprintf("%s with pages of %d", name, pageSize), func(t *testing.T) {
				fault := tooMany(server, token, places, most, failure)
				defer fault.Remove()
				table := source.Table[deep[C]](session, "lab.deep").PageSize(pageSize).Retry(impatient).InTokenOrder()
				// A range of one token, as timeouts end before a whole ring is cut down to one.
				others, err := table.Ranges(around(token)...).Rows().Collect(t.Context())
				require.NoError(t, err)
				require.Equal(t, want, others, "in the order of the table, each once")
				require.Positive(t, fault.Hits())
				require.Less(t, fault.Hits(), 1500)
				if name == "read failure" {
					whole, err := table.SplitInto(1).Rows().Collect(t.Context())
					require.NoError(t, err)
					require.Equal(t, want, whole)
				}
			})
		}
	}
}

// around is the whole ring, in which one token is a range.
func around(token int64) []source.Range {
	return []source.Range{{Start: -1 << 63, End: token - 1}, {Start: token - 1, End: token}, {Start: token, End: 1<<63 - 1}}
}

func TestAPartitionThatFailsAsAWholeIsReadInSlices(t *testing.T) {
	var words []place[string]
	for i := range 40 {
		words = append(words, place[string]{fmt.Sprintf("événement-%04d", i*i), i % 3})
	}
	var one []place[string]
	for i := range 40 {
		one = append(one, place[string]{"click", i})
	}
	one = append(one, place[string]{"", 1}, place[string]{"clic", 1}, place[string]{"click ", 1}, place[string]{"🙂", 1})
	t.Run("by numbers", func(t *testing.T) { readInSlices(t, "int", "c ASC, d ASC", grid(20, 2), 3) })
	t.Run("the other way", func(t *testing.T) { readInSlices(t, "int", "c DESC, d ASC", grid(20, 2), 3) })
	t.Run("by several columns", func(t *testing.T) { readInSlices(t, "int", "c ASC, d DESC", grid(3, 15), 1) })
	t.Run("by texts", func(t *testing.T) { readInSlices(t, "text", "c ASC, d ASC", words, 2) })
	t.Run("by texts the other way", func(t *testing.T) { readInSlices(t, "text", "c DESC, d DESC", words, 2) })
	t.Run("of one text", func(t *testing.T) { readInSlices(t, "text", "c ASC, d ASC", one, 4) })
}

// What is left after any number of pages, slices or not, has all the other rows.
func TestAScanThatWasStoppedAmongSlicesLosesNothing(t *testing.T) {
	for _, order := range []string{"c ASC, d ASC", "c DESC, d ASC"} {
		server, session := serve(t)
		places := grid(20, 2)
		want := deepTable(t, server, session, "int", order, places)
		token := deepToken(t, session, 5)
		fault := tooMany(server, token, places, 6, cqltest.ReadFailure(0, 1, 1, false))
		part := func(p deep[int]) bool { return p.P != 5 }
		want = slices.DeleteFunc(want, part)
		table := source.Table[deep[int]](session, "lab.deep").PageSize(4).ReadAhead(0).Retry(impatient)
		for stop := 1; ; stop++ {
			var rows []deep[int]
			left, n := source.Range{Start: token - 1, End: token}, 0
			for p, err := range table.Ranges(left).Pages().All(t.Context()) {
				require.NoError(t, err)
				rows = append(rows, p.Rows...)
				left = p.Range
				if n++; n == stop || p.Last {
					break
				}
			}
			if n < stop {
				require.Equal(t, want, rows)
				require.Greater(t, stop, 10)
				break
			}
			var rest []deep[int]
			if len(rows) < len(want) {
				var err error
				rest, err = table.Ranges(left).Rows().Collect(t.Context())
				require.NoError(t, err)
			}
			require.Equal(t, want, append(rows, rest...), "after %d pages", stop)
			if stop == 5 {
				left.End++
				_, err := table.Ranges(left).Rows().Collect(t.Context())
				require.ErrorIs(t, err, source.ErrBadState)
			}
		}
		require.Positive(t, fault.Hits())
	}
}

func TestACheckpointAmongSlicesLosesNothing(t *testing.T) {
	server, session := serve(t)
	places := grid(20, 2)
	want := deepTable(t, server, session, "int", "c ASC, d ASC", places)
	tooMany(server, deepToken(t, session, 5), places, 6, cqltest.ReadFailure(0, 1, 1, false))
	table := source.Table[deep[int]](session, "lab.deep").PageSize(4).Retry(impatient).SplitInto(3)
	for _, after := range []int{1, 5, 20, 50, 80, 100, 110} {
		store := &memory{}
		var rows []deep[int]
		n := 0
		read := func(most int) error {
			return table.Resume(store).Each(t.Context(), 1, func(_ context.Context, p source.TablePage[deep[int]]) error {
				if n++; n > most {
					return errConsumer
				}
				rows = append(rows, p.Rows...)
				return nil
			})
		}
		require.ErrorIs(t, read(after), errConsumer)
		store = store.through(t)
		require.NoError(t, read(1<<30))
		slices.SortFunc(rows, func(a, b deep[int]) int { return cmp.Or(a.P-b.P, a.C-b.C, a.D-b.D) })
		rows = slices.CompactFunc(rows, func(a, b deep[int]) bool { return a.P == b.P && a.C == b.C && a.D == b.D })
		require.ElementsMatch(t, want, rows)
	}
}

func TestStaticValuesOfAPartitionInSlices(t *testing.T) {
	server, session := serve(t)
	places := grid(10, 1)
	want := deepTable(t, server, session, "int", "c ASC, d ASC", places)
	server.MustExec("DELETE FROM lab.deep WHERE p = 4")
	server.MustExec("INSERT INTO lab.deep (p, s) VALUES (4, 44)") // it has nothing else now
	want = slices.DeleteFunc(want, ofOne[int](4))
	statics := deepToken(t, session, 4)
	tooMany(server, statics, places, 3, cqltest.ReadFailure(0, 1, 1, false))
	tooMany(server, deepToken(t, session, 5), places, 3, cqltest.ReadFailure(0, 1, 1, false))

	table := source.Table[deep[int]](session, "lab.deep").Retry(impatient)
	rows, err := table.Rows().Collect(t.Context())
	require.ElementsMatch(t, want, rows, "each with its static value")
	var failed *source.ScanError
	require.ErrorAs(t, err, &failed)
	require.Len(t, failed.Failed, 1)
	require.Equal(t, source.Range{Start: statics - 1, End: statics}, failed.Failed[0].Range)
	require.ErrorContains(t, err, "static")

	rows, err = table.Where("v >= ?", 0).Rows().Collect(t.Context())
	require.NoError(t, err, "a condition on rows asks for none without")
	require.ElementsMatch(t, want, rows)
	_, err = table.Where("s >= ?", 0).Rows().Collect(t.Context())
	require.ErrorAs(t, err, &failed, "one on the partition does")
}

func TestAPartitionWhoseRowsAreAllGone(t *testing.T) {
	server, session := serve(t)
	server.MustExec("CREATE TABLE lab.deep (p int, c int, d int, v int, PRIMARY KEY (p, c, d))")
	places := grid(10, 1)
	server.MustExec("INSERT INTO lab.deep (p, c, d, v) VALUES (1, 1, 1, 1)")
	token := deepToken(t, session, 1)
	server.MustExec("DELETE FROM lab.deep WHERE p = 1")
	server.MustExec("INSERT INTO lab.deep (p, c, d, v) VALUES (2, 1, 1, 1)")
	fault := tooMany(server, token, places, 3, cqltest.ReadFailure(0, 1, 1, false))
	type row struct{ P, C, D, V int }
	rows, err := source.Table[row](session, "lab.deep").Retry(impatient).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, []row{{2, 1, 1, 1}}, rows)
	require.Positive(t, fault.Hits())
}

func TestAPartitionThatCannotBeSlicedIsTold(t *testing.T) {
	check := func(t *testing.T, session *cql.Session, fault *cqltest.Injected, token int64, table source.Scan[source.Row], others int) {
		t.Helper()
		rows, err := table.Retry(impatient).Rows().Collect(t.Context())
		var failed *source.ScanError
		require.ErrorAs(t, err, &failed)
		require.Equal(t, []source.Range{{Start: token - 1, End: token}}, failed.Left())
		require.Len(t, rows, others)
		require.Less(t, fault.Hits(), 400)
	}
	failure := cqltest.ReadFailure(0, 1, 1, false)
	t.Run("no order is known", func(t *testing.T) {
		server, session := serve(t)
		deepTable(t, server, session, "double", "c ASC, d ASC", []place[float64]{{1, 1}, {2, 2}, {3, 3}})
		token := deepToken(t, session, 5)
		fault := tooMany(server, token, []place[float64]{{1, 1}, {2, 2}}, 1, failure)
		check(t, session, fault, token, source.Table[source.Row](session, "lab.deep"), 33)
	})
	t.Run("one row is too much", func(t *testing.T) {
		server, session := serve(t)
		places := []place[int]{{1, 1}, {2, 2}, {3, 3}}
		deepTable(t, server, session, "int", "c ASC, d ASC", places)
		token := deepToken(t, session, 5)
		fault := tooMany(server, token, places[:1], 0, failure)
		check(t, session, fault, token, source.Table[source.Row](session, "lab.deep"), 33)
		_, err := source.Table[source.Row](session, "lab.deep").Retry(impatient).Rows().Collect(t.Context())
		require.ErrorIs(t, err, cql.ReadFailure)
		require.ErrorContains(t, err, "slices")
	})
	t.Run("the condition has bounds of its own", func(t *testing.T) {
		server, session := serve(t)
		places := grid(5, 1)
		deepTable(t, server, session, "int", "c ASC, d ASC", places)
		token := deepToken(t, session, 5)
		fault := tooMany(server, token, places, 1, failure)
		check(t, session, fault, token, source.Table[source.Row](session, "lab.deep").Where("c >= ? AND c < ?", -10, 10_000), 11*5)
	})
	t.Run("there are no clustering columns", func(t *testing.T) {
		server, session := serve(t)
		server.MustExec("CREATE TABLE lab.deep (p int PRIMARY KEY, v int)")
		for p := range 5 {
			server.MustExec(fmt.Sprintf("INSERT INTO lab.deep (p, v) VALUES (%d, 1)", p))
		}
		token := deepToken(t, session, 3)
		fault := tooMany(server, token, []place[int]{{}}, 0, failure)
		check(t, session, fault, token, source.Table[source.Row](session, "lab.deep"), 4)
	})
}

func TestCountsAndSlicesOfNamesThatNeedQuotes(t *testing.T) {
	server, session := serve(t)
	server.MustExec(`CREATE TABLE lab.deep (p int, "C 1""" int, v int, PRIMARY KEY (p, "C 1"""))`)
	for i := range 30 {
		server.MustExec(fmt.Sprintf(`INSERT INTO lab.deep (p, "C 1""", v) VALUES (%d, %d, 0)`, i%3, i))
	}
	token := deepToken(t, session, 1)
	on := cqltest.On("lab.deep")
	fault := server.Inject(cqltest.Fault{Err: cqltest.ReadFailure(0, 1, 1, false), Match: func(r cqltest.Request) bool {
		if !on(r) || len(r.Values) < 2 {
			return false
		}
		s, e := rangeOf(r)
		return s < token && token <= e && len(r.Values) < 3 // a slice has a bound
	}})
	n, err := source.Table[source.Row](session, "lab.deep").Retry(impatient).Count(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 30, n)
	require.Positive(t, fault.Hits())

	got, err := source.Table[source.Row](session, "lab.deep").Columns(`"C 1"""`, "p").Rows().First(t.Context())
	require.NoError(t, err)
	require.Equal(t, "{C 1\": ", got.String()[:7])
}

// A condition that few rows of a large partition fulfil takes too long; among other partitions it is found by its rows.
func TestALargePartitionAmongOthersIsFilteredInSlices(t *testing.T) {
	server, session := serve(t)
	places := grid(20, 2)
	all := deepTable(t, server, session, "int", "c ASC, d ASC", places)
	want := slices.DeleteFunc(all, func(r deep[int]) bool { return r.V%7 != 0 })
	token := deepToken(t, session, 5)
	on := cqltest.On("lab.deep")
	fault := server.Inject(cqltest.Fault{Err: cqltest.ReadTimeout(1, 0, false), Match: func(r cqltest.Request) bool {
		if !on(r) || !strings.Contains(r.Statement, "ALLOW FILTERING") {
			return false
		}
		n := 0
		for _, at := range places {
			if covers(r, token, at) {
				n++
			}
		}
		return n > 3
	}})
	for _, pageSize := range []int{1, 50} {
		table := source.Table[deep[int]](session, "lab.deep").Where("v IN (0, 7, 14, 21, 28, 35)").PageSize(pageSize).Retry(impatient)
		rows, err := table.SplitInto(1).InTokenOrder().Rows().Collect(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, rows)
		rows, err = table.SplitInto(5).Rows().Collect(t.Context())
		require.NoError(t, err)
		require.ElementsMatch(t, want, rows)
	}
	require.Less(t, fault.Hits(), 1000)
}
