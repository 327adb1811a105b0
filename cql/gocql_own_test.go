package cql_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
)

// texts notes the texts that the driver sends.
type texts struct {
	mu   sync.Mutex
	sent []string
}

func (o *texts) ObserveQuery(_ context.Context, q gocql.ObservedQuery) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sent = append(o.sent, q.Statement)
}

func (o *texts) last() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.sent[len(o.sent)-1]
}

func TestStatementsWithArgumentsAreTheSessionsOwn(t *testing.T) {
	server, _ := serve(t)
	server.MustExec("CREATE TABLE ks.t (p int PRIMARY KEY, v int)")
	const insert, plain = "INSERT INTO ks.t (p, v) VALUES (?, ?)", "INSERT INTO ks.t (p, v) VALUES (1, 1)"
	seen := map[string]bool{}
	for _, share := range []bool{false, true} {
		for _, wrap := range []bool{false, true} {
			var sent texts
			config := server.Cluster()
			config.QueryObserver = &sent
			defaults := cql.Defaults{ShareStatements: share}
			session, err := cql.Connect(t.Context(), config, defaults)
			if wrap {
				session.Close()
				driver, failed := config.CreateSession()
				session, err = cql.Wrap(driver, defaults), failed
			}
			require.NoError(t, err)
			server.ResetLog()
			require.NoError(t, session.Execute(t.Context(), cql.Statement{CQL: plain}))
			require.Equal(t, plain, sent.last(), "there is nothing to encode")
			require.NoError(t, session.Execute(t.Context(), cql.Statement{CQL: insert, Args: []any{1, 1}}))
			text := sent.last()
			if share {
				require.Equal(t, insert, text)
			} else {
				require.True(t, strings.HasPrefix(text, insert+"\n--"), text)
				require.False(t, seen[text], "each session has its own")
				seen[text] = true
			}
			require.NoError(t, session.Batch(t.Context(), cql.Batch{Statements: []cql.Statement{{CQL: insert, Args: []any{1, 1}}, {CQL: plain}}}))
			log := server.Requests()
			require.Equal(t, insert, log[1].Statement, "tests see what the user wrote")
			require.Equal(t, []string{insert, plain}, []string{log[2].Batch[0].Statement, log[2].Batch[1].Statement})

			err = session.Execute(t.Context(), cql.Statement{CQL: insert, Args: []any{1, "x"}})
			require.ErrorIs(t, err, cql.Malformed)
			require.NotContains(t, err.Error(), "--", "errors show what the user wrote")
			session.Close()
		}
	}
}

// prepares is how often something was prepared.
func prepares(server *cqltest.Server) int {
	return len(server.Requests(func(r cqltest.Request) bool { return r.Op == cqltest.OpPrepare && r.Keyspace == "ks" }))
}

func TestWrongArgumentsPrepareNothingNew(t *testing.T) {
	server, connected := serve(t)
	server.MustExec("CREATE TABLE ks.t (p int PRIMARY KEY, v int)")
	driver, err := server.Cluster().CreateSession()
	require.NoError(t, err)
	wrapped := cql.Wrap(driver)
	t.Cleanup(wrapped.Close)
	wrong := func(session *cql.Session) {
		t.Helper()
		s := cql.Statement{CQL: "INSERT INTO ks.t (p, v) VALUES (?, ?)", Args: []any{1, "x"}}
		for range 2 { // few enough for the schema to be asked for each time
			var e *cql.ArgumentError
			require.ErrorAs(t, session.Execute(t.Context(), s), &e)
			_, err := session.Fetch(t.Context(), cql.PageRequest{Statement: cql.Statement{CQL: "SELECT v FROM ks.t WHERE p = ?", Args: []any{"x"}}})
			require.ErrorAs(t, err, &e)
			require.ErrorAs(t, session.Batch(t.Context(), cql.Batch{Statements: []cql.Statement{s, s}}), &e)
		}
	}
	server.ResetLog()
	server.MustExec("CREATE TABLE ks.unrelated (p int PRIMARY KEY)")
	wrong(connected)
	require.Equal(t, 4, prepares(server), "both texts when first asked for, and each once more when it is refused")
	wrong(connected)
	require.Equal(t, 4, prepares(server), "the schema is the same")
	server.ResetLog()
	wrong(wrapped)
	require.Equal(t, 4, prepares(server), "it did not know the schema yet")
	server.ResetLog()
	server.MustExec("CREATE TABLE ks.another (p int PRIMARY KEY)")
	wrong(wrapped)
	require.Equal(t, 2, prepares(server))
}

