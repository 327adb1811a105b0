package cql_test

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
)

// serve starts a server and connects to it; both end with the test.
func serve(t *testing.T, options ...cqltest.Option) (*cqltest.Server, *cql.Session) {
	t.Helper()
	server := cqltest.NewServer(options...)
	t.Cleanup(server.Close)
	server.MustExec("CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
	session, err := cql.Connect(context.Background(), server.Cluster())
	require.NoError(t, err)
	t.Cleanup(session.Close)
	return server, session
}

func TestClassesOfErrorFrames(t *testing.T) {
	server, session := serve(t)
	server.MustExec("CREATE TABLE ks.t (p int PRIMARY KEY)")
	write := cql.Statement{CQL: "INSERT INTO ks.t (p) VALUES (1)"}
	for _, c := range []struct {
		err   error
		class cql.Class
	}{
		{cqltest.ReadTimeout(0, 1, false), cql.ReadTimeout},
		{cqltest.ReadFailure(0, 1, 1, false), cql.ReadFailure},
		{cqltest.WriteTimeout("SIMPLE", 0, 1), cql.WriteTimeout},
		{cqltest.WriteTimeout("BATCH_LOG", 0, 1), cql.WriteTimeout},
		{cqltest.WriteTimeout("CAS", 0, 1), cql.CASUnknown},
		{cqltest.WriteFailure("SIMPLE", 0, 1, 1), cql.WriteFailure},
		{cqltest.Unavailable(1, 0), cql.Unavailable},
		{cqltest.Overloaded("x"), cql.Overloaded},
		{cqltest.Bootstrapping("x"), cql.Bootstrapping},
		{cqltest.ServerError("x"), cql.ServerError},
		{cqltest.Truncate("x"), cql.ServerError},
		{cqltest.Syntax("x"), cql.Syntax},
		{cqltest.Invalid("x"), cql.Invalid},
		{cqltest.Protocol("x"), cql.Invalid},
		{cqltest.Unauthorized("x"), cql.Unauthorized},
		{cqltest.Config("x"), cql.Config},
		{cqltest.AlreadyExists("ks", "t"), cql.Config},
	} {
		fault := server.Inject(cqltest.Fault{Err: c.err})
		for _, err := range []error{
			session.Execute(t.Context(), write),
			session.Batch(t.Context(), cql.Batch{Statements: []cql.Statement{write}}),
		} {
			require.ErrorIs(t, err, c.class, "%v", c.err)
			require.Equal(t, c.class, cql.ClassOf(err))
			var frame gocql.RequestError
			require.ErrorAs(t, err, &frame, "the driver's own error is there")
		}
		fault.Remove()
	}
	fault := server.Inject(cqltest.Fault{Err: cqltest.Overloaded("queue full")})
	err := session.Execute(t.Context(), write)
	require.ErrorContains(t, err, "overloaded: queue full (send less at a time)")
	fault.Remove()
	fault = server.Inject(cqltest.Fault{Drop: true})
	err = session.Execute(t.Context(), write)
	require.ErrorIs(t, err, cql.ConnectionClosed)
	fault.Remove()
}

func TestClassesSayWhatMayBeRepeated(t *testing.T) {
	always := []cql.Class{cql.NotSent, cql.Unavailable, cql.Bootstrapping, cql.Unprepared, cql.ReadTimeout}
	idempotent := []cql.Class{cql.WriteTimeout, cql.WriteFailure, cql.ServerError, cql.ClientTimeout, cql.ConnectionClosed, cql.Overloaded}
	never := []cql.Class{cql.Unknown, cql.ReadFailure, cql.CASUnknown, cql.Syntax, cql.Invalid, cql.Unauthorized, cql.Config, cql.Malformed, cql.Canceled, cql.Closed}
	for _, c := range always {
		require.True(t, c.Retryable(false) && c.Retryable(true), c)
	}
	for _, c := range idempotent {
		require.True(t, !c.Retryable(false) && c.Retryable(true), c)
	}
	for _, c := range never {
		require.False(t, c.Retryable(false) || c.Retryable(true), c)
	}
	require.Equal(t, cql.Unknown, cql.ClassOf(errors.New("from elsewhere")))
}

func TestConnectFails(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	unused := listener.Addr().String()
	require.NoError(t, listener.Close())
	config := gocql.NewCluster(unused)
	_, err = cql.Connect(t.Context(), config)
	require.ErrorContains(t, err, "cql: connect")
	require.ErrorIs(t, err, cql.NotSent)
	require.ErrorContains(t, err, unused, "which host was tried")
}

// silent accepts connections and never says a word.
func silent(t *testing.T) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		var conns []net.Conn
		for {
			conn, err := listener.Accept()
			if err != nil {
				break
			}
			conns = append(conns, conn)
		}
		for _, c := range conns {
			c.Close()
		}
	}()
	t.Cleanup(func() { listener.Close(); <-done })
	return listener.Addr().String()
}

