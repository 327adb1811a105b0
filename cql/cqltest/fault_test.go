package cqltest_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/internal/virtualtime"
)

func TestErrorsAreGocqlsTypedErrors(t *testing.T) {
	srv := newServer(t)
	s := connect(t, srv)
	srv.MustExec(`CREATE TABLE t (p int PRIMARY KEY)`)
	fail := func(err error) error {
		in := srv.Inject(cqltest.Fault{Err: err, Times: 1})
		defer in.Remove()
		got := s.Query(`SELECT p FROM t`).Consistency(gocql.LocalQuorum).Exec()
		require.Equal(t, 1, in.Hits())
		return got
	}
	var rt *gocql.RequestErrReadTimeout
	require.ErrorAs(t, fail(cqltest.ReadTimeout(1, 2, true)), &rt)
	require.Equal(t, []int{int(gocql.LocalQuorum), 1, 2, 1}, []int{int(rt.Consistency), rt.Received, rt.BlockFor, int(rt.DataPresent)})
	var wt *gocql.RequestErrWriteTimeout
	require.ErrorAs(t, fail(cqltest.WriteTimeout("CAS", 0, 2)), &wt)
	require.Equal(t, "CAS", wt.WriteType)
	var un *gocql.RequestErrUnavailable
	require.ErrorAs(t, fail(cqltest.Unavailable(2, 1)), &un)
	require.Equal(t, []int{2, 1}, []int{un.Required, un.Alive})
	var rf *gocql.RequestErrReadFailure
	require.ErrorAs(t, fail(cqltest.ReadFailure(1, 2, 1, false)), &rf)
	require.Equal(t, 1, rf.NumFailures)
	var wf *gocql.RequestErrWriteFailure
	require.ErrorAs(t, fail(cqltest.WriteFailure("SIMPLE", 1, 2, 1)), &wf)
	require.Equal(t, "SIMPLE", wf.WriteType)
	var ae *gocql.RequestErrAlreadyExists
	require.ErrorAs(t, fail(cqltest.AlreadyExists("ks", "t")), &ae)
	require.Equal(t, "ks.t", ae.Keyspace+"."+ae.Table)
	for code, e := range map[int]error{
		gocql.ErrCodeOverloaded: cqltest.Overloaded("too much"), gocql.ErrCodeBootstrapping: cqltest.Bootstrapping("wait"),
		gocql.ErrCodeServer: cqltest.ServerError("oops"), gocql.ErrCodeSyntax: cqltest.Syntax("what"),
		gocql.ErrCodeInvalid: cqltest.Invalid("no"), gocql.ErrCodeUnauthorized: cqltest.Unauthorized("you"),
		gocql.ErrCodeConfig: cqltest.Config("set"), gocql.ErrCodeTruncate: cqltest.Truncate("cut"),
		gocql.ErrCodeProtocol: cqltest.Protocol("bytes"),
	} {
		var re gocql.RequestError
		require.ErrorAs(t, fail(e), &re)
		require.Equal(t, code, re.Code())
		require.Equal(t, e.Error(), re.Message())
	}
	require.ErrorContains(t, fail(errors.New("of my own")), "of my own")
}

func TestUnpreparedIsPreparedAgain(t *testing.T) {
	srv := newServer(t)
	s := connect(t, srv)
	srv.MustExec(`CREATE TABLE t (p int PRIMARY KEY)`)
	require.NoError(t, s.Query(`INSERT INTO t (p) VALUES (?)`, 1).Exec())
	srv.Inject(cqltest.Fault{Times: 1, Err: cqltest.Unprepared([]byte("it"))})
	require.NoError(t, s.Query(`INSERT INTO t (p) VALUES (?)`, 2).Exec())
	require.Equal(t, []int{1, 2}, sorted(ints(t, s.Query(`SELECT p FROM t`).Iter())))
}

