package frames

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
)

var errNotUnderstood = errors.New("frames: not understood")

const (
	version    = 4
	headerSize = 9
	longest    = 256 << 20 // what the protocol allows for a frame

	flagsOfBodies = 0x01 | 0x02 | 0x04 | 0x08 // compressed, traced, with a payload, with warnings: the body begins with more

	opError   = 0x00
	opQuery   = 0x07
	opResult  = 0x08
	opPrepare = 0x09
	opExecute = 0x0a

	kindPrepared = 4
)

// frame is a frame's header and body.
type frame struct {
	version byte
	flags   byte
	stream  uint16
	op      byte
	body    []byte
}

// pass copies frames, and shows each to look before it is passed on.
func pass(to io.Writer, from io.Reader, look func(frame) error) error {
	for {
		header := make([]byte, headerSize)
		if _, err := io.ReadFull(from, header); err != nil {
			return err
		}
		f := frame{version: header[0] & 0x7f, flags: header[1], stream: binary.BigEndian.Uint16(header[2:]), op: header[4]}
		size := binary.BigEndian.Uint32(header[5:])
		if f.version > version && f.op != opError || size > longest {
			return fmt.Errorf("%w: a frame of %d bytes of version %d; want version %d of the protocol", errNotUnderstood, size, f.version, version)
		}
		var whole bytes.Buffer // grows as bytes come, whatever the header claims
		whole.Write(header)
		if n, err := io.CopyN(&whole, from, int64(size)); n < int64(size) {
			return err
		}
		f.body = whole.Bytes()[headerSize:]
		if err := look(f); err != nil {
			return err
		}
		if _, err := to.Write(whole.Bytes()); err != nil {
			return err
		}
	}
}

// line is what is known of one connection.
type line struct {
	counter   *Counter
	mu        sync.Mutex
	preparing map[uint16]bool // streams whose answer will tell the id of a statement that reads the table
}

// request looks at what a client asks.
func (l *line) request(f frame) error {
	if f.flags&flagsOfBodies != 0 && (f.op == opQuery || f.op == opPrepare || f.op == opExecute) {
		return fmt.Errorf("%w: a request with flags %#x", errNotUnderstood, f.flags)
	}
	switch f.op {
	case opQuery, opPrepare:
		text, err := longString(f.body)
		if err != nil || !strings.Contains(text, l.counter.table) {
			return err
		}
		if f.op == opQuery {
			l.counter.count()
			return nil
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		l.preparing[f.stream] = true
	case opExecute:
		id, err := shortBytes(f.body)
		if err != nil {
			return err
		}
		l.counter.executed(id)
	}
	return nil
}

// answer looks at what the server says.
func (l *line) answer(f frame) error {
	l.mu.Lock()
	awaited := l.preparing[f.stream]
	delete(l.preparing, f.stream)
	l.mu.Unlock()
	if !awaited || f.op != opResult {
		return nil
	}
	if f.flags&flagsOfBodies != 0 || len(f.body) < 4 || binary.BigEndian.Uint32(f.body) != kindPrepared {
		return fmt.Errorf("%w: an answer to PREPARE with flags %#x", errNotUnderstood, f.flags)
	}
	id, err := shortBytes(f.body[4:])
	if err != nil {
		return err
	}
	l.counter.mu.Lock()
	defer l.counter.mu.Unlock()
	l.counter.prepared[id] = true
	return nil
}

func (c *Counter) count() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked++
}

func (c *Counter) executed(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.prepared[id] {
		c.asked++
	}
}

func longString(body []byte) (string, error) {
	if len(body) < 4 || uint64(binary.BigEndian.Uint32(body)) > uint64(len(body)-4) {
		return "", fmt.Errorf("%w: a text that its frame cuts", errNotUnderstood)
	}
	return string(body[4 : 4+binary.BigEndian.Uint32(body)]), nil
}

func shortBytes(body []byte) (string, error) {
	if len(body) < 2 || int(binary.BigEndian.Uint16(body)) > len(body)-2 {
		return "", fmt.Errorf("%w: an id that its frame cuts", errNotUnderstood)
	}
	return string(body[2 : 2+binary.BigEndian.Uint16(body)]), nil
}