func TestConnectStopsWhenItsContextEnds(t *testing.T) {
	for name, wrap := range map[string]func(*gocql.ClusterConfig){
		"default dialer": func(*gocql.ClusterConfig) {},
		"own dialer":     func(c *gocql.ClusterConfig) { c.Dialer = &net.Dialer{} },
		"own host dialer": func(c *gocql.ClusterConfig) {
			c.HostDialer = plainHostDialer{}
		},
	} {
		t.Run(name, func(t *testing.T) {
			config := gocql.NewCluster(silent(t))
			config.ConnectTimeout, config.Timeout = time.Hour, time.Hour
			wrap(config)
			cause := errors.New("the user pressed a key")
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(50*time.Millisecond, func() { cancel(cause) })
			_, err := cql.Connect(ctx, config)
			require.ErrorIs(t, err, cql.Canceled)
			require.ErrorIs(t, err, cause)
		})
	}
}

type plainHostDialer struct{}

func (plainHostDialer) DialHost(ctx context.Context, h *gocql.HostInfo) (*gocql.DialedHost, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", h.ConnectAddressAndPort())
	return &gocql.DialedHost{Conn: conn}, err
}

func TestConnectLeavesTheConfigurationAsItIs(t *testing.T) {
	server, _ := serve(t)
	config := server.Cluster()
	before := *config
	session, err := cql.Connect(t.Context(), config)
	require.NoError(t, err)
	session.Close()
	require.Equal(t, before.Timeout, config.Timeout)
	require.Equal(t, before.WriteCoalesceWaitTime, config.WriteCoalesceWaitTime)
	require.Nil(t, config.PoolConfig.HostSelectionPolicy)
}

func TestFetchedPages(t *testing.T) {
	server, session := serve(t)
	server.MustExec("CREATE TABLE ks.t (p int, c int, v text, l list<int>, m map<text, frozen<set<int>>>, u tuple<int, text>, PRIMARY KEY (p, c))")
	server.MustExec("INSERT INTO ks.t (p, c, v, l, m, u) VALUES (0, 0, 'x', [1, 2], {'a': {3}}, (4, 'y'))")
	server.MustExec("INSERT INTO ks.t (p, c, u) VALUES (0, 1, (null, 'z'))")
	server.MustExec("INSERT INTO ks.t (p, c) VALUES (0, 2)")
	server.Inject(cqltest.Fault{Warnings: []string{"slowly"}})
	page, err := session.Fetch(t.Context(), cql.PageRequest{Statement: cql.Statement{CQL: "SELECT c, v, l, m, u FROM ks.t"}, Size: 10})
	require.NoError(t, err)
	require.Equal(t, 3, page.Len())
	require.Empty(t, page.State())
	require.NotEmpty(t, page.Host())
	require.Equal(t, []string{"slowly"}, page.Warnings())
	var types []string
	for _, c := range page.Columns() {
		types = append(types, c.Name+" "+c.Type.String())
	}
	require.Equal(t, []string{"c int", "v text", "l list<int>", "m map<text, set<int>>", "u tuple<int, text>"}, types)

	row, err := page.Next()
	require.NoError(t, err)
	require.Equal(t, []byte{0, 0, 0, 0}, row[0])
	require.Equal(t, []byte{0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 1, 'y'}, row[4])
	for _, cell := range row {
		require.Equal(t, len(cell), cap(cell), "an append must not reach into the frame")
	}
	row, err = page.Next()
	require.NoError(t, err)
	require.Nil(t, row[1])
	require.Equal(t, []byte{255, 255, 255, 255, 0, 0, 0, 1, 'z'}, row[4])
	row, err = page.Next()
	require.NoError(t, err)
	require.Nil(t, row[4])
	_, err = page.Next()
	require.Error(t, err, "there are three rows")
}

