package cql

import (
	"context"
	"time"

	"github.com/gocql/gocql"
)

// Driver is what rxcql needs of a Cassandra driver; [NewSession] makes a Session of one. Methods are called
// concurrently. They must not retry, speculate or prefetch on their own: that is decided above, where it is known
// what may be repeated. They return when ctx ends. Close is called once, when no other call is under way, and no
// call follows it.
type Driver interface {
	// Fetch asks for one page. An error, of this and the others, may tell its host by AtHost.
	Fetch(ctx context.Context, r PageRequest) (Page, error)
	// Execute runs a statement and drops rows that it returns.
	Execute(ctx context.Context, s Statement) error
	// Batch runs statements as one batch. They, and cells among their arguments, are not there to be kept: they may be used
	// for others when it has returned.
	Batch(ctx context.Context, b Batch) error
	// Prepare tells what a SELECT, INSERT, UPDATE or DELETE wants and gives, and does not execute it.
	Prepare(ctx context.Context, statement string) (Prepared, error)
	// Hosts lists the nodes that the driver knows.
	Hosts(ctx context.Context) ([]Host, error)
	// Classify tells the class of an error that another method returned.
	Classify(err error) Class
	Close()
}

// Statement is a CQL statement with what it is to be executed with. Arguments are bound to its markers, never
// spliced into it.
type Statement struct {
	CQL         string
	Args        []any
	Consistency Consistency   // zero: the session's default
	Serial      Consistency   // of a lightweight transaction's condition, Serial or LocalSerial; zero: the driver's
	Timeout     time.Duration // of one attempt, at the client; zero: the session's default
	Timestamp   int64         // of a write, in µs since 1970; zero: the driver's
}

// Unset as an argument leaves its column as it is. A nil writes null, which deletes: it leaves a tombstone.
var Unset = gocql.UnsetValue

// PageRequest asks for one page of a statement's rows.
type PageRequest struct {
	Statement
	Size  int    // rows in the page, at most; 0: unpaged
	State []byte // where to go on; nil: from the start

	Tracing bool              // have the coordinator trace the request
	Payload map[string][]byte // the request's custom payload, for servers that look for one
}

// Page is one page of rows. It belongs to one goroutine at a time.
type Page interface {
	// Columns are the result's columns as the server sent them with this page.
	Columns() []Column
	// Len is the number of rows in the page.
	Len() int
	// State is where the next page starts; empty when this is the last one. A page may be empty and not the last.
	State() []byte
	// Next gives the cells of the next row, one a column, nil for null; it is called at most Len times. The slice
	// and the cells are valid until the following call: copy what is to be kept.
	Next() ([][]byte, error)
	// Host is the coordinator that sent the page.
	Host() string
	// Warnings are the server's, such as for too many tombstones.
	Warnings() []string
	// TraceID is the session_id in system_traces of a request that was traced; empty for others.
	TraceID() string
	// Payload is the response's custom payload; nil if it has none. It is valid as long as the page.
	Payload() map[string][]byte
}

// RawPage is a [Page] that can show its rows as they came, for those who decode them without having each cut into cells
// first.
type RawPage interface {
	Page
	// Rest gives the rows that Next has not given yet: cell after cell, each with its length in front of it, as they are in
	// a result of the native protocol. It is false if the page cannot show them, which may change with each call of Next.
	// Who takes rows from it never calls Next again.
	Rest() ([]byte, bool)
}

// Column is a column of a result.
type Column struct {
	Name string
	Type Type
}

// BatchKind is the kind of a batch.
type BatchKind uint8

// The kinds of batches. Unlogged batches of one partition are applied as one mutation.
const (
	UnloggedBatch BatchKind = iota
	LoggedBatch
	CounterBatch
)

// Batch is a batch of statements. What is set for the whole of it must not be set for one of them.
type Batch struct {
	Kind        BatchKind
	Statements  []Statement
	Consistency Consistency   // zero: the session's default
	Timeout     time.Duration // as Statement's
	Timestamp   int64         // as Statement's
}

// Host is a node of the cluster.
type Host struct {
	ID         string
	Address    string // host:port of native transport
	DataCenter string
	Rack       string
	Tokens     []string
	Up         bool
}