// TestManyStatements, more than are remembered, are prepared once each, if the driver keeps them.
func TestManyStatements(t *testing.T) {
	server, connected := serve(t)
	connected.Close()
	config := server.Cluster()
	config.MaxPreparedStmts = 10_000
	session, err := cql.Connect(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(session.Close)
	server.MustExec("CREATE TABLE ks.t (p int PRIMARY KEY, v int)")
	cycle := func() (prepared int) {
		for i := range 1100 {
			if i%100 == 0 { // the log is no longer than needed
				prepared += prepares(server)
				server.ResetLog()
			}
			s := cql.Statement{CQL: fmt.Sprintf("INSERT INTO ks.t (p, v) VALUES (?, %d)", i), Args: []any{1}}
			require.NoError(t, session.Execute(t.Context(), s))
		}
		prepared += prepares(server)
		server.ResetLog()
		return prepared
	}
	require.Equal(t, 1100, cycle())
	require.Zero(t, cycle())
	server.MustExec("DROP TABLE ks.t")
	server.MustExec("CREATE TABLE ks.t (p int PRIMARY KEY, v int)")
	require.GreaterOrEqual(t, cycle(), 1100, "all were forgotten")
	cycle() // there were too many to remember, so some began a new era
	require.Zero(t, cycle())
}

// TestAServerThatForgetsForEver is not asked for ever.
func TestAServerThatForgetsForEver(t *testing.T) {
	for _, share := range []bool{false, true} {
		server, connected := serve(t)
		connected.Close()
		session, err := cql.Connect(t.Context(), server.Cluster(), cql.Defaults{ShareStatements: share})
		require.NoError(t, err)
		t.Cleanup(session.Close)
		server.MustExec("CREATE TABLE ks.t (p int PRIMARY KEY)")
		insert := cql.Statement{CQL: "INSERT INTO ks.t (p) VALUES (?)", Args: []any{1}}
		read := cql.Statement{CQL: "SELECT p FROM ks.t"}
		for _, operation := range []func() error{
			func() error { return session.Execute(t.Context(), insert) },
			func() error {
				return session.Batch(t.Context(), cql.Batch{Statements: []cql.Statement{insert, insert}})
			},
			func() error { _, err := session.Fetch(t.Context(), cql.PageRequest{Statement: read}); return err },
		} {
			server.ResetLog()
			fault := server.Inject(cqltest.Fault{Match: cqltest.On("ks.t"), Before: func(cqltest.Request) {
				server.MustExec("DROP TABLE ks.t")
				server.MustExec("CREATE TABLE ks.t (p int PRIMARY KEY)")
			}})
			err := operation()
			require.ErrorIs(t, err, cql.Unprepared)
			require.ErrorContains(t, err, "forgotten")
			require.Equal(t, 4, fault.Hits())
			require.LessOrEqual(t, prepares(server), 6)
			fault.Remove()
			require.NoError(t, operation())
		}
	}
}

// TestArgumentsOfStatementsThatBeginWithComments, by which the driver does not see that they can be prepared.
func TestArgumentsOfStatementsThatBeginWithComments(t *testing.T) {
	for _, share := range []bool{false, true} {
		server, connected := serve(t)
		connected.Close()
		session, err := cql.Connect(t.Context(), server.Cluster(), cql.Defaults{ShareStatements: share})
		require.NoError(t, err)
		t.Cleanup(session.Close)
		server.MustExec("CREATE TABLE ks.t (p int PRIMARY KEY, v int)")
		for i, text := range []string{
			"/* it's */ INSERT INTO ks.t (p, v) VALUES (?, ?)",
			"-- app\nINSERT INTO ks.t (p, v) VALUES (?, ?)",
			"INSERT/**/INTO ks.t (p, v) VALUES (?, ?)",
			"// app\n insert--\ninto ks.t (p, v) VALUES (?, ?)",
		} {
			s := cql.Statement{CQL: text, Args: []any{i, i}}
			require.NoError(t, session.Execute(t.Context(), s), text)
			require.NoError(t, session.Batch(t.Context(), cql.Batch{Statements: []cql.Statement{s}}), text)
			page, err := session.Fetch(t.Context(), cql.PageRequest{Statement: cql.Statement{CQL: "/**/SELECT*FROM ks.t WHERE p = ?", Args: []any{i}}})
			require.NoError(t, err)
			require.Equal(t, 1, page.Len(), text)
		}
	}
}

func TestARefusedArgumentStandsIfTheSchemaCannotBeAskedFor(t *testing.T) {
	server, session := serve(t)
	server.MustExec("CREATE TABLE ks.t (p int PRIMARY KEY)")
	for _, table := range []string{"local", "peers"} {
		fault := server.Inject(cqltest.Fault{
			Match: func(r cqltest.Request) bool { return r.Keyspace == "system" && r.Table == table },
			Err:   cqltest.Overloaded("busy"),
		})
		err := session.Execute(t.Context(), cql.Statement{CQL: "INSERT INTO ks.t (p) VALUES (?)", Args: []any{"x"}})
		require.ErrorIs(t, err, cql.Malformed)
		var e *cql.ArgumentError
		require.ErrorAs(t, err, &e)
		require.Equal(t, 1, fault.Hits())
		fault.Remove()
	}
}

// TestTheSchemaIsAskedOfOneNode: none lists itself among its peers.
func TestTheSchemaIsAskedOfOneNode(t *testing.T) {
	server, session := serve(t, cqltest.Nodes(3))
	server.MustExec("CREATE TABLE ks.t (p int PRIMARY KEY)")
	for range 6 {
		server.ResetLog()
		err := session.Execute(t.Context(), cql.Statement{CQL: "INSERT INTO ks.t (p) VALUES (?)", Args: []any{"x"}})
		require.ErrorIs(t, err, cql.Malformed)
		asked := server.Requests(func(r cqltest.Request) bool {
			return r.Op == cqltest.OpExecute && strings.Contains(r.Statement, "schema_version")
		})
		require.Len(t, asked, 2)
		require.NotEqual(t, asked[0].Table, asked[1].Table)
		require.Equal(t, asked[0].Node, asked[1].Node)
	}
}

// TestManyRequestsMeetATableMadeAnew at once: they agree on one new text.
func TestManyRequestsMeetATableMadeAnew(t *testing.T) {
	server, session := serve(t)
	server.MustExec("CREATE TABLE ks.t (p int PRIMARY KEY, v int)")
	insert := func(p int, v any) cql.Statement {
		return cql.Statement{CQL: "INSERT INTO ks.t (p, v) VALUES (?, ?)", Args: []any{p, v}}
	}
	require.NoError(t, session.Execute(t.Context(), insert(0, 0)))
	server.MustExec("DROP TABLE ks.t")
	server.MustExec("CREATE TABLE ks.t (p int PRIMARY KEY, v text)")
	server.ResetLog()
	errs := make([]error, 32)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			if i%2 == 0 {
				errs[i] = session.Execute(t.Context(), insert(i, "x"))
			} else {
				errs[i] = session.Batch(t.Context(), cql.Batch{Statements: []cql.Statement{insert(i, "x"), insert(i, "x")}})
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	require.Equal(t, 1, prepares(server))
}

// TestARequestThatIsOvertaken by a change of the schema and by another request with the same text, which finds out: the
// server must not take it as one of the new types.
func TestARequestThatIsOvertaken(t *testing.T) {
	const insert = "INSERT INTO ks.t (p, v) VALUES (?, 'x')"
	for name, write := range map[string]func(s *cql.Session, statements ...cql.Statement) error{
		"statement": func(s *cql.Session, statements ...cql.Statement) error {
			return s.Execute(t.Context(), statements[0])
		},
		"batch": func(s *cql.Session, statements ...cql.Statement) error {
			return s.Batch(t.Context(), cql.Batch{Statements: statements})
		},
	} {
		t.Run(name, func(t *testing.T) {
			server, session := serve(t, cqltest.Nodes(3))
			server.MustExec("CREATE TABLE ks.t (p text PRIMARY KEY, v text)")
			server.MustExec("CREATE TABLE ks.other (p text PRIMARY KEY, v text)")
			statements := []cql.Statement{
				{CQL: insert, Args: []any{"7"}},
				{CQL: "INSERT INTO ks.other (p, v) VALUES (?, ?)", Args: []any{"a", "b"}},
				{CQL: "INSERT INTO ks.other (p) VALUES ('c')"},
				{CQL: insert, Args: []any{"7"}},
			}
			for range 12 { // wherever it goes, it is prepared
				require.NoError(t, write(session, statements...))
			}
			for range 3 {
				fault := server.Inject(cqltest.Fault{Match: cqltest.On("ks.t"), Times: 1, Before: func(cqltest.Request) {
					server.MustExec("DROP TABLE ks.t")
					server.MustExec("CREATE TABLE ks.t (p varint PRIMARY KEY, v text)")
					for range 12 {
						require.NoError(t, write(session, statements...))
					}
				}})
				require.NoError(t, write(session, statements...))
				require.Equal(t, 1, fault.Hits())
				fault.Remove()
				page, err := session.Fetch(t.Context(), cql.PageRequest{Statement: cql.Statement{CQL: "SELECT p FROM ks.t"}})
				require.NoError(t, err)
				require.Equal(t, 1, page.Len())
				row, err := page.Next()
				require.NoError(t, err)
				require.Equal(t, [][]byte{{7}}, row, "not the text 7, which is 55")
				server.MustExec("DROP TABLE ks.t")
				server.MustExec("CREATE TABLE ks.t (p text PRIMARY KEY, v text)")
				for range 12 {
					require.NoError(t, write(session, statements...))
				}
			}
		})
	}
}
