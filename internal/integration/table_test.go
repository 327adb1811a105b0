package integration_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/source"
)

// texts are rows as they are written, to be compared without regard to their order.
func texts(rows []source.Row) []string {
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = r.String()
	}
	return out
}

// write executes statements of gocql's, the driver alone, in batches of one partition each.
func load(t *target, session *gocql.Session, partitions, rows int, statement string, args func(p, r int) []any) {
	t.Helper()
	const most = 1000
	for p := range partitions {
		for first := 0; first < rows; first += most {
			b := session.NewBatch(gocql.UnloggedBatch)
			for r := first; r < min(first+most, rows); r++ {
				b.Query(t.in(statement), args(p, r)...)
			}
			require.NoError(t, session.ExecuteBatch(b))
		}
	}
}

func TestTableIsTheUnionOfItsSplits(t *testing.T) {
	onBoth(t, func(t *target) {
		other := t.other()
		t.exec(`CREATE TABLE KS."OddT" ("A 1" int, "select" text, n int, s text STATIC, v text, PRIMARY KEY (("A 1", "select"), n)) WITH CLUSTERING ORDER BY (n DESC)`)
		key := func(p int) (int, string) { return p * 7, strings.Repeat("k", p%5) }
		load(t, other, 200, 6, `INSERT INTO KS."OddT" ("A 1", "select", n, v) VALUES (?, ?, ?, ?)`, func(p, r int) []any {
			a, b := key(p)
			return []any{a, b, r, fmt.Sprint(p, r)}
		})
		load(t, other, 230, 1, `INSERT INTO KS."OddT" ("A 1", "select", s) VALUES (?, ?, ?)`, func(p, _ int) []any {
			a, b := key(p) // the last thirty have nothing else
			return []any{a, b, fmt.Sprint(p)}
		})
		name := t.in(`KS."OddT"`)
		want, err := source.Query[source.Row](t.session, "SELECT * FROM "+name).Rows().Collect(t.Context())
		require.NoError(t, err)
		require.Len(t, want, 200*6+30)
		for _, splits := range []int{1, 7, 100, 1000} {
			table := source.Table[source.Row](t.session, name).SplitInto(splits).PageSize(50)
			rows, err := table.Rows().Collect(t.Context())
			require.NoError(t, err)
			require.ElementsMatch(t, texts(want), texts(rows), "split into %d", splits)
			if splits == 100 {
				rows, err = table.InTokenOrder().Rows().Collect(t.Context())
				require.NoError(t, err)
				require.Equal(t, texts(want), texts(rows))
				n, err := table.Count(t.Context())
				require.NoError(t, err)
				require.EqualValues(t, len(want), n)
			}
		}
	})
}

type wide struct{ P, C, D, V int }

// A partition of 120,000 tombstones, more than a node reads at once, among others.
func TestAPartitionOfTombstonesIsReadInSlices(t *testing.T) {
	to := onCassandra(t)
	other := to.other()
	const tombstones, bad = 120_000, 5
	to.exec("CREATE TABLE KS.wide (p int, c int, d int, v int, PRIMARY KEY (p, c, d)) WITH CLUSTERING ORDER BY (c DESC, d ASC)")
	load(to, other, 1, tombstones, "DELETE FROM KS.wide WHERE p = ? AND c = ? AND d = ?", func(_, r int) []any {
		if r%2 == 0 {
			return []any{bad, 7, r} // many of one c
		}
		return []any{bad, 3 * r, 0}
	})
	load(to, other, 10, 30, "INSERT INTO KS.wide (p, c, d, v) VALUES (?, ?, ?, ?)", func(p, r int) []any {
		return []any{p, r / 3 * 7, r % 3 * 40_001, p * r}
	})
	err := other.Query(to.in("SELECT v FROM KS.wide")).Exec()
	require.ErrorContains(t, err, "TOMBSTONES", "as a whole it cannot be read")

	var want []wide
	for _, p := range tokenOrder(to, 10) {
		for r := 27; r >= 0; r -= 3 {
			for d := range 3 {
				want = append(want, wide{p, r / 3 * 7, d * 40_001, p * (r + d)})
			}
		}
	}
	table := source.Table[wide](to.session, to.in("KS.wide"))
	rows, err := table.InTokenOrder().Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, want, rows)

	// Stopped after every page of the partition, and gone on from there.
	bads := want[0:0:0]
	for _, r := range want {
		if r.P == bad {
			bads = append(bads, r)
		}
	}
	token := tokenOf(to, bad)
	partition := table.Ranges(source.Range{Start: token - 1, End: token}).PageSize(7).ReadAhead(0)
	for stop := 1; ; stop += 2 {
		var rows []wide
		var left source.Range
		n := 0
		for p, err := range partition.Pages().All(t.Context()) {
			require.NoError(t, err)
			rows, left = append(rows, p.Rows...), p.Range
			if n++; n == stop {
				break
			}
		}
		require.Subset(t, bads, rows)
		if n < stop {
			require.Equal(t, bads, rows)
			break
		}
		rest, err := table.Ranges(left).Rows().Collect(t.Context())
		require.NoError(t, err)
		require.Subset(t, append(rows, rest...), bads, "nothing is lost after page %d", stop)
		require.LessOrEqual(t, len(rest), len(bads))
	}
}