func TestBatchesAndTimestamps(t *testing.T) {
	server, session := serve(t)
	server.MustExec("CREATE TABLE ks.t (p int, c int, v int, PRIMARY KEY (p, c))")
	insert := func(c, v int) cql.Statement {
		return cql.Statement{CQL: "INSERT INTO ks.t (p, c, v) VALUES (0, ?, ?)", Args: []any{c, v}}
	}
	require.NoError(t, session.Batch(t.Context(), cql.Batch{Kind: cql.UnloggedBatch, Consistency: cql.One, Statements: []cql.Statement{insert(1, 1), insert(2, 2)}}))
	batch := server.Requests()[0]
	require.Len(t, batch.Batch, 2)
	require.Equal(t, gocql.One, batch.Consistency)
	require.Equal(t, 1, batch.BatchType)

	require.NoError(t, session.Batch(t.Context(), cql.Batch{Timestamp: 42, Statements: []cql.Statement{insert(9, 1)}}))
	require.EqualValues(t, 42, server.Requests()[1].Timestamp)
	odd := insert(1, 1)
	odd.Timestamp = 42
	err := session.Batch(t.Context(), cql.Batch{Statements: []cql.Statement{insert(1, 1), odd}})
	require.ErrorIs(t, err, cql.Invalid)
	require.ErrorContains(t, err, "statement 1 of the batch has")
	server.ResetLog()

	late, early := insert(3, 1), insert(3, 2)
	late.Timestamp, early.Timestamp = 2000, 1000
	require.NoError(t, session.Execute(t.Context(), late))
	require.NoError(t, session.Execute(t.Context(), early))
	page, err := session.Fetch(t.Context(), cql.PageRequest{Statement: cql.Statement{CQL: "SELECT v FROM ks.t WHERE p = 0 AND c = 3"}})
	require.NoError(t, err)
	row, err := page.Next()
	require.NoError(t, err)
	require.Equal(t, []byte{0, 0, 0, 1}, row[0], "the larger timestamp wins")
	require.Equal(t, gocql.LocalQuorum, server.Requests()[0].Consistency, "the default")
}

func TestTheConfigurationsConsistencyIsTheDefault(t *testing.T) {
	server, _ := serve(t)
	server.MustExec("CREATE TABLE ks.t (p int PRIMARY KEY)")
	for configured, want := range map[gocql.Consistency]gocql.Consistency{
		gocql.Quorum: gocql.LocalQuorum, gocql.LocalOne: gocql.LocalOne, gocql.All: gocql.All,
	} {
		config := server.Cluster()
		config.Consistency = configured
		session, err := cql.Connect(t.Context(), config)
		require.NoError(t, err)
		server.ResetLog()
		require.NoError(t, session.Execute(t.Context(), cql.Statement{CQL: "INSERT INTO ks.t (p) VALUES (1)"}))
		require.NoError(t, session.Execute(t.Context(), cql.Statement{CQL: "INSERT INTO ks.t (p) VALUES (1)", Consistency: cql.Two}))
		session.Close()
		require.Equal(t, want, server.Requests()[0].Consistency)
		require.Equal(t, gocql.Two, server.Requests()[1].Consistency)
	}
}

func TestHostsOfSeveralNodes(t *testing.T) {
	server := cqltest.NewServer(cqltest.Nodes(3))
	t.Cleanup(server.Close)
	session, err := cql.Connect(t.Context(), server.Cluster())
	require.NoError(t, err)
	defer session.Close()
	hosts, err := session.Hosts(t.Context())
	require.NoError(t, err)
	require.Len(t, hosts, 3)
	driver, err := server.Cluster().CreateSession()
	require.NoError(t, err)
	wrapped := cql.Wrap(driver)
	defer wrapped.Close()
	for range 5 {
		again, err := wrapped.Hosts(t.Context())
		require.NoError(t, err)
		require.Len(t, again, 3, "whatever coordinators answer")
	}
}

