package cqltest

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gocql/gocql"
)

// conn is one connection. Its reader starts a goroutine for every request, so that answers come when they are ready.
type conn struct {
	server   *Server
	node     *node
	id       int
	net      net.Conn
	once     sync.Once
	done     chan struct{}
	keyspace atomic.Value // string, of USE
	events   atomic.Bool  // registered for schema changes
	write    sync.Mutex   // held only while one frame is written
}

func (c *conn) close() {
	c.once.Do(func() {
		close(c.done)
		_ = c.net.Close()
	})
}

func (c *conn) current() string {
	ks, _ := c.keyspace.Load().(string)
	return ks
}

// frame is a request before its body is read.
type frame struct {
	stream uint16
	flags  byte
	op     Op
	body   *frameReader

	payload map[string][]byte // nil if there is none
}

func (c *conn) read() {
	r := bufio.NewReaderSize(c.net, 64<<10)
	for {
		f, err := c.next(r)
		if err != nil {
			return
		}
		if f == nil {
			continue
		}
		c.server.receive(c, f)
	}
}

// next reads a frame; nil if it was answered with an error already.
func (c *conn) next(r io.Reader) (*frame, error) {
	var h [headerSize]byte
	if _, err := io.ReadFull(r, h[:]); err != nil {
		return nil, err
	}
	f := &frame{stream: binary.BigEndian.Uint16(h[2:]), flags: h[1], op: Op(h[4])}
	size := binary.BigEndian.Uint32(h[5:])
	version := h[0] & 0x7f
	if size > maxFrame || h[0] != version {
		c.send(&reply{op: opError, parts: [][]byte{Protocol("not a request of the native protocol").append(nil, 0)}}, 0)
		return nil, errors.New("bad frame")
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(r, body); err != nil {
		return nil, err
	}
	if version != protocolVersion {
		// On stream 0, whatever the request's: else drivers do not try again with a lower version.
		e := Protocol(fmt.Sprintf("Invalid or unsupported protocol version (%d); supported versions are (%d/v%d)", version, protocolVersion, protocolVersion))
		c.send(&reply{op: opError, parts: [][]byte{e.append(nil, 0)}}, 0)
		return nil, nil
	}
	f.body = &frameReader{b: body}
	if f.flags&flagCompressed != 0 {
		f.body.err = Protocol("compressed frames are not supported")
	}
	if f.flags&flagWarning != 0 {
		f.body.strings()
	}
	if f.flags&flagCustomPayload != 0 {
		f.payload = f.body.payload()
	}
	return f, nil
}

// send writes a frame; when that fails the connection is broken and its reader will see it.
func (c *conn) send(r *reply, stream uint16) {
	parts := net.Buffers(r.encode(stream))
	c.write.Lock()
	defer c.write.Unlock()
	if _, err := parts.WriteTo(c.net); err != nil {
		c.close()
	}
}

// receive logs a request and starts answering it.
func (s *Server) receive(c *conn, f *frame) {
	j := s.job(c, f)
	s.log.add(&j.request)
	s.wg.Go(func() { j.run() })
}

// run answers the request, as a fault would have it.
func (j *job) run() {
	f := j.server.faults.choose(&j.request)
	if f == nil {
		f = &Fault{}
	}
	if f.Before != nil {
		f.Before(j.request.decode())
	}
	var r *reply
	if f.Drop || f.Err != nil && !f.ApplyThenErr {
		r = &reply{op: opError}
	} else {
		r = j.answer()
	}
	if f.Err != nil {
		r = j.failure(f.Err)
	}
	if !j.wait(f.Delay, f.Hold) {
		return
	}
	switch {
	case f.Drop || f.ApplyThenDrop:
		j.conn.close()
		return
	case f.Lose:
		return
	}
	r.warnings, r.payload = f.Warnings, f.Payload
	if j.frame.flags&flagTracing != 0 && r.op == opResult {
		id := gocql.TimeUUID()
		r.traceID = id[:]
	}
	j.conn.send(r, j.frame.stream)
}

func (j *job) failure(err error) *reply {
	return &reply{op: opError, parts: [][]byte{asError(err).append(nil, j.request.Consistency)}}
}

// wait is false if the connection or the server was closed meanwhile.
func (j *job) wait(d time.Duration, hold <-chan struct{}) bool {
	if d > 0 {
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-t.C:
		case <-j.conn.done:
			return false
		}
	}
	if hold != nil {
		select {
		case <-hold:
		case <-j.conn.done:
			return false
		}
	}
	return true
}

// announce tells the registered connections of a schema change.
func (s *Server) announce(c *change) {
	if c == nil {
		return
	}
	r := &reply{op: opEvent, parts: [][]byte{c.append(appendString(nil, "SCHEMA_CHANGE"))}}
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		if c.events.Load() && !s.closed {
			s.wg.Go(func() { c.send(r, 0xffff) })
		}
	}
}

// register remembers which events the client wants; there are only schema changes.
func (c *conn) register(events []string) {
	for _, e := range events {
		if strings.EqualFold(e, "SCHEMA_CHANGE") {
			c.events.Store(true)
		}
	}
}
