package source_test

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/source"
)

// FuzzFrames changes bytes of a page on its way, and compares what is read of it with what the driver reads: the same rows,
// and a failure where the driver has one. Each three bytes of changes say which byte is changed, and to what.
func FuzzFrames(f *testing.F) {
	server := cqltest.NewServer()
	f.Cleanup(server.Close)
	server.MustExec("CREATE KEYSPACE lab WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
	server.MustExec("CREATE TABLE lab.notes (p int, n int, note text, pair tuple<int, text>, at timestamp, PRIMARY KEY (p, n))")
	for i := range 4 {
		server.MustExec("INSERT INTO lab.notes (p, n, note, pair, at) VALUES (0, ?, 'abc', (1, 'xyz'), 1000)", i)
	}
	m := &mangler{}
	ours, drivers := m.connect(f, server), m.connect(f, server, cql.Defaults{DriverScan: true})

	f.Add([]byte{}, 0)
	f.Add([]byte{}, 3)
	f.Add([]byte{0, 150, 4, 0, 170, 255}, 0)
	f.Fuzz(func(t *testing.T, changes []byte, short int) {
		change := func(b []byte) []byte {
			for c := changes; len(c) >= 3; c = c[3:] {
				b[int(binary.BigEndian.Uint16(c))%len(b)] = c[2]
			}
			return b[:len(b)-min(max(short, 0), len(b))]
		}
		m.change.Store(&change)
		defer m.change.Store(nil)
		read := func(session *cql.Session) ([]source.Row, error) {
			rows := source.Query[source.Row](session, "SELECT n, note, pair, at FROM lab.notes").Retry(once).Rows()
			return op.Take(rows, 9).Collect(t.Context()) // a page may say for ever that there are more
		}
		got, err := read(ours)
		want, driversErr := read(drivers)
		if driversErr != nil {
			require.Error(t, err)
			return
		}
		if err != nil { // of what the driver does not look at
			require.True(t, strings.Contains(err.Error(), "behind the") && strings.Contains(err.Error(), "rows that it announced"), "%v", err)
			require.LessOrEqual(t, len(got), len(want))
			want = want[:len(got)]
		}
		require.Equal(t, fmt.Sprint(want), fmt.Sprint(got))
	})
}
