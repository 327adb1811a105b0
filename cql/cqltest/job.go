package cqltest

import (
	"github.com/rxcql/rxcql/cql/cqltest/internal/syntax"
)

// job is a request that is being answered.
type job struct {
	server  *Server
	conn    *conn
	frame   *frame
	request Request
	parsed  *syntax.Parsed // of a QUERY
	err     error          // what is wrong with the frame or its text
	params  params
	batch   batch
	id      []byte
	events  []string
}

// job reads a frame, and finds out what the log wants to know about it.
func (s *Server) job(c *conn, f *frame) *job {
	j := &job{server: s, conn: c, frame: f}
	r := &j.request
	r.Node, r.Conn, r.Op, r.Page = c.node.index, c.id, f.op, 1
	r.raw = &rawRequest{size: len(f.body.b)}
	switch f.op {
	case OpQuery, OpPrepare:
		r.Statement = f.body.longString()
		if f.op == OpQuery {
			j.params = f.body.params()
		}
		j.parse()
	case OpExecute:
		j.id = f.body.shortBytes()
		j.params = f.body.params()
		j.lookUp()
	case OpBatch:
		j.batch = f.body.batch()
		j.params = j.batch.params
		r.Statement, r.BatchType, r.raw.user = "BATCH", int(j.batch.typ), true
		j.lookUpBatch()
	case OpRegister:
		j.events = f.body.strings()
	}
	if f.body.err != nil {
		j.err = f.body.err
	}
	j.fill()
	return j
}

func (j *job) parse() {
	r := &j.request
	j.parsed, j.err = syntax.Parse(r.Statement)
	if j.err == nil {
		j.about(j.parsed.Statement, j.conn.current())
		if r.Op == OpQuery && len(j.params.values) > 0 {
			j.markers()
		}
	} else {
		r.raw.user = r.Op == OpQuery
	}
}

// markers finds the types of the values that came with a QUERY.
func (j *job) markers() {
	db := j.server.db
	db.mu.RLock()
	defer db.mu.RUnlock()
	if st, err := db.analyse(j.parsed, j.conn.current(), j.conn.node); err == nil {
		j.request.raw.specs = st.specs
	}
}

// about notes what a statement reads or writes.
func (j *job) about(st syntax.Statement, current string) {
	r := &j.request
	t, ok := syntax.Target(st)
	if ok {
		if r.Keyspace, r.Table = t.Keyspace, t.Name; r.Keyspace == "" {
			r.Keyspace = current
		}
	}
	_, use := st.(*syntax.Use)
	_, sel := st.(*syntax.Select)
	runs := r.Op == OpQuery || r.Op == OpExecute
	r.raw.user = runs && !use && !isSystem(r.Keyspace)
	r.raw.isSelect = runs && sel
}

// lookUp finds the text of a prepared statement, also of one that the server has forgotten.
func (j *job) lookUp() {
	db := j.server.db
	db.mu.RLock()
	p, ok := db.texts[string(j.id)]
	db.mu.RUnlock()
	j.request.raw.user = true
	if ok {
		j.request.Statement, j.request.raw.specs = p.text, p.st.specs
		j.about(p.st.parsed.Statement, p.st.keyspace)
	}
}

func (j *job) lookUpBatch() {
	db := j.server.db
	db.mu.RLock()
	defer db.mu.RUnlock()
	raw := j.request.raw
	for i, it := range j.batch.items {
		var specs []bindSpec
		var st syntax.Statement
		current := j.conn.current()
		if it.id != nil {
			if p, ok := db.texts[string(it.id)]; ok {
				it.text, specs, st, current = p.text, p.st.specs, p.st.parsed.Statement, p.st.keyspace
			}
		} else if parsed, err := syntax.Parse(it.text); err == nil {
			st = parsed.Statement
			if a, err := db.analyse(parsed, current, j.conn.node); err == nil {
				specs = a.specs
			}
		}
		if i == 0 && st != nil {
			j.about(st, current)
			raw.user = true
		}
		raw.batch, raw.batchSpecs = append(raw.batch, it), append(raw.batchSpecs, specs)
	}
}

func (j *job) fill() {
	r, p := &j.request, &j.params
	r.PageSize, r.PageState, r.SkipMetadata = p.pageSize, p.pageState, p.skipMetadata
	r.Consistency, r.Serial, r.Timestamp = p.consistency, p.serial, p.timestamp
	r.Tracing, r.Payload = j.frame.flags&flagTracing != 0, j.frame.payload
	r.raw.values = p.values
	if st, err := decodeState(p.pageState); err == nil {
		r.Page = st.page + 1
	}
}

// answer does what the request asks for.
func (j *job) answer() *reply {
	if j.err != nil {
		return j.failure(j.err)
	}
	db := j.server.db
	var out *outcome
	var err error
	switch j.frame.op {
	case OpStartup:
		return &reply{op: opReady}
	case OpRegister:
		j.conn.register(j.events)
		return &reply{op: opReady}
	case OpOptions:
		return supported()
	case OpPrepare:
		r, err := db.prepare(j.request.Statement, j.conn.current(), j.conn.node)
		if err != nil {
			return j.failure(err)
		}
		return r
	case OpQuery:
		out, err = db.run(&j.params, func() (*statement, error) {
			return db.analyse(j.parsed, j.conn.current(), j.conn.node)
		})
	case OpExecute:
		out, err = db.run(&j.params, func() (*statement, error) { return db.known(j.id, j.conn.node) })
	case OpBatch:
		out, err = db.runBatch(&j.batch, j.conn.current(), j.conn.node)
	default:
		err = Protocol("cqltest does not support " + j.frame.op.String())
	}
	if err != nil {
		return j.failure(err)
	}
	if out.keyspace != "" {
		j.conn.keyspace.Store(out.keyspace)
	}
	j.server.announce(out.change)
	return &out.reply
}

func supported() *reply {
	b := appendShort(nil, 3)
	for _, option := range [][]string{{"CQL_VERSION", "3.4.7"}, {"PROTOCOL_VERSIONS", "4/v4"}, {"COMPRESSION"}} {
		b = appendShort(appendString(b, option[0]), len(option)-1)
		for _, v := range option[1:] {
			b = appendString(b, v)
		}
	}
	return &reply{op: opSupported, parts: [][]byte{b}}
}