func TestAfterAndTimesCountMatchingRequests(t *testing.T) {
	srv := newServer(t)
	s := connect(t, srv)
	srv.MustExec(`CREATE TABLE t (p int PRIMARY KEY)`)
	srv.MustExec(`CREATE TABLE u (p int PRIMARY KEY)`)
	in := srv.Inject(cqltest.Fault{Match: cqltest.On("ks.t"), After: 2, Times: 2, Err: cqltest.Overloaded("x")})
	var failed []int
	for i := range 6 {
		require.NoError(t, s.Query(`INSERT INTO u (p) VALUES (?)`, i).Exec())
		if s.Query(`INSERT INTO t (p) VALUES (?)`, i).Exec() != nil {
			failed = append(failed, i)
		}
	}
	require.Equal(t, []int{2, 3}, failed)
	require.Equal(t, 2, in.Hits())
	require.Len(t, ints(t, s.Query(`SELECT p FROM t`).Iter()), 4, "a refused statement was not applied")
}

func TestFaultsThatContradictThemselves(t *testing.T) {
	srv := newServer(t)
	oops := errors.New("oops")
	for _, c := range []struct {
		fault cqltest.Fault
		want  string
	}{
		{cqltest.Fault{Err: oops, Lose: true}, "Err and Lose"},
		{cqltest.Fault{Err: oops, Drop: true}, "Err and Drop"},
		{cqltest.Fault{Err: oops, ApplyThenErr: true, ApplyThenDrop: true}, "Err and ApplyThenDrop"},
		{cqltest.Fault{Lose: true, Drop: true}, "Lose and Drop"},
		{cqltest.Fault{Drop: true, ApplyThenDrop: true}, "Drop and ApplyThenDrop"},
	} {
		require.PanicsWithValue(t, "cqltest: Inject: a request cannot end in more than one way: "+c.want, func() { srv.Inject(c.fault) })
	}
	require.PanicsWithValue(t, "cqltest: Inject: ApplyThenErr without an Err to answer with", func() {
		srv.Inject(cqltest.Fault{ApplyThenErr: true})
	})
	require.NoError(t, connect(t, srv).Query(`CREATE TABLE t (p int PRIMARY KEY)`).Exec(), "none of them is in force")
}

func TestApplyThenErr(t *testing.T) {
	srv := newServer(t)
	s := connect(t, srv)
	srv.MustExec(`CREATE TABLE t (p int PRIMARY KEY)`)
	srv.Inject(cqltest.Fault{Times: 1, Err: cqltest.WriteTimeout("SIMPLE", 0, 1), ApplyThenErr: true})
	require.Error(t, s.Query(`INSERT INTO t (p) VALUES (?)`, 5).Exec())
	require.Equal(t, []int{5}, ints(t, s.Query(`SELECT p FROM t`).Iter()))
}

func TestDroppedConnections(t *testing.T) {
	for _, f := range []cqltest.Fault{{Drop: true, Times: 1}, {ApplyThenDrop: true, Times: 1}} {
		srv := newServer(t)
		s := connect(t, srv, func(c *gocql.ClusterConfig) { c.NumConns = 1 })
		srv.MustExec(`CREATE TABLE t (p int PRIMARY KEY)`)
		srv.Inject(f)
		require.Error(t, s.Query(`INSERT INTO t (p) VALUES (1)`).Exec())
		require.Eventually(t, func() bool { return s.Query(`SELECT p FROM t`).Exec() == nil }, 10*time.Second, time.Millisecond)
		n := len(ints(t, s.Query(`SELECT p FROM t`).Iter()))
		require.Equal(t, f.ApplyThenDrop, n == 1)
	}
}

