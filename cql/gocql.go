package cql

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gocql/gocql"

	"github.com/rxcql/rxcql/rx"
)

// Defaults are what operations of a session take where they say nothing themselves.
type Defaults struct {
	Consistency Consistency   // zero: as Connect says
	Timeout     time.Duration // of one attempt, at the client; zero: DefaultTimeout

	// ShareStatements has statements with arguments prepared under their plain texts, as other clients do. Otherwise
	// each session appends a comment of its own to them. That costs every server a prepared statement for each text and
	// session, in its cache (prepared_statements_cache_size) and in its table system.prepared_statements, from which it
	// prepares them again when it starts: they may be too many if there are very many sessions, or many short ones. A
	// server that has forgotten a text, for a change of its table or for want of room, has the session go on to another
	// text on all servers: a rolling restart of N servers that forget may so cost N texts for each. And the driver's
	// observers and the server's logs show the comments. Sharing costs certainty when a table is made anew with other
	// types: arguments may be encoded for the types of before, and so wrong values be written, or looked up, as success;
	// or right arguments be refused until the session is closed. Statements without arguments are the same either way.
	// See "Schemas that change" in the package comment.
	ShareStatements bool

	// DriverScan has every row of a page read by the driver's Scan. Otherwise that is so for the first row of each page; if
	// it is found, by reflection, where in memory the driver read it, the others are read there without the driver, which
	// takes much less time. The cells are the same either way; only that a page goes on behind its last row, as none should,
	// is not found out with DriverScan.
	DriverScan bool
}

// writeTimeout bounds how long a request may take to be written to a connection. The driver does not look at contexts
// meanwhile, so a stuck connection holds up whoever cancels or closes for as long.
const writeTimeout = 3 * time.Second

// Connect opens a session. The configuration is copied; the copy differs in what a stream needs: the driver's own
// retries and speculative execution are off, a request is written without waiting for others to join it unless
// WriteCoalesceWaitTime was changed from gocql's default, requests go to a replica unless another policy is set, and
// Timeout is at least the session's.
//
// The session's default consistency is that of the defaults if they are given; else the configuration's if that was
// changed from what gocql.NewCluster sets, QUORUM; else LOCAL_QUORUM.
//
// When ctx ends, connecting stops. The driver may still be filling its pool of connections when the session is
// closed; its goroutine for that ends by itself within the times of the ReconnectionPolicy.
func Connect(ctx context.Context, config *gocql.ClusterConfig, defaults ...Defaults) (*Session, error) {
	d := defaultsOf(defaults)
	cfg := *config
	cfg.RetryPolicy = nil
	if cfg.WriteCoalesceWaitTime == 200*time.Microsecond {
		cfg.WriteCoalesceWaitTime = 0
	}
	cfg.Timeout = max(cfg.Timeout, d.Timeout+time.Second)
	if cfg.WriteTimeout <= 0 {
		cfg.WriteTimeout = writeTimeout
	}
	policy := cfg.PoolConfig.HostSelectionPolicy
	if policy == nil {
		policy = gocql.TokenAwareHostPolicy(gocql.RoundRobinHostPolicy())
	}
	ring := &ringPolicy{HostSelectionPolicy: policy, hosts: make(map[string]*gocql.HostInfo)}
	cfg.PoolConfig.HostSelectionPolicy = preferring{ring}

	dial := interruptDialing(ctx, &cfg)
	session, err := cfg.CreateSession()
	driver := &gocqlDriver{session: session, ring: ring, consistency: defaultConsistency(d.Consistency, cfg.Consistency), schema: newSchemaQuestions(), scan: d.DriverScan}
	if err == nil {
		// A first answer, so that a session that cannot give one is not returned.
		var schema string
		schema, err = driver.schemaVersions(ctx)
		if !d.ShareStatements {
			driver.texts = newOwnTexts(schema)
		}
		// And a moment for the goroutine that watches the driver's control connection to start: the driver never ends
		// one that has not when the session is closed.
		time.Sleep(time.Millisecond)
	}
	dial.done()
	if canceled := rx.Cause(ctx); canceled != nil {
		if session != nil {
			session.Close()
		}
		return nil, &Error{Op: "connect", Class: Canceled, Err: canceled}
	}
	if err != nil {
		if session != nil {
			session.Close()
		}
		return nil, connectError(err, cfg.Keyspace)
	}
	s := NewSession(driver)
	s.timeout, s.longest = d.Timeout, cfg.Timeout
	return s, nil
}

