package cqltest

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/require"
)

// silent is a connection whose answers nobody reads.
type silent struct {
	net.Conn
	in io.Reader
}

func (s silent) Read(p []byte) (int, error)  { return s.in.Read(p) }
func (s silent) Write(p []byte) (int, error) { return len(p), nil }
func (s silent) Close() error                { return nil }

// FuzzFrames: no bytes that a client sends make the server panic, and every request is answered.
func FuzzFrames(f *testing.F) {
	f.Add(byte(OpQuery), byte(0), []byte("\x00\x00\x00\x10SELECT * FROM ks.t\x00\x01\x00"))
	f.Add(byte(OpQuery), byte(0), []byte("\x00\x00\x00\x22SELECT v FROM ks.t WHERE p = ? AND\x00\x01\x4d\x00\x01\x00\x01p\x00\x00\x00\x04\x00\x00\x00\x01"))
	f.Add(byte(OpPrepare), byte(0), []byte("\x00\x00\x00\x1fINSERT INTO ks.t (p, v) VALUES (?, ?)"))
	f.Add(byte(OpExecute), byte(4), []byte("\x00\x00\x00\x10\x00\x01\xff"))
	f.Add(byte(OpBatch), byte(0), []byte("\x00\x00\x01\x00\x00\x00\x00\x05USE x\x00\x00\x00\x01\x00"))
	f.Add(byte(OpRegister), byte(2), []byte("\x00\x01\x00\x0dSCHEMA_CHANGE"))
	srv := NewServer(InMemory())
	f.Cleanup(srv.Close)
	srv.MustExec(`CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy'}`)
	srv.MustExec(`CREATE TABLE ks.t (p int PRIMARY KEY, v text)`)
	f.Fuzz(func(t *testing.T, op, flags byte, body []byte) {
		frame := append([]byte{protocolVersion, flags, 0, 1, op}, appendInt(nil, len(body))...)
		c := &conn{server: srv, node: srv.nodes[0], net: silent{in: bytes.NewReader(append(frame, body...))}, done: make(chan struct{})}
		got, err := c.next(bufio.NewReader(c.net))
		require.NoError(t, err)
		r := srv.job(c, got).answer()
		require.NotEmpty(t, r.encode(1))
	})
}

// FuzzPagingStates: a state is refused or read back as it was.
func FuzzPagingStates(f *testing.F) {
	f.Add((&pageState{kind: tokenRange, page: 3, remaining: -1, at: &position{[]byte("k"), [][]byte{nil, {1}}}}).encode())
	f.Add((&pageState{kind: singlePartition, remaining: 9, inPartition: 2}).encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := decodeState(b)
		if err != nil {
			return
		}
		again, err := decodeState(s.encode())
		require.NoError(t, err)
		require.Equal(t, s, again)
	})
}
