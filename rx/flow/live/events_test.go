package live

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/virtualtime"
	"github.com/rxcql/rxcql/rx/flow"
)

// memory is a listener whose connections are pipes, for virtual time.
type memory struct {
	connections chan net.Conn
	closed      chan struct{}
}

func (m memory) Accept() (net.Conn, error) {
	select {
	case c := <-m.connections:
		return c, nil
	case <-m.closed:
		return nil, net.ErrClosed
	}
}
func (m memory) Close() error   { close(m.closed); return nil }
func (m memory) Addr() net.Addr { return &net.TCPAddr{} }

// served is a page in virtual time.
type served struct {
	*Page
	looks  atomic.Int64
	memory memory
}

// serve starts a server, which ends with the test, by hand if need be.
func serve(t *testing.T, o Options) *served {
	s := &served{Page: New(flow.NewMonitor(flow.Options{}), o), memory: memory{make(chan net.Conn), make(chan struct{})}}
	s.feed.look = func() flow.Snapshot {
		s.looks.Add(1)
		return flow.Snapshot{At: time.Now()}
	}
	server := &http.Server{Handler: s.Page, ReadTimeout: 3 * time.Second, WriteTimeout: 2 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(s.memory) }()
	t.Cleanup(func() {
		s.Close()
		require.NoError(t, server.Shutdown(context.Background()))
		require.ErrorIs(t, <-ended, http.ErrServerClosed)
	})
	return s
}

// client is one that looks.
type client struct {
	net.Conn
	t     *testing.T
	lines *bufio.Reader
}

// look has a client ask for events.
func (s *served) look(t *testing.T) client {
	near, far := net.Pipe()
	s.memory.connections <- far
	_, err := near.Write([]byte("GET /events HTTP/1.0\r\nHost: localhost\r\n\r\n")) // 1.0 has no chunks
	require.NoError(t, err)
	t.Cleanup(func() { _ = near.Close() })
	return client{near, t, bufio.NewReader(near)}
}

// next gives the next line that begins so.
func (c client) next(prefix string) string {
	c.t.Helper()
	for {
		line, err := c.lines.ReadString('\n')
		require.NoError(c.t, err, "before there was a %s", prefix)
		if rest, ok := strings.CutPrefix(line, prefix); ok {
			return strings.TrimSpace(rest)
		}
	}
}

func TestAFrameASecondForAllWhoLook(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		s := serve(t, Options{})
		time.Sleep(time.Minute)
		require.Zero(t, s.looks.Load(), "nobody looks")
		begin := time.Now()
		clients := []client{s.look(t), s.look(t), s.look(t)}
		for range 60 {
			first := clients[0].next("data: ")
			for _, c := range clients[1:] {
				require.Equal(t, first, c.next("data: "))
			}
		}
		require.Equal(t, 59*time.Second, time.Since(begin), "the first one comes at once")
		require.EqualValues(t, 60, s.looks.Load())

		for _, c := range clients {
			require.NoError(t, c.Conn.Close())
		}
		time.Sleep(time.Minute)
		require.LessOrEqual(t, s.looks.Load(), int64(61), "they have gone")
	})
}

func TestASlowClientMissesFrames(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		s := serve(t, Options{})
		slow := s.look(t)
		slow.next("data: ")
		for range 5 {
			time.Sleep(patience - time.Second)
			slow.next("data: ")
		}
		require.Less(t, s.looks.Load(), int64(20), "of about 45")

		stuck := s.look(t)
		stuck.next("data: ")
		time.Sleep(2 * patience)
		_, err := stuck.lines.ReadString(0)
		require.Error(t, err, "it was cut off")
	})
}

func TestOnlySoManyLookAtATime(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		s := serve(t, Options{Clients: 2})
		one, two := s.look(t), s.look(t)
		one.next("data: ")
		two.next("data: ")
		require.Equal(t, "503 Service Unavailable", s.look(t).next("HTTP/1.0 "))
		require.NoError(t, one.Conn.Close())
		time.Sleep(2 * interval)
		s.look(t).next("data: ")
	})
}

func TestWhoLooksSeesTheEnd(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		s := serve(t, Options{})
		c := s.look(t)
		first := c.next("data: ")
		time.Sleep(interval / 2)
		s.Close()
		require.NotEqual(t, first, c.next("data: "), "the last state")
		require.Equal(t, "goodbye", c.next("event: "))
		_, err := c.lines.ReadString(0)
		require.Error(t, err)
		s.Close() // does nothing more
	})
}

// The feed is not stuck by one who stops waiting.
func TestWhoGivesUpWaitsNoLonger(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		held := make(chan struct{})
		f := newFeed(func() flow.Snapshot { <-held; return flow.Snapshot{} })
		done := make(chan error, 1)
		go func() { _, err := f.frame(t.Context(), interval); done <- err }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := f.frame(ctx, interval)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		close(held)
		require.NoError(t, <-done)
		_, err = f.frame(t.Context(), interval)
		require.NoError(t, err)
	})
}
