// Package frames counts the requests for pages of a table that any client makes, in any language: it stands between the
// client and the server, and reads the frames of version 4 of Cassandra's native protocol
// (https://cassandra.apache.org/doc/latest/cassandra/reference/native-protocol.html) as they pass.
package frames

import (
	"context"
	"errors"
	"net"
	"sync"
)

// Counter passes on what clients and a server say to each other, and counts. Its methods may be called concurrently.
type Counter struct {
	server   string
	table    string
	listener net.Listener
	all      sync.WaitGroup // its goroutines
	stop     context.CancelFunc

	mu       sync.Mutex
	prepared map[string]bool // the ids of statements that read the table
	asked    int
	failure  error
}

// Count listens on a free port of this machine for clients of a server, host:port, and counts the requests for rows of a
// table. The caller calls Close.
func Count(ctx context.Context, server, table string) (*Counter, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	c := &Counter{server: server, table: table, listener: listener, stop: stop, prepared: make(map[string]bool)}
	c.all.Go(func() { c.accept(ctx) })
	return c, nil
}

// Addr is what clients are to connect to.
func (c *Counter) Addr() string { return c.listener.Addr().String() }

// Asked gives how many pages were asked for, or what was not understood.
func (c *Counter) Asked() (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.asked, c.failure
}

// Close ends all connections, and waits for that.
func (c *Counter) Close() {
	c.stop()
	_ = c.listener.Close() // it only listens
	c.all.Wait()
}

func (c *Counter) accept(ctx context.Context) {
	for {
		client, err := c.listener.Accept()
		if err != nil {
			return // closed
		}
		c.all.Go(func() { c.serve(ctx, client) })
	}
}

// serve passes on until one of the two sides hangs up.
func (c *Counter) serve(ctx context.Context, client net.Conn) {
	defer client.Close()
	server, err := new(net.Dialer).DialContext(ctx, "tcp", c.server)
	if err != nil {
		return // the client sees that, and says so
	}
	defer server.Close()
	hangUp := context.AfterFunc(ctx, func() { client.Close(); server.Close() })
	defer hangUp()
	l := &line{counter: c, preparing: make(map[uint16]bool)}
	var answers sync.WaitGroup
	answers.Go(func() {
		defer client.Close()
		c.fail(pass(client, server, l.answer))
	})
	c.fail(pass(server, client, l.request))
	server.Close()
	answers.Wait()
}

// fail remembers the first thing that was not understood. Connections that end are no failure.
func (c *Counter) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failure == nil && errors.Is(err, errNotUnderstood) {
		c.failure = err
	}
}
