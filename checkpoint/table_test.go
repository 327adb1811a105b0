package checkpoint_test

import (
	"context"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/checkpoint"
	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/source"
)

// onlyTransactions checks that no plain write and no plain read was made.
func onlyTransactions(t *testing.T, server *cqltest.Server) {
	t.Helper()
	writes := 0
	for _, r := range server.Requests(cqltest.On("lab.checkpoints")) {
		switch {
		case r.IsSelect():
			require.Equal(t, gocql.Consistency(gocql.Serial), r.Consistency, r.Statement)
		case !strings.HasPrefix(r.Statement, "CREATE"):
			require.Contains(t, r.Statement, " IF owner = ? AND revision = ?")
			require.EqualValues(t, gocql.Serial, r.Serial, "whatever the driver's is")
			writes++
		}
	}
	require.Positive(t, writes)
}

func isWrite(r cqltest.Request) bool {
	return cqltest.User(r) && strings.HasPrefix(r.Statement, "UPDATE")
}

var (
	soon = operators.Backoff{Base: 10 * time.Millisecond, NoJitter: true} // time to connect again
	job  = []byte("{}")
)

// ranges are changes of a scan that uses its store first.
func ranges(n int64) source.Saved {
	changes := source.Saved{Job: job, Generation: 1}
	for i := range n {
		changes.Ranges = append(changes.Ranges, source.SavedRange{Range: source.Range{Start: i, End: i + 1}, Done: true})
	}
	return changes
}

func tableOf(t *testing.T, session *cql.Session) *checkpoint.TableStore {
	t.Helper()
	store := checkpoint.Table(session, "lab.checkpoints", "job")
	store.Retry = soon
	require.NoError(t, store.Create(t.Context()))
	return store
}