func TestLostRepliesAndHeldOnes(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		srv := cqltest.NewServer(cqltest.InMemory())
		defer srv.Close()
		s := connect(t, srv)
		defer s.Close()
		srv.MustExec(`CREATE TABLE ks.t (p int PRIMARY KEY)`)

		srv.Inject(cqltest.Fault{Lose: true, Times: 1})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, s.Query(`INSERT INTO t (p) VALUES (1)`).WithContext(ctx).Exec(), context.DeadlineExceeded)
		require.Equal(t, []int{1}, ints(t, s.Query(`SELECT p FROM t`).Iter()), "applied, but nobody was told")

		hold := make(chan struct{})
		in := srv.Inject(cqltest.Fault{Hold: hold, Times: 1})
		go func() { time.Sleep(5 * time.Second); close(hold) }()
		start := time.Now()
		require.NoError(t, s.Query(`INSERT INTO t (p) VALUES (2)`).Exec())
		require.Equal(t, 5*time.Second, time.Since(start))
		require.Equal(t, 1, in.Hits())
	})
}

func TestCloseEndsWhatIsHeld(t *testing.T) {
	srv := cqltest.NewServer()
	s := connect(t, srv)
	srv.MustExec(`CREATE TABLE ks.t (p int PRIMARY KEY)`)
	reached := make(chan struct{})
	srv.Inject(cqltest.Fault{Times: 1, Before: func(cqltest.Request) { close(reached) }, Hold: make(chan struct{}), Delay: time.Hour})
	failed := make(chan error)
	go func() { failed <- s.Query(`SELECT p FROM t`).Exec() }()
	<-reached
	srv.Close()
	require.Error(t, <-failed)
	srv.Close()
}

func TestBeforeChangesTheSchemaInTheMiddleOfAScan(t *testing.T) {
	srv := newServer(t)
	s := connect(t, srv)
	numbers(srv, 10)
	in := srv.Inject(cqltest.Fault{
		Match:  func(r cqltest.Request) bool { return r.Page == 3 },
		Times:  1, // the change makes the server forget the statement, so gocql prepares it and sends the request again
		Before: func(r cqltest.Request) { srv.MustExec(`ALTER TABLE ks.t ADD extra text`) },
	})
	q := s.Query(`SELECT * FROM t WHERE p = ?`, 1).NoSkipMetadata()
	var columns []int
	var state []byte
	for page := 1; page == 1 || len(state) > 0; page++ {
		it := q.PageSize(4).PageState(state).Iter()
		columns, state = append(columns, len(it.Columns())), it.PageState()
		require.NoError(t, it.Close())
	}
	require.Equal(t, []int{2, 2, 3}, columns)
	require.Equal(t, 1, in.Hits())
}

func TestWarningsAndTracing(t *testing.T) {
	srv := newServer(t)
	s := connect(t, srv)
	numbers(srv, 2)
	srv.Inject(cqltest.Fault{Warnings: []string{"Aggregation query used without partition key"}, Times: 1})
	it := s.Query(`SELECT c FROM t`).Trace(gocql.NewTraceWriter(s, discard{})).Iter()
	require.Equal(t, []string{"Aggregation query used without partition key"}, it.Warnings())
	require.Equal(t, []int{0, 1}, ints(t, it))
}

func TestCustomPayloads(t *testing.T) {
	srv := newServer(t)
	s := connect(t, srv)
	numbers(srv, 2)
	answer := map[string][]byte{"cost": {0, 42}, "empty": {}, "null": nil}
	srv.Inject(cqltest.Fault{Payload: answer, Warnings: []string{"both"}, Times: 1})
	request := map[string][]byte{"proxy-as": []byte("ann")}
	it := s.Query(`SELECT c FROM t`).CustomPayload(request).Iter()
	require.Equal(t, answer, it.GetCustomPayload())
	require.Equal(t, []string{"both"}, it.Warnings())
	require.Equal(t, []int{0, 1}, ints(t, it))
	it = s.Query(`SELECT c FROM t`).Iter()
	require.Empty(t, it.GetCustomPayload())
	require.NoError(t, it.Close())
	log := srv.Requests()
	require.Equal(t, request, log[0].Payload)
	require.Nil(t, log[1].Payload)
	require.False(t, log[0].Tracing)
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
