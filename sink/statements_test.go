package sink_test

import (
	"context"
	"encoding/binary"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/internal/virtualtime"
	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/sink"
)

// counted is an int that counts how often it is encoded.
type counted struct {
	n     int
	times *atomic.Int32
}

func (c counted) MarshalCQL(gocql.TypeInfo) ([]byte, error) {
	c.times.Add(1)
	return binary.BigEndian.AppendUint32(nil, uint32(c.n)), nil
}

// TestAValueIsEncodedOnce, however often its row is sent: in a batch, in half of one, and alone.
func TestAValueIsEncodedOnce(t *testing.T) {
	type row struct{ P, C, V counted }
	const create, rows = "CREATE TABLE shop.counted (p int, c int, v int, PRIMARY KEY (p, c))", 64
	for name, write := range map[string]func(*cql.Session) sink.Mutation[row]{
		"together": func(s *cql.Session) sink.Mutation[row] { return sink.Insert[row](s, "shop.counted") },
		"alone":    func(s *cql.Session) sink.Mutation[row] { return sink.Insert[row](s, "shop.counted").Batch(1) },
		"exec": func(s *cql.Session) sink.Mutation[row] {
			bind := func(r row) []any { return []any{r.V, r.P, r.C} }
			return sink.Exec(s, "UPDATE shop.counted SET v = ? WHERE p = ? AND c = ?", bind).Idempotent()
		},
	} {
		t.Run(name, func(t *testing.T) {
			virtualtime.Test(t, func(t *testing.T) {
				server, session := serveInBubble(t)
				server.MustExec(create)
				server.Inject(cqltest.Fault{Match: func(r cqltest.Request) bool { return cqltest.User(r) && !r.IsSelect() }, Times: 3, Err: cqltest.Overloaded("wait")})
				server.Inject(cqltest.Fault{Match: has(2, 33), Err: cqltest.WriteFailure("UNLOGGED_BATCH", 0, 1, 1)})
				server.Inject(cqltest.Fault{Match: has(0, 1033), Err: cqltest.WriteFailure("SIMPLE", 0, 1, 1)}) // where V comes first
				var times [rows][3]atomic.Int32
				src := operators.Map(rx.Range(0, rows), func(i int) row {
					return row{counted{i % 2, &times[i][0]}, counted{i, &times[i][1]}, counted{1000 + i, &times[i][2]}}
				})
				dead := &letters[row]{}
				report, err := write(session).Window(1).DeadLetters(dead.sink, sink.Tolerance{}).Write(t.Context(), src)
				require.NoError(t, err)
				require.EqualValues(t, rows-len(dead.kept), report.Written)
				require.Equal(t, rows-len(dead.kept), count(t, session, "shop.counted"))
				sent := map[any]int{}
				for _, r := range writes(server) {
					for _, values := range rowsOf(r) {
						sent[max(values[0].(int), values[1].(int), values[2].(int))]++
					}
				}
				most := 0
				for _, n := range sent {
					most = max(most, n)
				}
				require.Greater(t, most, 3, "rows were to be sent again")
				for i := range times {
					for k := range times[i] {
						require.EqualValues(t, 1, times[i][k].Load(), "value %d of row %d", k, i)
					}
				}
			})
		})
	}
}

// keeper is an observer of the driver's that keeps what it is shown.
type keeper struct {
	mu     sync.Mutex
	values [][]any
}

func (k *keeper) ObserveQuery(_ context.Context, q gocql.ObservedQuery) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if strings.HasPrefix(q.Statement, "INSERT") {
		k.values = append(k.values, q.Values)
	}
}

// TestObserversMayKeepValues: those of other rows do not take their place.
func TestObserversMayKeepValues(t *testing.T) {
	server := cqltest.NewServer()
	t.Cleanup(server.Close)
	server.MustExec("CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
	server.MustExec("CREATE TABLE shop.items (k int PRIMARY KEY, v int)")
	seen := &keeper{}
	config := server.Cluster()
	config.QueryObserver = seen
	session, err := cql.Connect(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(session.Close)
	columns, err := session.Columns(t.Context(), "shop.items", "k", "v")
	require.NoError(t, err)
	src := operators.Map(rx.Range(0, 20), func(i int) cells { return cells{columns, [][]byte{{0, 0, 0, byte(i)}, {0, 0, 0, 1}}} })
	_, err = sink.Insert[cells](session, "shop.items").Window(1).Write(t.Context(), src)
	require.NoError(t, err)
	var kept []int
	for _, values := range seen.values {
		cell, err := values[0].(gocql.Marshaler).MarshalCQL(nil)
		require.NoError(t, err)
		kept = append(kept, int(binary.BigEndian.Uint32(cell)))
	}
	require.Len(t, kept, 20)
	for i, k := range kept {
		require.Equal(t, i, k)
	}
}
