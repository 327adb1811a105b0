package cqltest

import (
	"encoding/binary"
)

// pageState is what a paging state carries. Nothing of it is kept in the server, so it is good on any connection and
// node, after a restart, and, as with a real server, on queries that it was not made for.
type pageState struct {
	kind        byte  // of the query that made it
	page        int   // how many pages have been given
	remaining   int64 // of LIMIT, -1 without one
	inPartition int64 // rows given of the last partition, for PER PARTITION LIMIT
	at          *position
}

const (
	stateMagic = 0xC7

	singlePartition byte = 's'
	severalKeys     byte = 'k'
	tokenRange      byte = 'r'
)

func (s *pageState) encode() []byte {
	b := []byte{stateMagic, s.kind}
	b = binary.AppendUvarint(b, uint64(s.page))
	b = binary.AppendVarint(b, s.remaining)
	b = binary.AppendUvarint(b, uint64(s.inPartition))
	if s.at == nil {
		return append(b, 0)
	}
	b = appendBytes(append(b, 1), s.at.raw)
	if s.at.clustering == nil {
		return append(b, 0)
	}
	b = binary.AppendUvarint(b, uint64(len(s.at.clustering))+1)
	for _, c := range s.at.clustering {
		b = appendBytes(b, c)
	}
	return b
}

var errBadState = Protocol("Invalid value for the paging state")

func decodeState(b []byte) (*pageState, error) {
	r := &frameReader{b: b}
	s := &pageState{}
	if r.byte() != stateMagic {
		return nil, errBadState
	}
	s.kind = r.byte()
	s.page = int(r.uvarint() & (1<<40 - 1))
	s.remaining = r.varint()
	s.inPartition = int64(r.uvarint() & (1<<40 - 1))
	if r.byte() == 1 {
		s.at = &position{raw: r.bytes()}
		if n := r.uvarint(); n > 0 {
			s.at.clustering = [][]byte{}
			for i := uint64(1); i < n && r.err == nil; i++ {
				s.at.clustering = append(s.at.clustering, r.bytes())
			}
		}
	}
	known := s.kind == singlePartition || s.kind == severalKeys || s.kind == tokenRange
	if r.err != nil || len(r.b) > 0 || !known || s.remaining < -1 || s.at != nil && s.at.raw == nil {
		return nil, errBadState
	}
	return s, nil
}

func (r *frameReader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	r.take(max(n, 1))
	if n < 0 {
		r.take(-1)
	}
	return v
}

func (r *frameReader) varint() int64 {
	v, n := binary.Varint(r.b)
	r.take(max(n, 1))
	if n < 0 {
		r.take(-1)
	}
	return v
}

// kind is which of Cassandra's pagers would read this restriction.
func (r *restriction) kind() byte {
	switch {
	case r.keys == nil:
		return tokenRange
	case r.single:
		return singlePartition
	}
	return severalKeys
}

// resume decodes the state that came with a request, or makes the first one.
func (r *restriction) resume(b []byte, limit int64) (*pageState, error) {
	first := &pageState{kind: r.kind(), remaining: limit}
	if len(b) == 0 {
		return first, nil
	}
	s, err := decodeState(b)
	if err != nil {
		return nil, err
	}
	if s.kind == singlePartition && r.kind() == tokenRange {
		return nil, ServerError("java.lang.NullPointerException: the paging state of one partition was used for a range")
	}
	if s.at != nil && len(s.at.clustering) != 0 && len(s.at.clustering) != len(r.schema.ck) {
		return nil, errBadState
	}
	s.kind = first.kind
	return s, nil
}
