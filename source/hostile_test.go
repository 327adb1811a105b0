package source_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/source"
)

// mangler stands between the driver and the server and changes pages of rows once it is armed.
type mangler struct {
	change atomic.Pointer[func(body []byte) []byte]
}

func (m *mangler) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, addr)
	return &mangledConn{Conn: conn, m: m}, err
}

// connect opens a session whose pages it may change.
func (m *mangler) connect(t testing.TB, server *cqltest.Server, defaults ...cql.Defaults) *cql.Session {
	config := server.Cluster()
	config.Dialer = m
	session, err := cql.Connect(t.Context(), config, defaults...)
	require.NoError(t, err)
	t.Cleanup(session.Close)
	return session
}

type mangledConn struct {
	net.Conn
	m    *mangler
	rest bytes.Buffer
}

func (c *mangledConn) Read(p []byte) (int, error) {
	if c.rest.Len() == 0 {
		var header [9]byte
		if _, err := io.ReadFull(c.Conn, header[:]); err != nil {
			return 0, err
		}
		body := make([]byte, binary.BigEndian.Uint32(header[5:]))
		if _, err := io.ReadFull(c.Conn, body); err != nil {
			return 0, err
		}
		const result, rows = 0x08, 2
		change := c.m.change.Load()
		if change != nil && header[4] == result && binary.BigEndian.Uint32(body) == rows {
			body = (*change)(body)
			binary.BigEndian.PutUint32(header[5:], uint32(len(body)))
		}
		c.rest.Write(header[:])
		c.rest.Write(body)
	}
	return c.rest.Read(p)
}

// TestRowsWithoutColumnsAreAnError: the server was not asked to leave the metadata out.
func TestRowsWithoutColumnsAreAnError(t *testing.T) {
	server, _ := serve(t)
	numbers(server, 3)
	m := &mangler{}
	session := m.connect(t, server)
	const noMetadata, hasMore = 4, 2
	for _, c := range []struct{ rows, flags uint32 }{{3, noMetadata}, {0, noMetadata | hasMore}} {
		change := func(b []byte) []byte {
			at := bytes.Index(b, []byte("\x00\x00\x00\x03\x00\x00\x00\x04\x00\x00\x00\x00")) // three rows, the first a 0
			if at < 0 {
				return b
			}
			changed := binary.BigEndian.AppendUint32(nil, 2) // rows
			changed = binary.BigEndian.AppendUint32(changed, c.flags)
			changed = binary.BigEndian.AppendUint32(changed, 1) // column
			if c.flags&hasMore != 0 {
				changed = append(changed, 0, 0, 0, 1, 'x')
			}
			changed = binary.BigEndian.AppendUint32(changed, c.rows)
			if c.rows > 0 {
				changed = append(changed, b[at+4:]...)
			}
			return changed
		}
		m.change.Store(&change)
		rows, err := source.Query[int](session, selectNumbers).Rows().Collect(t.Context())
		require.Equal(t, cql.Malformed, cql.ClassOf(err), "%v: %v", err, rows)
		require.Empty(t, rows)
		_, err = source.Query[source.Row](session, selectNumbers).Pages().Collect(t.Context())
		require.Equal(t, cql.Malformed, cql.ClassOf(err))
		m.change.Store(nil)
	}
}

// TestMalformedPagesAreErrors has the server send pages that end early or lie about what is in them.
func TestMalformedPagesAreErrors(t *testing.T) {
	server := cqltest.NewServer()
	t.Cleanup(server.Close)
	server.MustExec("CREATE KEYSPACE lab WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
	server.MustExec("CREATE TABLE lab.notes (p int, n int, note text, pair tuple<int, text>, PRIMARY KEY (p, n))")
	for i := range 3 {
		server.MustExec("INSERT INTO lab.notes (p, n, note, pair) VALUES (0, ?, 'abc', (1, 'xyz'))", i)
	}
	m := &mangler{}
	session := m.connect(t, server)

	type note struct {
		N    int
		Note string
		Pair []any
	}
	const statement = "SELECT n, note, pair FROM lab.notes"
	type change struct {
		name   string
		do     func(body []byte) []byte
		inside bool // of a cell, which only its decoder sees
	}
	var changes []change
	for n := 1; n <= 40; n++ {
		changes = append(changes, change{fmt.Sprintf("%d bytes short", n), func(b []byte) []byte { return b[:len(b)-n] }, false})
	}
	for _, length := range []uint32{0x00ffffff, math.MaxInt32, 0xfffffffe, 4, 0} {
		changes = append(changes, change{fmt.Sprintf("text's length %#x", length), func(b []byte) []byte {
			at := bytes.Index(b, []byte("\x00\x00\x00\x03abc"))
			binary.BigEndian.PutUint32(b[at:], length)
			return b
		}, false})
	}
	for _, length := range []uint32{0x00ffffff, math.MaxInt32, 4, 2, 0} {
		changes = append(changes, change{fmt.Sprintf("tuple element's length %#x", length), func(b []byte) []byte {
			at := bytes.Index(b, []byte("\x00\x00\x00\x03xyz"))
			binary.BigEndian.PutUint32(b[at:], length)
			return b
		}, true})
	}
	changes = append(changes, change{"7 bytes more", func(b []byte) []byte { return append(b, make([]byte, 7)...) }, false})
	for _, rows := range []uint32{1, 2, 4, math.MaxInt32} {
		changes = append(changes, change{fmt.Sprintf("%d rows", rows), func(b []byte) []byte {
			at := bytes.Index(b, []byte("\x00\x00\x00\x03\x00\x00\x00\x04\x00\x00\x00\x00")) // 3 rows, the first one's n = 0
			binary.BigEndian.PutUint32(b[at:], rows)
			return b
		}, false})
	}
	for _, c := range changes {
		t.Run(c.name, func(t *testing.T) {
			m.change.Store(&c.do)
			defer m.change.Store(nil)
			require.NotPanics(t, func() {
				rows, err := source.Query[note](session, statement).Retry(once).Rows().Collect(t.Context())
				require.Error(t, err)
				require.Less(t, len(rows), 4)
				for i, r := range rows {
					require.Equal(t, i, r.N)
				}
				var failed *source.PageError
				require.True(t, errors.As(err, &failed))
				_, err = source.Query[*note](session, statement).Retry(once).Rows().Collect(t.Context())
				require.Error(t, err)
				cells, err := source.Query[source.Row](session, statement).Retry(once).Rows().Collect(t.Context())
				if c.inside {
					require.NoError(t, err, "a Row is not decoded")
					_, err = cells[0].Value("pair")
				}
				require.Error(t, err)
			})
		})
	}
}
