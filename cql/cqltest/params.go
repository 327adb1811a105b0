package cqltest

import "github.com/gocql/gocql"

// value is a bound or evaluated value; null has neither bytes nor unset.
type value struct {
	b     []byte
	unset bool
}

func (v value) null() bool { return v.b == nil && !v.unset }

// params is what comes with a QUERY or EXECUTE.
type params struct {
	consistency  gocql.Consistency
	values       []value
	names        []string // of the values, if they were sent by name
	skipMetadata bool
	pageSize     int
	pageState    []byte
	serial       gocql.Consistency
	timestamp    int64 // microseconds
	hasTimestamp bool
}

const (
	paramValues    = 0x01
	paramSkipMeta  = 0x02
	paramPageSize  = 0x04
	paramPageState = 0x08
	paramSerial    = 0x10
	paramTimestamp = 0x20
	paramNamed     = 0x40
)

func (r *frameReader) params() params {
	p := params{consistency: gocql.Consistency(r.short())}
	flags := r.byte()
	if flags&paramValues != 0 {
		for range r.short() {
			if flags&paramNamed != 0 {
				p.names = append(p.names, r.string())
			}
			p.values = append(p.values, r.value())
			if r.err != nil {
				break
			}
		}
	}
	p.skipMetadata = flags&paramSkipMeta != 0
	if flags&paramPageSize != 0 {
		p.pageSize = r.int()
	}
	if flags&paramPageState != 0 {
		p.pageState = r.bytes()
	}
	r.tail(&p, flags)
	return p
}

// tail reads what QUERY, EXECUTE and BATCH have in common at their ends.
func (r *frameReader) tail(p *params, flags byte) {
	if flags&paramSerial != 0 {
		p.serial = gocql.Consistency(r.short())
	}
	if flags&paramTimestamp != 0 {
		p.timestamp, p.hasTimestamp = r.long(), true
	}
}

// batchItem is one statement of a BATCH: a text or a prepared id.
type batchItem struct {
	text   string
	id     []byte
	values []value
}

// batch is a BATCH; typ is 0 logged, 1 unlogged, 2 counter.
type batch struct {
	typ   byte
	items []batchItem
	params
}

func (r *frameReader) batch() batch {
	b := batch{typ: r.byte()}
	for range r.short() {
		var it batchItem
		if r.byte() == 0 {
			it.text = r.longString()
		} else {
			it.id = r.shortBytes()
		}
		for range r.short() {
			it.values = append(it.values, r.value())
			if r.err != nil {
				return b
			}
		}
		b.items = append(b.items, it)
		if r.err != nil {
			return b
		}
	}
	b.consistency = gocql.Consistency(r.short())
	flags := r.byte()
	if flags&paramNamed != 0 && r.err == nil {
		r.err = Protocol("values by name are not supported in a BATCH (CASSANDRA-10246)")
	}
	r.tail(&b.params, flags)
	return b
}
