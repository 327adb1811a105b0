// Package packed keeps the cells of a row as they came, in blocks of bytes that rows share: most rows cost no allocation of
// their own, and the garbage collector has nothing to look for in them.
package packed

import (
	"encoding/binary"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/wire"
)

// Row is a row of cells with its columns. It is a value that is never changed.
type Row struct {
	columns []cql.Column
	// For each cell 4 bytes that say where in data it begins, 0 for null; then the cells, each with its length in front.
	data []byte
}

// Columns are those of the result.
func (r Row) Columns() []cql.Column { return r.columns }

// Cell gives the i-th one; nil for null. An append to it copies it.
func (r Row) Cell(i int) []byte {
	start := binary.LittleEndian.Uint32(r.data[4*i:])
	if start == 0 {
		return nil
	}
	end := start + binary.BigEndian.Uint32(r.data[start-4:])
	return r.data[start:end:end]
}

// Block is memory for rows. Who keeps one of them keeps all that it holds: some 4 KiB. Rows of a nil Block have memory of
// their own.
type Block struct{ free []byte }

const (
	blockSize = 4 << 10
	shared    = blockSize / 8 // larger rows have memory of their own
)

func (b *Block) take(n int) []byte {
	if b == nil || n > shared {
		return make([]byte, n)
	}
	if n > len(b.free) {
		b.free = make([]byte, blockSize)
	}
	data := b.free[:n:n]
	b.free = b.free[n:]
	return data
}

// Take copies the row that a page begins with, and gives what is behind it.
func (b *Block) Take(columns []cql.Column, page []byte) (row Row, rest []byte, err error) {
	rest = page
	for range columns {
		if _, rest, err = wire.Cell(rest); err != nil {
			return Row{}, nil, err
		}
	}
	head, width := 4*len(columns), len(page)-len(rest)
	data := b.take(head + width)
	copy(data[head:], page)
	at := head
	for i := range columns {
		n := int(int32(binary.BigEndian.Uint32(data[at:])))
		if at += 4; n >= 0 {
			binary.LittleEndian.PutUint32(data[4*i:], uint32(at))
			at += n
		}
	}
	return Row{columns, data}, rest, nil
}

// Pack copies cells.
func (b *Block) Pack(columns []cql.Column, cells [][]byte) Row {
	at := 4 * len(columns)
	n := at + 4*len(cells)
	for _, c := range cells {
		n += len(c)
	}
	data := b.take(n)
	for i, c := range cells {
		if c == nil {
			continue // its place is 0, and it has no length: nobody looks for it
		}
		binary.BigEndian.PutUint32(data[at:], uint32(len(c)))
		at += 4
		binary.LittleEndian.PutUint32(data[4*i:], uint32(at))
		at += copy(data[at:], c)
	}
	return Row{columns, data}
}