// connectError gives the failure to connect a class. gocql wraps few of its causes, but whatever it was, nothing was
// asked of the server; only of a keyspace that does not exist it tells no more than that nothing came of it.
func connectError(err error, keyspace string) error {
	e := &Error{Op: "connect", Class: classify(err), Err: err}
	switch {
	case errors.Is(err, gocql.ErrNoConnectionsStarted) && keyspace != "":
		e.Class, e.Err = Config, fmt.Errorf("%w; does keyspace %q exist?", err, keyspace)
	case e.Class == Unknown:
		e.Class = NotSent
	}
	return e
}

// Wrap makes a Session of a live gocql session, which it takes over: closing one closes the other. The guarantees of
// the lifecycle cover calls through the Session. Queries through it never use the gocql session's retry and
// speculation policies; prefer [Connect], which sets up the rest of the configuration too. The default consistency is
// LOCAL_QUORUM; a time-out of more than the gocql session's own has no effect. Batches do not go to a replica first.
func Wrap(session *gocql.Session, defaults ...Defaults) *Session {
	d := defaultsOf(defaults)
	driver := &gocqlDriver{session: session, consistency: defaultConsistency(d.Consistency, gocql.LocalQuorum), schema: newSchemaQuestions(), scan: d.DriverScan}
	if !d.ShareStatements {
		driver.texts = newOwnTexts("")
	}
	s := NewSession(driver)
	s.timeout = d.Timeout
	return s
}

// defaultsOf gives the last of those that are given.
func defaultsOf(given []Defaults) Defaults {
	var d Defaults
	for _, g := range given {
		d = g
	}
	if d.Timeout <= 0 {
		d.Timeout = DefaultTimeout
	}
	return d
}

// gocqlDriver is gocql v1.7 behind the port.
type gocqlDriver struct {
	session *gocql.Session
	ring    *ringPolicy // nil for a wrapped session

	consistency gocql.Consistency // of requests that name none
	texts       *ownTexts         // nil: statements are shared
	schema      *schemaQuestions
	scan        bool // Defaults.DriverScan
}

func defaultConsistency(given Consistency, configured gocql.Consistency) gocql.Consistency {
	switch {
	case given != DefaultConsistency:
		return gocqlConsistency(given)
	case configured == gocql.Quorum:
		return gocql.LocalQuorum
	default:
		return configured
	}
}

var errPayload = errors.New("custom payloads need version 4 of the native protocol; set ClusterConfig.ProtoVersion to 4")

func (d *gocqlDriver) Fetch(ctx context.Context, r PageRequest) (page Page, err error) {
	err = d.again(ctx, new(binding), []Statement{r.Statement}, func(all []bound) (err error) {
		page, err = d.fetch(ctx, r, &all[0])
		return err
	})
	return page, err
}

func (d *gocqlDriver) fetch(ctx context.Context, r PageRequest, b *bound) (Page, error) {
	var t *trace
	if r.Tracing {
		t = new(trace)
	}
	q := d.query(ctx, r.Statement, b, func(q *gocql.Query) {
		// PageState, also with nil, turns the driver's own paging off. Stale metadata on protocol v4 gives wrong values
		// as success after a change of the schema; only having the metadata sent with each page prevents it.
		q.PageSize(r.Size).PageState(r.State).NoSkipMetadata().CustomPayload(r.Payload)
		if t != nil {
			q.Trace(t)
		}
	})
	iter, err := iterWithPayload(q, len(r.Payload) > 0)
	if err != nil {
		return nil, err
	}
	page := newGocqlPage(iter, t)
	page.scanned = d.scan
	if page.err != nil {
		return nil, AtHost(page.Host(), page.err)
	}
	return page, nil
}

// iterWithPayload sends the query. The driver panics over a payload if the protocol that was agreed on has none.
func iterWithPayload(q *gocql.Query, payload bool) (_ *gocql.Iter, err error) {
	if payload {
		defer func() {
			switch r := recover(); {
			case r == nil:
			case strings.Contains(fmt.Sprint(r), "Custom payload is not supported"):
				err = errPayload
			default:
				panic(r)
			}
		}()
	}
	return q.Iter(), nil
}

