package source_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/operators"
)

// serve starts a server and connects to it; both end with the test.
func serve(t testing.TB, options ...cqltest.Option) (*cqltest.Server, *cql.Session) {
	t.Helper()
	server := cqltest.NewServer(options...)
	t.Cleanup(server.Close)
	session, err := cql.Connect(context.Background(), server.Cluster())
	require.NoError(t, err)
	t.Cleanup(session.Close)
	server.MustExec("CREATE KEYSPACE lab WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
	return server, session
}

// serveInBubble is serve for tests in virtual time.
func serveInBubble(t testing.TB, options ...cqltest.Option) (*cqltest.Server, *cql.Session) {
	// The driver may be filling its pool when it is closed, on a goroutine that sleeps between attempts.
	t.Cleanup(func() { time.Sleep(time.Minute) })
	return serve(t, append(options, cqltest.InMemory())...)
}

// numbers makes the table lab.numbers with the rows 0 … n-1, all in one partition.
func numbers(server *cqltest.Server, n int) {
	server.MustExec("CREATE TABLE lab.numbers (p int, n int, PRIMARY KEY (p, n))")
	server.Generate("lab.numbers", cqltest.Generator{
		Partitions: 1, Rows: n,
		Key: func(int) []any { return []any{0} },
		Row: func(_, r int) []any { return []any{r} },
	})
}

const selectNumbers = "SELECT n FROM lab.numbers"

// upTo is 0 … n-1.
func upTo(n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = i
	}
	return s
}

// impatient retries at once.
var impatient = operators.Backoff{Base: time.Microsecond, NoJitter: true}

// once does not retry.
var once = operators.Backoff{Attempts: 1}
