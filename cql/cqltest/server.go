package cqltest

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/gocql/gocql"

	"github.com/rxcql/rxcql/cql/cqltest/internal/syntax"
)

// Server is a Cassandra cluster inside the test process. Its methods may be called from any goroutine, also while
// requests are being answered and from inside the functions of a Fault.
type Server struct {
	options   options
	db        *database
	log       requestLog
	faults    faults
	nodes     []*node
	listeners []net.Listener
	bubble    string // of testing/synctest that the server was made in

	done chan struct{} // closed by Close
	wg   sync.WaitGroup

	mu       sync.Mutex
	closed   bool
	conns    map[*conn]struct{}
	lastConn int
	keyspace string // of MustExec("USE …")
}

// NewServer starts a server, which the caller must Close. It panics if it cannot listen.
func NewServer(opts ...Option) *Server {
	o := options{nodes: 1, vnodes: 1, logSize: 100_000}
	for _, f := range opts {
		f(&o)
	}
	s := &Server{options: o, nodes: newNodes(o.nodes, o.vnodes), bubble: bubble(), done: make(chan struct{}), conns: map[*conn]struct{}{}}
	s.log.max, s.log.pages = o.logSize, map[[2]string]int{}
	s.db = newDatabase(s.nodes, o)
	if o.inMemory {
		for _, n := range s.nodes {
			n.port = 9042
		}
		return s
	}
	if err := s.listen(); err != nil {
		panic("cqltest: " + err.Error())
	}
	return s
}

// listen opens one port on all addresses; a port that is free on the first one may be taken on another.
func (s *Server) listen() error {
	var err error
	for range 20 {
		if err = s.tryListen(); err == nil {
			break
		}
	}
	if err != nil {
		return err
	}
	for i, l := range s.listeners {
		n := s.nodes[i]
		n.port = l.Addr().(*net.TCPAddr).Port
		s.wg.Go(func() { s.accept(l, n) })
	}
	return nil
}

func (s *Server) tryListen() error {
	port := 0
	s.listeners = nil
	for _, n := range s.nodes {
		l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: n.ip, Port: port})
		if err != nil {
			for _, l := range s.listeners {
				_ = l.Close() // nothing was accepted yet
			}
			return fmt.Errorf("cannot listen on %s: %w", n.ip, err)
		}
		s.listeners = append(s.listeners, l)
		port = l.Addr().(*net.TCPAddr).Port
	}
	return nil
}

func (s *Server) accept(l net.Listener, n *node) {
	for {
		c, err := l.Accept()
		if err != nil {
			return // closed
		}
		if err := s.serve(c, n); err != nil {
			return
		}
	}
}

var errClosed = errors.New("cqltest: the server is closed")

// serve starts the reader of a new connection.
func (s *Server) serve(nc net.Conn, n *node) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		_ = nc.Close()
		return errClosed
	}
	s.lastConn++
	c := &conn{server: s, node: n, id: s.lastConn, net: nc, done: make(chan struct{})}
	s.conns[c] = struct{}{}
	s.wg.Go(func() {
		c.read()
		c.close()
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.conns, c)
	})
	return nil
}

// Close ends all connections and requests, also those that a Fault holds, and waits for the server's goroutines. A
// Fault's function must not call it.
func (s *Server) Close() {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.done)
		for _, l := range s.listeners {
			_ = l.Close()
		}
		for c := range s.conns {
			c.close()
		}
	}
	s.mu.Unlock()
	s.wg.Wait()
}

// Cluster returns a new configuration that connects to the server, for the caller to change as needed: hosts and port,
// or the Dialer when the server is in memory; protocol version 4; no coalescing of writes, which would cost each
// request a millisecond; a reconnection policy that waits for 10 ms instead of a second. The keyspace is not set.
//
// NumConns is 1, and the driver does not listen to events: more connections, and what events set off, are left to
// goroutines that go on sleeping after the session is closed. A test that looks for leaks would find them, and a bubble
// could not end. So the session does not hear of schema changes that others make; set cfg.Events to change that.
func (s *Server) Cluster() *gocql.ClusterConfig {
	var hosts []string
	for _, n := range s.nodes {
		hosts = append(hosts, n.ip.String())
	}
	cfg := gocql.NewCluster(hosts...)
	cfg.Port = s.nodes[0].port
	cfg.ProtoVersion = protocolVersion
	cfg.WriteCoalesceWaitTime = 0
	cfg.NumConns = 1
	cfg.Events.DisableNodeStatusEvents, cfg.Events.DisableTopologyEvents, cfg.Events.DisableSchemaEvents = true, true, true
	cfg.ReconnectionPolicy = &gocql.ConstantReconnectionPolicy{MaxRetries: 3, Interval: 10 * time.Millisecond}
	if s.options.inMemory {
		cfg.Dialer = s.Dialer()
	}
	return cfg
}

