package cqltest

import (
	"encoding/binary"
	"fmt"
)

// Op is the opcode of a request.
type Op byte

// The requests of the native protocol.
const (
	OpStartup  Op = 0x01
	OpOptions  Op = 0x05
	OpQuery    Op = 0x07
	OpPrepare  Op = 0x09
	OpExecute  Op = 0x0A
	OpRegister Op = 0x0B
	OpBatch    Op = 0x0D
)

// String is the opcode's name in the protocol's specification.
func (o Op) String() string {
	names := map[Op]string{OpStartup: "STARTUP", OpOptions: "OPTIONS", OpQuery: "QUERY", OpPrepare: "PREPARE",
		OpExecute: "EXECUTE", OpRegister: "REGISTER", OpBatch: "BATCH"}
	if n, ok := names[o]; ok {
		return n
	}
	return fmt.Sprintf("opcode 0x%02X", byte(o))
}

const (
	protocolVersion = 4
	headerSize      = 9
	maxFrame        = 256 << 20

	opError     = 0x00
	opReady     = 0x02
	opSupported = 0x06
	opResult    = 0x08
	opEvent     = 0x0C

	flagCompressed    = 0x01
	flagTracing       = 0x02
	flagCustomPayload = 0x04
	flagWarning       = 0x08

	resultVoid         = 1
	resultRows         = 2
	resultSetKeyspace  = 3
	resultPrepared     = 4
	resultSchemaChange = 5
)

// frameReader reads the body of a request. The first failure sticks, and everything after it reads as zero.
type frameReader struct {
	b   []byte
	err error
}

func (r *frameReader) take(n int) []byte {
	if r.err == nil && (n < 0 || n > len(r.b)) {
		r.err = Protocol(fmt.Sprintf("frame ends too early: %d bytes wanted, %d left", n, len(r.b)))
	}
	if r.err != nil {
		return nil
	}
	out := r.b[:n:n]
	r.b = r.b[n:]
	return out
}

func (r *frameReader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *frameReader) short() int {
	if b := r.take(2); b != nil {
		return int(binary.BigEndian.Uint16(b))
	}
	return 0
}

func (r *frameReader) int() int {
	if b := r.take(4); b != nil {
		return int(int32(binary.BigEndian.Uint32(b)))
	}
	return 0
}

func (r *frameReader) long() int64 {
	if b := r.take(8); b != nil {
		return int64(binary.BigEndian.Uint64(b))
	}
	return 0
}

func (r *frameReader) string() string     { return string(r.take(r.short())) }
func (r *frameReader) longString() string { return string(r.take(r.int())) }
func (r *frameReader) shortBytes() []byte { return r.take(r.short()) }

// bytes reads [bytes]; null is nil.
func (r *frameReader) bytes() []byte {
	n := r.int()
	if n < 0 {
		return nil
	}
	return r.take(n)
}

// value reads [value]: bytes, null or unset.
func (r *frameReader) value() value {
	n := r.int()
	switch {
	case n >= 0:
		return value{b: r.take(n)}
	case n == -2:
		return value{unset: true}
	}
	return value{}
}

func (r *frameReader) strings() []string {
	var out []string
	for range r.short() {
		out = append(out, r.string())
		if r.err != nil {
			break
		}
	}
	return out
}

// payload reads [bytes map].
func (r *frameReader) payload() map[string][]byte {
	m := make(map[string][]byte)
	for range r.short() {
		name := r.string()
		m[name] = r.bytes()
		if r.err != nil {
			break
		}
	}
	return m
}

func appendShort(b []byte, n int) []byte { return binary.BigEndian.AppendUint16(b, uint16(n)) }
func appendInt(b []byte, n int) []byte   { return binary.BigEndian.AppendUint32(b, uint32(n)) }

func appendString(b []byte, s string) []byte {
	if len(s) > 0xffff {
		s = s[:0xffff]
	}
	return append(appendShort(b, len(s)), s...)
}

func appendShortBytes(b, p []byte) []byte { return append(appendShort(b, len(p)), p...) }

func appendBytes(b, p []byte) []byte {
	if p == nil {
		return append(b, 0xff, 0xff, 0xff, 0xff)
	}
	return append(appendInt(b, len(p)), p...)
}

// reply is a response on its way out: the parts of its body, one after the other.
type reply struct {
	op       byte
	parts    [][]byte
	warnings []string
	payload  map[string][]byte
	traceID  []byte
}

// encode returns the frame as the header and the parts of the body.
func (r *reply) encode(stream uint16) [][]byte {
	var flags byte
	head := make([]byte, headerSize)
	if r.traceID != nil {
		flags |= flagTracing
		head = append(head, r.traceID...)
	}
	if len(r.warnings) > 0 {
		flags |= flagWarning
		head = appendShort(head, len(r.warnings))
		for _, w := range r.warnings {
			head = appendString(head, w)
		}
	}
	if len(r.payload) > 0 {
		flags |= flagCustomPayload
		head = appendShort(head, len(r.payload))
		for name, v := range r.payload {
			head = appendBytes(appendString(head, name), v)
		}
	}
	size := len(head) - headerSize
	for _, p := range r.parts {
		size += len(p)
	}
	head[0] = protocolVersion | 0x80
	head[1] = flags
	binary.BigEndian.PutUint16(head[2:], stream)
	head[4] = r.op
	binary.BigEndian.PutUint32(head[5:], uint32(size))
	return append([][]byte{head}, r.parts...)
}
