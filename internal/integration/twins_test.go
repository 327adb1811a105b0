package integration_test

import (
	"encoding/hex"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/ring/ringtest"
	"github.com/rxcql/rxcql/source"
)

// twin is a row of partitions that share a token.
type twin struct {
	P []byte
	C int
}

func (t twin) String() string { return hex.EncodeToString(t.P) + fmt.Sprint(" ", t.C) }

func twinTexts(rows []twin) []string {
	all := make([]string, len(rows))
	for i, r := range rows {
		all[i] = r.String()
	}
	return all
}

const twinsToken = 1234567890123456789

// stopEverywhere reads the token of the twins up to each page, and then what is left of it.
func stopEverywhere(t *target, table source.Scan[twin], want []string) {
	t.Helper()
	for stop := 1; ; stop++ {
		var rows []twin
		var left []source.Range
		n := 0
		for p, err := range table.Ranges(source.Range{Start: twinsToken - 1, End: twinsToken}).Pages().All(t.Context()) {
			require.NoError(t, err)
			rows, left = append(rows, p.Rows...), p.Left
			if n++; n == stop {
				break
			}
		}
		if len(left) > 0 {
			rest, err := table.Ranges(left...).Rows().Collect(t.Context())
			require.NoError(t, err)
			rows = append(rows, rest...)
		}
		require.ElementsMatch(t, want, twinTexts(rows), "after %d pages", stop)
		if n < stop {
			return
		}
	}
}

func TestPartitionsOfOneToken(t *testing.T) {
	onBoth(t, func(t *target) {
		t.exec("CREATE TABLE KS.twins (p blob, c int, s int STATIC, PRIMARY KEY (p, c)) WITH CLUSTERING ORDER BY (c DESC)")
		for n := range 3 {
			key := ringtest.Key(twinsToken, uint64(n)<<32+7)
			token, err := source.Query[int64](t.session, t.in("SELECT token(p) FROM KS.twins WHERE p = ?"), key).Rows().Collect(t.Context())
			require.NoError(t, err)
			require.Empty(t, token)
			for c := range 5 {
				t.exec("INSERT INTO KS.twins (p, c) VALUES (?, ?)", key, c)
			}
			t.exec("INSERT INTO KS.twins (p, s) VALUES (?, 1)", []byte{byte(n)})
		}
		tokens, err := source.Query[int64](t.session, t.in("SELECT token(p) FROM KS.twins")).Rows().Collect(t.Context())
		require.NoError(t, err)
		same := 0
		for _, token := range tokens {
			if token == twinsToken {
				same++
			}
		}
		require.Equal(t, 15, same)
		table := source.Table[twin](t.session, t.in("KS.twins")).Columns("p", "c").ReadAhead(0)
		want, err := table.Where("c >= 0").SplitInto(1).Rows().Collect(t.Context())
		require.NoError(t, err)
		require.Len(t, want, 15)
		for _, size := range []int{1, 2, 4, 5} {
			stopEverywhere(t, table.PageSize(size), twinTexts(want))
		}
	})
}

// Two partitions of one token that a node cannot read at once, for their tombstones.
func TestPartitionsOfOneTokenInSlices(t *testing.T) {
	to := onCassandra(t)
	other := to.other()
	const tombstones = 120_000
	to.exec("CREATE TABLE KS.twins (p blob, c int, PRIMARY KEY (p, c))")
	keys := [][]byte{ringtest.Key(twinsToken, 1), ringtest.Key(twinsToken, 2)}
	load(to, other, 2, tombstones, "DELETE FROM KS.twins WHERE p = ? AND c = ?", func(p, r int) []any { return []any{keys[p], 2 * r} })
	load(to, other, 2, 24, "INSERT INTO KS.twins (p, c) VALUES (?, ?)", func(p, r int) []any { return []any{keys[p], 10_000*r + 1} })
	require.ErrorContains(t, other.Query(to.in("SELECT c FROM KS.twins")).Exec(), "TOMBSTONES", "as a whole it cannot be read")
	var want []string
	for _, key := range keys {
		for r := range 24 {
			want = append(want, twin{key, 10_000*r + 1}.String())
		}
	}
	table := source.Table[twin](to.session, to.in("KS.twins"))
	rows, err := table.Rows().Collect(t.Context())
	require.NoError(t, err)
	require.ElementsMatch(t, want, twinTexts(rows))
	stopEverywhere(to, table.PageSize(5).ReadAhead(0), want)
}
