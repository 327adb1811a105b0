package cqltest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/internal/virtualtime"
)

// testNobodyAnswers would be called TestNobodyAnswers: a session gives up after 12 s, of which the test waits for none.
// The server is made inside the bubble, and what was opened there is closed there.
func testNobodyAnswers(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		srv := cqltest.NewServer(cqltest.InMemory())
		defer srv.Close()
		srv.MustExec(`CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`)
		srv.MustExec(`CREATE TABLE shop.orders (id int PRIMARY KEY, total int)`)
		session, err := cql.Connect(t.Context(), srv.Cluster())
		require.NoError(t, err)
		defer session.Close()

		lost := srv.Inject(cqltest.Fault{Match: cqltest.On("shop.orders"), Lose: true, Times: 1})
		insert := cql.Statement{CQL: `INSERT INTO shop.orders (id, total) VALUES (?, ?)`, Args: []any{1, 250}}
		start := time.Now()
		require.ErrorIs(t, session.Execute(t.Context(), insert), cql.ClientTimeout)
		require.Equal(t, cql.DefaultTimeout, time.Since(start))
		require.Equal(t, 1, lost.Hits())
		require.NoError(t, session.Execute(t.Context(), insert), "the second time there is an answer")
	})
}

// A test in virtual time, of a statement that nobody answers.
func ExampleInMemory() {
	var t *testing.T // the test function's
	testNobodyAnswers(t)
}