// tokenOrder are the partitions 0 … n-1 of KS.wide in the order of the ring.
func tokenOrder(t *target, n int) []int {
	t.Helper()
	order, tokens := upTo(n), make([]int64, n)
	for p := range n {
		tokens[p] = tokenOf(t, p)
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(tokens[a], tokens[b]) })
	return order
}

func tokenOf(t *target, p int) int64 {
	t.Helper()
	token, err := source.Query[int64](t.session, t.in("SELECT token(p) FROM KS.wide WHERE p = ? AND c = 0"), p).Rows().First(t.Context())
	require.NoError(t, err)
	return token
}

// A large partition among small ones: read as it is, and by a condition that takes a node longer than it may.
func TestALargePartition(t *testing.T) {
	to := onCassandra(t)
	other := to.other()
	rows := 1_000_000
	to.exec("CREATE TABLE KS.wide (p int, c int, d int, v int, PRIMARY KEY (p, c, d))")
	insert := "INSERT INTO KS.wide (p, c, d, v) VALUES (?, ?, ?, ?)"
	load(to, other, 1, rows, insert, func(p, r int) []any { return []any{p, r, 0, r} })
	load(to, other, 50, 10, insert, func(p, r int) []any { return []any{p + 1, r, 0, r} })
	table := source.Table[wide](to.session, to.in("KS.wide"))
	next, seen := 0, 0
	require.NoError(t, table.Rows().ForEach(t.Context(), func(w wide) error {
		seen++
		if w.P == 0 {
			require.Equal(t, next, w.C)
			next++
		}
		return nil
	}))
	require.Equal(t, rows, next)
	require.Equal(t, rows+500, seen)

	few := fmt.Sprintf("v IN (3, %d, %d)", rows/2, rows-1)
	filter := to.in("SELECT c FROM KS.wide WHERE p = 0 AND " + few + " ALLOW FILTERING")
	begun := time.Now()
	var late *gocql.RequestErrReadTimeout // which is the servers' own bound, on a busy machine
	if err := other.Query(filter).Exec(); !errors.As(err, &late) {
		require.NoError(t, err)
	}
	bound := max(time.Since(begun)/8, 40*time.Millisecond) // too little for the whole, whatever the machine has to do
	short, cancel := context.WithTimeout(t.Context(), bound)
	defer cancel()
	err := other.Query(filter).WithContext(short).Exec()
	require.ErrorIs(t, err, context.DeadlineExceeded)
	found, err := table.Where(few).Timeout(bound).Rows().Collect(t.Context())
	require.NoError(t, err)
	want := []wide{{0, 3, 0, 3}, {0, rows / 2, 0, rows / 2}, {0, rows - 1, 0, rows - 1}}
	for p := range 50 {
		want = append(want, wide{p + 1, 3, 0, 3})
	}
	require.ElementsMatch(t, want, found)
}
