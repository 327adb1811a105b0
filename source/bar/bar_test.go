package bar

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/internal/virtualtime"
	"github.com/rxcql/rxcql/source"
)

func TestLinesNowAndThenAndOneAtTheEnd(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		t.Cleanup(func() { time.Sleep(time.Minute) }) // the driver may be filling its pool when it is closed
		server := cqltest.NewServer(cqltest.InMemory())
		defer server.Close()
		session, err := cql.Connect(context.Background(), server.Cluster())
		require.NoError(t, err)
		defer session.Close()
		server.MustExec("CREATE KEYSPACE lab WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
		server.MustExec("CREATE TABLE lab.t (k int PRIMARY KEY)")
		for k := range 12 {
			server.MustExec("INSERT INTO lab.t (k) VALUES (?)", k)
		}
		var (
			out     bytes.Buffer
			tracker source.Tracker
		)
		done := Show(&out, &tracker)
		require.NoError(t, source.Table[int](session, "lab.t").PageSize(1).SplitInto(1).Track(&tracker).Rows().
			ForEach(t.Context(), func(int) error { time.Sleep(990 * time.Millisecond); return nil }))
		done()
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		require.Len(t, lines, 3)
		require.Contains(t, lines[0], ", 5 rows, 1 rows/s, ")
		require.Contains(t, lines[1], ", 10 rows, ")
		require.Equal(t, "100.0%, 1 of 1 range, 12 rows, 1 rows/s", lines[2])
	})
}

func TestOnATerminalItIsABarThatEndsInALine(t *testing.T) {
	var out bytes.Buffer
	show := onTerminal(&out)
	show(0.5, "1 of 2 ranges", false)
	require.Contains(t, out.String(), "50%")
	require.Contains(t, out.String(), "1 of 2 ranges")
	require.NotContains(t, out.String(), "\n")
	show(0.75, "1 of 2 ranges", true)
	require.Contains(t, out.String(), "75%")
	require.True(t, strings.HasSuffix(out.String(), "\n"))
}

func TestAJobThatTellsByItself(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		done := Follow(&out, func(took time.Duration) (float64, string) { return -1, took.String() })
		time.Sleep(12 * time.Second)
		done()
		require.Equal(t, "5s\n10s\n12s\n", out.String())
	})
}
