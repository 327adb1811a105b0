package cql

import (
	"fmt"
	"sync/atomic"

	"github.com/gocql/gocql"

	"github.com/rxcql/rxcql/internal/wire"
)

// gocqlPage reads the cells of one page out of a gocql.Iter. The driver hands a destination that unmarshals itself
// the cell's bytes as they stand in the frame, so nothing is decoded or copied here.
type gocqlPage struct {
	iter    *gocql.Iter
	err     error
	columns []Column
	cells   [][]byte // the current row
	dest    []any    // *capture for each cell, and nil for what the driver counts beyond them

	scanned bool   // a row was, or all are to be: the driver is not looked into any more
	direct  bool   // rows are read without the driver, from
	rest    []byte // those that come

	// The driver forgets these when the Iter is closed.
	warnings []string
	payload  map[string][]byte
	trace    *trace
}

// trace keeps the id of a request that is traced. The driver tells it of each request that a query takes, the last of
// which is the one for rows; and of a PREPARE on a goroutine that may outlive a cancelled query.
type trace struct{ id atomic.Pointer[[]byte] }

func (t *trace) Trace(id []byte) { t.id.Store(&id) }

// capture keeps the bytes of a cell where gocql would decode them.
type capture []byte

func (c *capture) UnmarshalCQL(_ gocql.TypeInfo, data []byte) error {
	// The driver's slice reaches to the end of the frame; an append by whoever gets it must not write there.
	*c = data[:len(data):len(data)]
	return nil
}

// newGocqlPage takes over an Iter; t is nil unless its request was traced.
func newGocqlPage(iter *gocql.Iter, t *trace) *gocqlPage {
	p := &gocqlPage{iter: iter, trace: t, warnings: iter.Warnings(), payload: iter.GetCustomPayload()}
	if iter.NumRows() == 0 {
		// Ends a failed request; what an Iter reports only at Close is looked at where it arises.
		if p.err = iter.Close(); p.err != nil {
			return p
		}
	}
	infos := iter.Columns()
	p.columns = make([]Column, len(infos))
	p.cells = make([][]byte, len(infos))
	p.dest = make([]any, 0, len(infos))
	beyond := 0 // Scan counts the elements of tuples
	for i, info := range infos {
		p.columns[i] = Column{Name: info.Name, Type: typeOf(info.TypeInfo)}
		p.dest = append(p.dest, (*capture)(&p.cells[i]))
		if tuple, ok := info.TypeInfo.(gocql.TupleTypeInfo); ok {
			// The driver would take the cell apart, and accept one that ends early or goes on behind the tuple. The columns
			// are the Iter's own, and this page's: its metadata came with it.
			infos[i].TypeInfo = opaque
			beyond += len(tuple.Elems) - 1
		}
	}
	p.dest = append(p.dest, make([]any, max(beyond, 0))...)
	return p
}

func (p *gocqlPage) Columns() []Column          { return p.columns }
func (p *gocqlPage) Len() int                   { return p.iter.NumRows() }
func (p *gocqlPage) State() []byte              { return p.iter.PageState() }
func (p *gocqlPage) Warnings() []string         { return p.warnings }
func (p *gocqlPage) Payload() map[string][]byte { return p.payload }

func (p *gocqlPage) TraceID() string {
	if p.trace == nil {
		return ""
	}
	id := p.trace.id.Load()
	if id == nil {
		return ""
	}
	uuid, err := gocql.UUIDFromBytes(*id)
	if err != nil {
		return ""
	}
	return uuid.String()
}

func (p *gocqlPage) Host() string { return hostOf(p.iter) }

func (p *gocqlPage) Next() ([][]byte, error) {
	if !p.direct {
		return p.scan()
	}
	rest, err := wire.Row(p.cells, p.rest)
	if err != nil {
		return nil, err
	}
	p.rest = rest
	return p.cells, nil
}

// scan has the driver give the next row. If that is the first one, and the driver read it where restOf says, cell by cell,
// the others are read there without it.
func (p *gocqlPage) scan() (cells [][]byte, err error) {
	// The driver panics over a frame that ends early or whose lengths lie; no code of the user's runs here.
	defer func() {
		if r := recover(); r != nil {
			cells, err = nil, fmt.Errorf("the server's page is malformed: %v", r)
		}
	}()
	var unread []byte
	if !p.scanned && restOf != nil {
		unread = restOf(p.iter)
	}
	p.scanned = true
	if !p.iter.Scan(p.dest...) {
		err := p.iter.Close()
		if err == nil {
			err = fmt.Errorf("the page has fewer than the %d rows that it announced", p.Len())
		}
		return nil, err
	}
	p.rest, p.direct = p.readFrom(unread)
	return p.cells, nil
}

// opaque is the type that the driver is told a tuple column to have.
var opaque = gocql.NewNativeType(protocol, gocql.TypeBlob, "")