// TestTroubleWithTransactions: whatever becomes of a transaction, it is made once.
func TestTroubleWithTransactions(t *testing.T) {
	for name, fault := range map[string]cqltest.Fault{
		"unknown, not applied":         {Err: cqltest.WriteTimeout("CAS", 1, 2)},
		"unknown, applied":             {Err: cqltest.WriteTimeout("CAS", 1, 2), ApplyThenErr: true},
		"commit timed out":             {Err: cqltest.WriteTimeout("SIMPLE", 1, 2), ApplyThenErr: true},
		"no quorum":                    {Err: cqltest.Unavailable(2, 1)},
		"overloaded, applied":          {Err: cqltest.Overloaded("too much"), ApplyThenErr: true},
		"server error, applied":        {Err: cqltest.ServerError("oh"), ApplyThenErr: true},
		"write failure":                {Err: cqltest.WriteFailure("CAS", 1, 2, 1)},
		"connection broken":            {Drop: true},
		"connection broken, applied":   {ApplyThenDrop: true},
		"paxos read timeout":           {Err: cqltest.ReadTimeout(1, 2, false)},
		"the answer is lost, applied":  {Lose: true},
		"bootstrapping, never applied": {Err: cqltest.Bootstrapping("not yet")},
	} {
		t.Run(name, func(t *testing.T) {
			server := cqltest.NewServer()
			defer server.Close()
			session, err := cql.Connect(t.Context(), server.Cluster(), cql.Defaults{Timeout: 300 * time.Millisecond})
			require.NoError(t, err)
			defer session.Close()
			server.MustExec("CREATE KEYSPACE lab WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
			store := tableOf(t, session)
			fault.Match, fault.Times = isWrite, 1
			for after := range 5 { // Load's, the job's, and the ranges'
				fault.After = after
				hit := server.Inject(fault)
				_, err = store.Load(t.Context())
				require.NoError(t, err)
				require.NoError(t, store.Save(t.Context(), source.Saved{Job: []byte{byte('a' + after)}, Ranges: ranges(3).Ranges, Generation: uint64(after + 1)}))
				require.Equal(t, 1, hit.Hits())
				got, err := checkpoint.Table(session, "lab.checkpoints", "job").Load(t.Context())
				require.NoError(t, err)
				require.Equal(t, []byte{byte('a' + after)}, got.Job)
				require.Equal(t, ranges(3).Ranges, got.Ranges)
			}
			onlyTransactions(t, server)
		})
	}
}

func TestTroubleThatDoesNotPass(t *testing.T) {
	server, session := serve(t)
	store := tableOf(t, session)
	_, err := store.Load(t.Context())
	require.NoError(t, err)
	fault := server.Inject(cqltest.Fault{Match: isWrite, Err: cqltest.WriteTimeout("CAS", 1, 2)})
	require.ErrorIs(t, store.Save(t.Context(), ranges(3)), cql.CASUnknown)
	require.Equal(t, 5, fault.Hits())
	fault.Remove()
	fault = server.Inject(cqltest.Fault{Match: isWrite, Err: cqltest.Unauthorized("not you")})
	require.ErrorIs(t, store.Save(t.Context(), ranges(3)), cql.Unauthorized)
	require.Equal(t, 1, fault.Hits())
	fault.Remove()
	require.NoError(t, store.Save(t.Context(), ranges(3)))
}

// TestATransactionThatComesLate: one that was given up on, and is applied by the server at any time later, changes
// nothing that was saved since.
func TestATransactionThatComesLate(t *testing.T) {
	for _, again := range []bool{false, true} { // it comes while the next is under way, or after it
		server, session := serve(t)
		store := tableOf(t, session)
		_, err := store.Load(t.Context())
		require.NoError(t, err)
		require.NoError(t, store.Save(t.Context(), ranges(3)))

		late, began, applied := make(chan struct{}), make(chan struct{}), make(chan struct{})
		ctx, cancel := context.WithCancel(t.Context())
		server.Inject(cqltest.Fault{Match: isWrite, Times: 1, Before: func(cqltest.Request) {
			close(began)
			<-late
		}})
		go func() {
			<-began
			cancel()
		}()
		old := source.SavedRange{Range: source.Range{Start: 1, End: 2, Cursor: []byte("old")}}
		require.ErrorIs(t, store.Save(ctx, source.Saved{Job: job, Ranges: []source.SavedRange{old}, Generation: 1}), context.Canceled)
		if again {
			server.Inject(cqltest.Fault{Match: isWrite, Times: 1, Before: func(cqltest.Request) {
				close(late)
				close(applied)
			}})
		} else {
			close(applied)
		}
		younger := source.SavedRange{Range: source.Range{Start: 1, End: 2, Cursor: []byte("younger")}}
		require.NoError(t, store.Save(t.Context(), source.Saved{Job: job, Ranges: []source.SavedRange{younger}, Generation: 1}))
		<-applied
		if !again {
			close(late)
		}
		require.NoError(t, store.Save(t.Context(), source.Saved{Job: job, Generation: 1}))
		got, err := checkpoint.Table(session, "lab.checkpoints", "job").Load(t.Context())
		require.NoError(t, err)
		require.Equal(t, younger, got.Ranges[1])
	}
}

func TestUsesOfATableThatAreRefused(t *testing.T) {
	server, session := serve(t)
	store := checkpoint.Table(session, "lab.checkpoints", "job")
	_, err := store.Load(t.Context())
	require.ErrorIs(t, err, cql.Invalid)
	require.ErrorContains(t, err, "Create")
	require.NoError(t, store.Create(t.Context()))
	require.ErrorContains(t, store.Save(t.Context(), ranges(1)), "not loaded")

	loaded, err := store.Load(t.Context())
	require.NoError(t, err)
	changes := ranges(2)
	changes.Generation = loaded.Generation
	hold, held := make(chan struct{}), make(chan struct{})
	server.Inject(cqltest.Fault{Match: isWrite, Times: 1, Before: func(cqltest.Request) { close(held) }, Hold: hold})
	ended := make(chan error)
	go func() { ended <- store.Save(t.Context(), changes) }()
	<-held
	require.ErrorContains(t, store.Save(t.Context(), changes), "being used by another")
	_, err = store.Load(t.Context())
	require.ErrorContains(t, err, "being used by another")
	close(hold)
	require.NoError(t, <-ended)

	server.MustExec("DELETE FROM lab.checkpoints WHERE job = 'job'")
	require.ErrorIs(t, store.Save(t.Context(), changes), source.ErrFenced)
	server.MustExec("INSERT INTO lab.checkpoints (job, format, owner, revision) VALUES ('job', 2, 'a later version', 5)")
	_, err = store.Load(t.Context())
	require.ErrorIs(t, err, checkpoint.ErrUnreadable)
	require.ErrorContains(t, err, "format 2")
	server.MustExec("INSERT INTO lab.checkpoints (job, format, range_start) VALUES ('job', 1, 7)")
	_, err = store.Load(t.Context())
	require.ErrorIs(t, err, checkpoint.ErrUnreadable)
}

// TestTakenOverWhileLoading: what is loaded is never a mixture of what two have saved.
func TestTakenOverWhileLoading(t *testing.T) {
	server, session := serve(t)
	store := tableOf(t, session)
	other := checkpoint.Table(session, "lab.checkpoints", "job")
	server.Inject(cqltest.Fault{
		Match: func(r cqltest.Request) bool { return r.IsSelect() && strings.Contains(r.Statement, "range_start") }, Times: 1,
		Before: func(cqltest.Request) {
			_, err := other.Load(context.Background())
			if err != nil {
				panic(err)
			}
		},
	})
	_, err := store.Load(t.Context())
	require.ErrorIs(t, err, source.ErrFenced)
	require.NoError(t, other.Save(t.Context(), ranges(1)))
	require.ErrorIs(t, store.Save(t.Context(), ranges(1)), source.ErrFenced)
}

func TestManyRanges(t *testing.T) {
	_, session := serve(t)
	store := tableOf(t, session)
	_, err := store.Load(t.Context())
	require.NoError(t, err)
	changes := ranges(700) // several pages
	changes.Ranges[0].Start = math.MinInt64
	require.NoError(t, store.Save(t.Context(), changes))
	got, err := store.Load(t.Context())
	require.NoError(t, err)
	changes.Generation = 2
	require.Equal(t, changes, got)
}
