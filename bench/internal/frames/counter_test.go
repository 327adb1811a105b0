package frames

import (
	"bytes"
	"net"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/bench/internal/cluster"
	"github.com/rxcql/rxcql/cql/cqltest"
)

// Pages of the table are counted, whatever else is asked.
func TestPagesAreCounted(t *testing.T) {
	server := cqltest.NewServer()
	defer server.Close()
	server.MustExec("CREATE KEYSPACE lab WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
	server.MustExec("CREATE TABLE lab.readings (id int PRIMARY KEY)")
	server.MustExec("CREATE TABLE lab.others (id int PRIMARY KEY)")
	for i := range 25 {
		server.MustExec("INSERT INTO lab.readings (id) VALUES (?)", i)
	}
	counter, err := Count(t.Context(), net.JoinHostPort("127.0.0.1", strconv.Itoa(server.Cluster().Port)), "lab.readings")
	require.NoError(t, err)
	defer counter.Close()

	config, err := cluster.Config(counter.Addr())
	require.NoError(t, err)
	session, err := config.CreateSession()
	require.NoError(t, err)
	defer session.Close()
	require.NoError(t, session.Query("SELECT id FROM lab.others").Exec())
	asked, err := counter.Asked()
	require.NoError(t, err)
	require.Zero(t, asked)
	rows := 0
	for scanner := session.Query("SELECT id FROM lab.readings").PageSize(10).Iter().Scanner(); scanner.Next(); {
		rows++
	}
	require.Equal(t, 25, rows)
	asked, err = counter.Asked()
	require.NoError(t, err)
	require.Equal(t, 3, asked)
}

func TestAnotherVersionIsNotUnderstood(t *testing.T) {
	server := cqltest.NewServer()
	defer server.Close()
	counter, err := Count(t.Context(), net.JoinHostPort("127.0.0.1", strconv.Itoa(server.Cluster().Port)), "lab.readings")
	require.NoError(t, err)
	defer counter.Close()
	client, err := net.Dial("tcp", counter.Addr())
	require.NoError(t, err)
	defer client.Close()
	_, err = client.Write([]byte{5, 0, 0, 0, opQuery, 0, 0, 0, 0})
	require.NoError(t, err)
	_, err = client.Read(make([]byte, 1)) // it hangs up
	require.Error(t, err)
	_, err = counter.Asked()
	require.ErrorIs(t, err, errNotUnderstood)
}

// Whatever comes, what is passed on is what came, up to a whole frame or up to what is not understood.
func FuzzPass(f *testing.F) {
	f.Add([]byte{4, 0, 0, 1, opQuery, 0, 0, 0, 6, 0, 0, 0, 2, 'a', 'b'})
	f.Add([]byte{4, 0, 0, 1, opPrepare, 0, 0, 0, 5, 0, 0, 0, 1, 't', 0x84, 0, 0, 1, opResult, 0, 0, 0, 8, 0, 0, 0, 4, 0, 2, 'i', 'd'})
	f.Add([]byte{4, 0, 0, 1, opExecute, 0, 0, 0, 4, 0, 2, 'i', 'd'})
	f.Fuzz(func(t *testing.T, input []byte) {
		l := &line{counter: &Counter{table: "t", prepared: make(map[string]bool)}, preparing: make(map[uint16]bool)}
		var out bytes.Buffer
		err := pass(&out, bytes.NewReader(input), func(f frame) error {
			if f.version == 4 && f.op == opResult {
				return l.answer(f)
			}
			return l.request(f)
		})
		require.Error(t, err) // at the end, if not before
		require.True(t, bytes.HasPrefix(input, out.Bytes()))
	})
}