func TestConsistencyIsAFlag(t *testing.T) {
	var c cql.Consistency
	require.NoError(t, c.UnmarshalText([]byte("local_one")))
	require.Equal(t, cql.LocalOne, c)
	require.ErrorContains(t, c.UnmarshalText([]byte("most")), `no consistency level "most"; take one of ANY, ONE`)
	text, err := cql.EachQuorum.MarshalText()
	require.NoError(t, err)
	require.Equal(t, "EACH_QUORUM", string(text))
	require.Error(t, c.UnmarshalText([]byte("DEFAULT")))
}

// eager retries everything on the next host, and at once.
type eager struct{}

func (eager) Attempt(gocql.RetryableQuery) bool  { return true }
func (eager) GetRetryType(error) gocql.RetryType { return gocql.RetryNextHost }

// TestTheDriverNeverRepeatsByItself, though its own session was told to: it does not know what may be repeated.
func TestTheDriverNeverRepeatsByItself(t *testing.T) {
	server := cqltest.NewServer(cqltest.Nodes(3))
	t.Cleanup(server.Close)
	server.MustExec("CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
	server.MustExec("CREATE TABLE ks.t (p int PRIMARY KEY)")
	config := server.Cluster()
	config.RetryPolicy = eager{}
	config.DefaultIdempotence = true
	connected, err := cql.Connect(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(connected.Close)
	driver, err := config.CreateSession()
	require.NoError(t, err)
	wrapped := cql.Wrap(driver)
	t.Cleanup(wrapped.Close)
	for name, session := range map[string]*cql.Session{"Connect": connected, "Wrap": wrapped} {
		t.Run(name, func(t *testing.T) {
			write := cql.Statement{CQL: "INSERT INTO ks.t (p) VALUES (1)"}
			fault := server.Inject(cqltest.Fault{Err: cqltest.Overloaded("busy"), Delay: 50 * time.Millisecond})
			defer fault.Remove()
			require.ErrorIs(t, session.Execute(t.Context(), write), cql.Overloaded)
			require.Equal(t, 1, fault.Hits())
			require.ErrorIs(t, session.Batch(t.Context(), cql.Batch{Statements: []cql.Statement{write}}), cql.Overloaded)
			require.Equal(t, 2, fault.Hits())
			_, err := session.Fetch(t.Context(), cql.PageRequest{Statement: cql.Statement{CQL: "SELECT p FROM ks.t"}, Size: 1})
			require.ErrorIs(t, err, cql.Overloaded)
			require.Equal(t, 3, fault.Hits())
		})
	}
}

func TestATimeoutThatTheDriverWouldCutShortIsRefused(t *testing.T) {
	server, session := serve(t)
	server.MustExec("CREATE TABLE ks.t (p int PRIMARY KEY)")
	write := cql.Statement{CQL: "INSERT INTO ks.t (p) VALUES (1)", Timeout: time.Hour}
	err := session.Execute(t.Context(), write)
	require.ErrorIs(t, err, cql.Config)
	require.ErrorContains(t, err, "raise ClusterConfig.Timeout")
	patient, err := cql.Connect(t.Context(), server.Cluster(), cql.Defaults{Timeout: time.Hour, Consistency: cql.Quorum})
	require.NoError(t, err)
	defer patient.Close()
	server.ResetLog()
	require.NoError(t, patient.Execute(t.Context(), write))
	require.Equal(t, gocql.Quorum, server.Requests()[0].Consistency)
}

func TestErrorsOfConnecting(t *testing.T) {
	server, _ := serve(t)
	config := server.Cluster()
	config.Keyspace = "nowhere"
	_, err := cql.Connect(t.Context(), config)
	require.ErrorIs(t, err, cql.Config)
	require.ErrorContains(t, err, `does keyspace "nowhere" exist?`)
}

func TestAWrappedSessionThatWasClosedBySomebodyElse(t *testing.T) {
	server, _ := serve(t)
	driver, err := server.Cluster().CreateSession()
	require.NoError(t, err)
	session := cql.Wrap(driver)
	defer session.Close()
	driver.Close()
	err = session.Execute(t.Context(), cql.Statement{CQL: "INSERT"})
	require.ErrorIs(t, err, cql.ErrClosed)
	require.ErrorIs(t, err, cql.Closed)
}
