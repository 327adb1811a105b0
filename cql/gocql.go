package cql

import (
	"context"
	"errors"
	"time"

	"github.com/gocql/gocql"

	"github.com/rxcql/rxcql/rx"
)

// Connect opens a session. The configuration is copied; the copy differs in what a stream needs: the driver's own
// retries and speculative execution are off, a request is written without waiting for others to join it unless
// WriteCoalesceWaitTime was changed from gocql's default, requests go to a replica unless another policy is set, and
// Timeout is at least the page's own. Consistency is the session's default if it was changed from gocql's, QUORUM; else
// that is LOCAL_QUORUM. When ctx ends, connecting stops.
//
// The driver may still be filling its pool of connections when the session is closed; its goroutine for that ends by
// itself within the ReconnectionPolicy's times.
func Connect(ctx context.Context, config *gocql.ClusterConfig) (*Session, error) {
	cfg := *config
	cfg.RetryPolicy = nil
	if cfg.WriteCoalesceWaitTime == 200*time.Microsecond {
		cfg.WriteCoalesceWaitTime = 0
	}
	cfg.Timeout = max(cfg.Timeout, DefaultTimeout+time.Second)
	policy := cfg.PoolConfig.HostSelectionPolicy
	if policy == nil {
		policy = gocql.TokenAwareHostPolicy(gocql.RoundRobinHostPolicy())
	}
	ring := &ringPolicy{HostSelectionPolicy: policy, hosts: make(map[string]*gocql.HostInfo)}
	cfg.PoolConfig.HostSelectionPolicy = ring

	dial := interruptDialing(ctx, &cfg)
	session, err := cfg.CreateSession()
	dial.done()
	if canceled := rx.Cause(ctx); canceled != nil {
		if session != nil {
			session.Close()
		}
		return nil, &Error{Op: "connect", Class: Canceled, Err: canceled}
	}
	if err != nil {
		return nil, &Error{Op: "connect", Class: classify(err), Err: err}
	}
	return NewSession(&gocqlDriver{session: session, ring: ring, consistency: defaultConsistency(cfg.Consistency), protocol: cfg.ProtoVersion}), nil
}

// Wrap makes a Session of a live gocql session, which it takes over: closing one closes the other. The guarantees of
// the lifecycle cover calls through the Session. Queries through it never use the gocql session's retry and
// speculation policies; prefer [Connect], which sets up the rest of the configuration too.
func Wrap(session *gocql.Session) *Session {
	return NewSession(&gocqlDriver{session: session, consistency: gocql.LocalQuorum})
}

// gocqlDriver is gocql v1.7 behind the port.
type gocqlDriver struct {
	session *gocql.Session
	ring    *ringPolicy // nil for a wrapped session

	consistency gocql.Consistency // of requests that name none
	protocol    int               // version of the native protocol, if it was configured
}

func defaultConsistency(configured gocql.Consistency) gocql.Consistency {
	if configured == gocql.Quorum {
		return gocql.LocalQuorum
	}
	return configured
}

var errPayload = errors.New("custom payloads need version 4 of the native protocol; set ClusterConfig.ProtoVersion to 4")

func (d *gocqlDriver) Fetch(ctx context.Context, r PageRequest) (Page, error) {
	if len(r.Payload) > 0 && d.protocol > 0 && d.protocol < 4 {
		return nil, errPayload // the driver would panic
	}
	// PageState, also with nil, turns the driver's own paging off. Stale metadata on protocol v4 gives wrong values
	// as success after a change of the schema; only having the metadata sent with each page prevents it.
	q := d.query(ctx, r.Statement).PageSize(r.Size).PageState(r.State).NoSkipMetadata().CustomPayload(r.Payload)
	var t *trace
	if r.Tracing {
		t = new(trace)
		q.Trace(t)
	}
	page := newGocqlPage(q.Iter(), t)
	return page, d.withName(ctx, page.err, func(int) string { return r.CQL })
}

func (d *gocqlDriver) Execute(ctx context.Context, s Statement) error {
	return d.withName(ctx, d.query(ctx, s).Exec(), func(int) string { return s.CQL })
}

func (d *gocqlDriver) query(ctx context.Context, s Statement) *gocql.Query {
	q := d.session.Query(s.CQL, arguments(0, s.Args)...).WithContext(ctx).
		Consistency(d.level(s.Consistency)).
		RetryPolicy(nil).
		SetSpeculativeExecutionPolicy(gocql.NonSpeculativeExecution{}).
		Idempotent(s.Idempotent)
	if s.Timestamp != 0 {
		q.WithTimestamp(s.Timestamp)
	}
	return q
}

func (d *gocqlDriver) Batch(ctx context.Context, b Batch) error {
	kinds := [...]gocql.BatchType{UnloggedBatch: gocql.UnloggedBatch, LoggedBatch: gocql.LoggedBatch, CounterBatch: gocql.CounterBatch}
	batch := d.session.NewBatch(kinds[b.Kind]).WithContext(ctx).
		RetryPolicy(nil).
		SpeculativeExecutionPolicy(gocql.NonSpeculativeExecution{})
	batch.SetConsistency(d.level(b.Consistency))
	batch.Entries = make([]gocql.BatchEntry, len(b.Statements))
	for i, s := range b.Statements {
		batch.Entries[i] = gocql.BatchEntry{Stmt: s.CQL, Args: arguments(i, s.Args), Idempotent: b.Idempotent}
	}
	return d.withName(ctx, d.session.ExecuteBatch(batch), func(i int) string { return b.Statements[i].CQL })
}

func (d *gocqlDriver) Classify(err error) Class { return classify(err) }

func (d *gocqlDriver) Close() { d.session.Close() }

// level gives a consistency level as gocql knows it.
func (d *gocqlDriver) level(c Consistency) gocql.Consistency {
	return [...]gocql.Consistency{
		DefaultConsistency: d.consistency, Any: gocql.Any, One: gocql.One, Two: gocql.Two, Three: gocql.Three,
		Quorum: gocql.Quorum, All: gocql.All, LocalQuorum: gocql.LocalQuorum, EachQuorum: gocql.EachQuorum,
		LocalOne: gocql.LocalOne, Serial: gocql.Consistency(gocql.Serial), LocalSerial: gocql.Consistency(gocql.LocalSerial),
	}[c]
}