// Exec runs a statement directly, without a connection, the log or faults: for setting up a test. Arguments are Go
// values for the markers, as for gocql. USE sets the keyspace of the statements that follow. Reading is for gocql; a
// SELECT runs, and its rows are thrown away.
func (s *Server) Exec(cql string, args ...any) error {
	parsed, err := syntax.Parse(cql)
	if err != nil {
		return fmt.Errorf("%w in: %s", asError(err), strings.TrimSpace(cql))
	}
	s.mu.Lock()
	current := s.keyspace
	s.mu.Unlock()
	pr := &params{consistency: gocql.LocalOne}
	out, err := s.db.run(pr, func() (*statement, error) {
		st, err := s.db.analyse(parsed, current, s.nodes[0])
		if err == nil {
			pr.values, err = marshalArgs(st.specs, args)
		}
		return st, err
	})
	if err != nil {
		return fmt.Errorf("%w in: %s", asError(err), strings.TrimSpace(cql))
	}
	if out.keyspace != "" {
		s.mu.Lock()
		s.keyspace = out.keyspace
		s.mu.Unlock()
	}
	s.announce(out.change)
	return nil
}

// MustExec is Exec for statements that cannot fail; it panics if they do.
func (s *Server) MustExec(cql string, args ...any) {
	if err := s.Exec(cql, args...); err != nil {
		panic("cqltest: " + err.Error())
	}
}

func marshalArgs(specs []bindSpec, args []any) ([]value, error) {
	if len(args) != len(specs) {
		return nil, invalidf("%d arguments for %d markers", len(args), len(specs))
	}
	out := make([]value, len(args))
	for i, a := range args {
		if a == nil {
			continue
		}
		if a == Unset {
			out[i].unset = true
			continue
		}
		b, err := marshal(nil, specs[i].typ, typeInfo(specs[i].typ), a)
		if err != nil {
			return nil, invalidf("argument %d for %s: a %T is no %s: %s", i+1, specs[i].name, a, specs[i].typ, err)
		}
		out[i].b = b
	}
	return out, nil
}

// Generate makes the rows of a table, which must have been created and loses what it held, come from a Generator. Such
// a table can be read in every way, but not written to until it is truncated. It panics if the generator's keys do not
// fit the table.
func (s *Server) Generate(table string, g Generator) {
	s.db.mu.RLock()
	tab, err := s.db.named(table)
	s.db.mu.RUnlock()
	if err != nil {
		panic(err.Error())
	}
	gen, err := newGenerator(tab.schema, g) // calls the user's Key, so without the lock
	if err != nil {
		panic(err.Error())
	}
	s.db.mu.Lock()
	defer s.db.mu.Unlock()
	tab.gen, tab.store = gen, newStore(tab.schema)
	s.db.forget(tab.schema.keyspace, tab.schema.name)
}

// PageSizes scripts the pages of paged SELECTs over a table: page k of a query has sizes[k-1] rows, whatever page size
// the request asks for. A size of 0 makes an empty page. Every entry is a page, also when no rows are left for it, so
// trailing zeros are empty pages at the end; after the script, rows that are left come in pages of the requested size.
// The last page, and only that, has no paging state. So [1, 0, 1] over two rows gives pages of 1, 0 and 1 rows.
//
// Each query, and each token range, plays the script from its start, since its place is kept in the paging state.
// Queries without paging, or whose LIMIT fits into the requested page, are not scripted. Without sizes the script ends.
// It belongs to the table, which must exist, and goes when that is dropped.
func (s *Server) PageSizes(table string, sizes ...int) {
	s.db.mu.Lock()
	defer s.db.mu.Unlock()
	tab, err := s.db.named(table)
	if err != nil {
		panic(err.Error())
	}
	tab.script = append([]int(nil), sizes...)
}