func (d *gocqlDriver) Execute(ctx context.Context, s Statement) error {
	return d.again(ctx, new(binding), []Statement{s}, func(all []bound) error {
		iter := d.query(ctx, s, &all[0], func(*gocql.Query) {}).Iter()
		return AtHost(hostOf(iter), iter.Close())
	})
}

// hostOf is the address of the coordinator; empty if none was chosen.
func hostOf(iter *gocql.Iter) string {
	if h := iter.Host(); h != nil {
		return h.ConnectAddressAndPort()
	}
	return ""
}

// query makes a query with what s and set say. To go on to another text it becomes another query.
func (d *gocqlDriver) query(ctx context.Context, s Statement, b *bound, set func(*gocql.Query)) *gocql.Query {
	with := func(text string) *gocql.Query {
		q := d.session.Bind(text, b.give).
			Bind(b.values...). // for finding the replicas
			WithContext(ctx).
			Consistency(d.level(s.Consistency)).
			RetryPolicy(nil).
			SetSpeculativeExecutionPolicy(gocql.NonSpeculativeExecution{})
		if s.Timestamp != 0 {
			q.WithTimestamp(s.Timestamp)
		}
		if s.Serial != DefaultConsistency {
			q.SerialConsistency(gocql.SerialConsistency(gocqlConsistency(s.Serial)))
		}
		set(q)
		return q
	}
	q := with(b.text)
	b.become = func(text string) { *q = *with(text) }
	return q
}

// ask reads a system table.
func (d *gocqlDriver) ask(ctx context.Context, text string) *gocql.Iter {
	return d.session.Query(text).WithContext(ctx).
		Consistency(gocql.One).
		RetryPolicy(nil).
		SetSpeculativeExecutionPolicy(gocql.NonSpeculativeExecution{}).
		Iter()
}

func (d *gocqlDriver) Batch(ctx context.Context, b Batch) error {
	g := bindings.Get().(*binding)
	defer bindings.Put(g)
	defer g.clear()
	return d.again(ctx, g, b.Statements, func(all []bound) error { return d.batch(ctx, b, all) })
}

func (d *gocqlDriver) batch(ctx context.Context, b Batch, all []bound) error {
	if len(all) > 0 && len(all[0].values) > 0 {
		ctx = d.routedBy(ctx, &all[0])
	}
	kinds := [...]gocql.BatchType{UnloggedBatch: gocql.UnloggedBatch, LoggedBatch: gocql.LoggedBatch, CounterBatch: gocql.CounterBatch}
	batch := d.session.NewBatch(kinds[b.Kind]).WithContext(ctx).
		RetryPolicy(nil).
		SpeculativeExecutionPolicy(gocql.NonSpeculativeExecution{})
	batch.SetConsistency(d.level(b.Consistency))
	if b.Timestamp != 0 {
		batch.WithTimestamp(b.Timestamp)
	}
	batch.Entries = make([]gocql.BatchEntry, 0, len(all))
	for i := range all {
		s := &all[i]
		if len(s.values) == 0 {
			batch.Query(s.text)
			continue
		}
		batch.Bind(s.text, s.give)
		s.entry = &batch.Entries[i]
	}
	return d.session.ExecuteBatch(batch)
}

func (d *gocqlDriver) Classify(err error) Class { return classify(err) }

func (d *gocqlDriver) Close() { d.session.Close() }

// level gives a consistency level as gocql knows it.
func (d *gocqlDriver) level(c Consistency) gocql.Consistency {
	if c == DefaultConsistency {
		return d.consistency
	}
	return gocqlConsistency(c)
}

func gocqlConsistency(c Consistency) gocql.Consistency {
	return [...]gocql.Consistency{
		Any: gocql.Any, One: gocql.One, Two: gocql.Two, Three: gocql.Three,
		Quorum: gocql.Quorum, All: gocql.All, LocalQuorum: gocql.LocalQuorum, EachQuorum: gocql.EachQuorum,
		LocalOne: gocql.LocalOne, Serial: gocql.Consistency(gocql.Serial), LocalSerial: gocql.Consistency(gocql.LocalSerial),
	}[c]
}
