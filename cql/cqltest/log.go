package cqltest

import (
	"strings"
	"sync"
	"time"

	"github.com/gocql/gocql"
)

// Request is one request as it arrived.
type Request struct {
	Seq  int       // from 1, in the order of arrival
	Time time.Time // of arrival
	Node int       // that it came to, from 0
	Conn int       // the connection, from 1

	Op              Op
	Statement       string // CQL text as the user wrote it, for EXECUTE that of the prepared statement; of a BATCH, "BATCH"
	Keyspace, Table string // that the statement is about; of a BATCH, its first statement
	Values          []any  // bound values decoded by their types; nil for null, Unset for unset
	Batch           []BatchEntry
	BatchType       int // 0 logged, 1 unlogged, 2 counter

	PageSize     int
	PageState    []byte
	Page         int // 1 without a paging state, k for the k-th page
	Consistency  gocql.Consistency
	Serial       gocql.Consistency // 0 if the request has none
	SkipMetadata bool
	Timestamp    int64 // microseconds, 0 if the request has none
	Tracing      bool
	Payload      map[string][]byte // custom; nil if the request has none

	raw *rawRequest
}

// BatchEntry is one statement of a BATCH.
type BatchEntry struct {
	Statement string
	Values    []any
}

// rawRequest is what Values and Batch are decoded from when somebody looks.
type rawRequest struct {
	isSelect   bool
	user       bool // a QUERY, EXECUTE or BATCH that is about the user's tables
	values     []value
	specs      []bindSpec
	batch      []batchItem
	batchSpecs [][]bindSpec
	size       int
}

// decode returns the request with its values.
func (r Request) decode() Request {
	r.Statement = plain(r.Statement)
	r.Values = goValues(r.raw.specs, r.raw.values)
	for i, it := range r.raw.batch {
		r.Batch = append(r.Batch, BatchEntry{plain(it.text), goValues(r.raw.batchSpecs[i], it.values)})
	}
	return r
}

// plain is a statement's text without the comment that a cql.Session appends; see cql.Defaults.
func plain(text string) string {
	if i := strings.LastIndex(text, "\n-- rxcql "); i >= 0 {
		return text[:i]
	}
	return text
}

func goValues(specs []bindSpec, values []value) []any {
	var out []any
	for i, v := range values {
		var s bindSpec
		if i < len(specs) {
			s = specs[i]
		}
		out = append(out, goValue(s.typ, v))
	}
	return out
}

// IsSelect says whether the request reads rows.
func (r Request) IsSelect() bool { return r.raw != nil && r.raw.isSelect }

// User is the requests that the log and faults are about unless they are told otherwise: QUERY, EXECUTE and BATCH of
// statements that are not about system tables and not USE.
func User(r Request) bool { return r.raw != nil && r.raw.user }

// All is every request, also what the driver does on its own: STARTUP, REGISTER, PREPARE, USE, reads of system tables.
func All(Request) bool { return true }

// On is the user's requests about this table, named with or without its keyspace. It knows no server, so it cannot tell
// a mistyped name from a table that nobody asks: a test that rests on a Fault should check its Hits.
func On(table string) func(Request) bool {
	return func(r Request) bool { return User(r) && sameTable(table, r.Keyspace, r.Table) }
}

const maxLogBytes = 64 << 20

// requestLog keeps the newest requests.
type requestLog struct {
	mu      sync.Mutex
	max     int
	ring    []Request
	start   int // of the oldest in ring
	bytes   int
	seq     int
	dropped int
	pages   map[[2]string]int
}

func (l *requestLog) add(r *Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seq++
	r.Seq, r.Time = l.seq, time.Now()
	if r.IsSelect() {
		l.pages[[2]string{r.Keyspace, r.Table}]++
	}
	l.ring = append(l.ring, *r)
	l.bytes += r.raw.size
	for len(l.ring)-l.start > l.max || l.bytes > maxLogBytes {
		l.bytes -= l.ring[l.start].raw.size
		l.ring[l.start] = Request{}
		l.start++
		l.dropped++
	}
	if l.start > len(l.ring)/2 {
		l.ring = append([]Request(nil), l.ring[l.start:]...)
		l.start = 0
	}
}

func (l *requestLog) snapshot() []Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]Request(nil), l.ring[l.start:]...)
}

// Requests returns the logged requests in the order of their arrival: the user's, or those for which one of match is
// true (All, On("t"), or a function of yours).
func (s *Server) Requests(match ...func(Request) bool) []Request {
	if len(match) == 0 {
		match = []func(Request) bool{User}
	}
	var out []Request
	for _, r := range s.log.snapshot() {
		r = r.decode()
		for _, m := range match {
			if m(r) {
				out = append(out, r)
				break
			}
		}
	}
	return out
}

// Dropped is the number of requests that the log does not hold any more because it is full.
func (s *Server) Dropped() int {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	return s.log.dropped
}

// Pages is the number of pages of SELECTs that were asked for from this table, named with or without its keyspace,
// whatever became of the requests. It panics if there never was such a table.
func (s *Server) Pages(table string) int {
	if !s.db.wasCreated(table) {
		panic("cqltest: Pages: there never was a table " + table)
	}
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	n := 0
	for t, k := range s.log.pages {
		if sameTable(table, t[0], t[1]) {
			n += k
		}
	}
	return n
}

// ResetLog empties the log and sets the counts of Pages and Dropped to zero.
func (s *Server) ResetLog() {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	s.log.ring, s.log.start, s.log.bytes, s.log.dropped = nil, 0, 0, 0
	s.log.pages = map[[2]string]int{}
}
