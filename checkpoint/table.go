package checkpoint

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"sync/atomic"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/source"
)

// TableStore is a job's checkpoint in a Cassandra table. It is for one scan at a time: one that is given the same store
// takes the checkpoint over, as one in another process does. Its methods are for one caller:
// a call that comes during another fails. Other processes have stores of their own for the same job.
type TableStore struct {
	// Retry is how often, and with what waits, a request is made that fails in a way that may pass. Set it before use.
	Retry operators.Backoff

	session *cql.Session
	table   string
	job     string

	busy       atomic.Bool
	generation uint64 // of the last Load
	turn       turn   // the partition's, as far as is known
	last       int64  // the revision of the last write that was tried
	scan       []byte // what the partition says of it
}

// Table makes a store of the checkpoint that a job, of whatever name, has in a table, which is named as in CQL:
// keyspace.table, or quoted. [TableStore.Create] makes the table.
//
// All that is written is written by lightweight transactions, each of which names whom the checkpoint belongs to and the
// write before it: it is refused once another has taken the checkpoint over, and also if it was given up on and arrives
// when others have been made since. One whose outcome is not known is read back at SERIAL. A save costs one for each
// range. They are at SERIAL, as reads are, also where the driver's serial consistency is LOCAL_SERIAL, so that processes in
// several data centres may use one checkpoint after the other; and at the session's default consistency.
//
// Write to the table by no other means; delete a job's partition only when the job is done for good, and do not use its
// name again.
func Table(s *cql.Session, table, job string) *TableStore {
	return &TableStore{session: s, table: table, job: job}
}

// definition is that of the table. A partition is a job; what is static is about the whole of it.
const definition = ` (
	job text,
	format int static,
	owner text static,
	revision bigint static,
	scan text static,
	range_start bigint,
	range_end bigint,
	position blob,
	done boolean,
	PRIMARY KEY (job, range_start))`

const tableFormat = 1

// Create makes the table if it is not there, for the checkpoints of any number of jobs:
//
//	CREATE TABLE IF NOT EXISTS keyspace.table (
//		job text,
//		format int static,
//		owner text static,
//		revision bigint static,
//		scan text static,
//		range_start bigint,
//		range_end bigint,
//		position blob,
//		done boolean,
//		PRIMARY KEY (job, range_start))
func (t *TableStore) Create(ctx context.Context) error {
	if err := t.session.Execute(ctx, cql.Statement{CQL: "CREATE TABLE IF NOT EXISTS " + t.table + definition}); err != nil {
		return fmt.Errorf("checkpoint: making the table: %w", err)
	}
	return nil
}

// record is a row of the table; the first three columns are the same in all rows of a partition, and the others null
// if it has no ranges.
type record struct {
	Format     *int
	Owner      *string
	Scan       []byte
	RangeStart *int64
	RangeEnd   *int64
	Position   []byte
	Done       *bool
}

// Load makes the checkpoint this store's, whoever had it, and gives what was saved.
func (t *TableStore) Load(ctx context.Context) (source.Saved, error) {
	var saved source.Saved
	err := t.alone("loading", func() (err error) {
		t.generation++
		if err = t.takeOver(ctx); err == nil {
			saved, err = t.read(ctx)
		}
		saved.Generation = t.generation
		return err
	})
	if err != nil {
		return source.Saved{}, err
	}
	return saved, nil
}

// alone runs one call at a time, and says of its failure what it is about.
func (t *TableStore) alone(what string, f func() error) error {
	if !t.busy.CompareAndSwap(false, true) {
		return fmt.Errorf("checkpoint: %s job %q: its store is being used by another scan; make one of its own for each", what, t.job)
	}
	defer t.busy.Store(false)
	err := f()
	switch {
	case err == nil:
		return nil
	case errors.Is(err, cql.ErrUndefined), cql.ClassOf(err) == cql.Invalid:
		return fmt.Errorf("checkpoint: %s job %q in %s, which may have to be made first, by Create: %w", what, t.job, t.table, err)
	default:
		return fmt.Errorf("checkpoint: %s job %q in %s: %w", what, t.job, t.table, err)
	}
}

// takeOver makes the partition this store's. Whoever is faster is taken over in turn.
func (t *TableStore) takeOver(ctx context.Context) error {
	host, _ := os.Hostname() // for people who read the table
	to := turn{owner: fmt.Sprintf("%s process %d %s", host, os.Getpid(), rand.Text()), revision: 1}
	from, err := t.look(ctx)
	for {
		if err != nil {
			return err
		}
		if from.format != nil && *from.format != tableFormat {
			return fmt.Errorf("%w: it is of format %d; this version reads %d", ErrUnreadable, *from.format, tableFormat)
		}
		var won bool
		won, from, err = t.swap(ctx, from.turn, to, change{set: "format = ?", values: []any{tableFormat}})
		if won {
			t.turn, t.last = to, to.revision
			return nil
		}
	}
}

// read reads the partition, which is this store's, unless it was taken over.
func (t *TableStore) read(ctx context.Context) (source.Saved, error) {
	var saved source.Saved
	err := source.Query[record](t.session,
		"SELECT format, owner, scan, range_start, range_end, position, done FROM "+t.table+" WHERE job = ?", t.job).
		Consistency(cql.Serial).Retry(t.Retry).Rows().ForEach(ctx, func(r record) error {
		if owner := cmp.Or(r.Owner, new(string)); *owner != t.turn.owner {
			return fenced(*owner)
		}
		saved.Job = r.Scan
		if r.RangeStart == nil {
			return nil
		}
		if r.RangeEnd == nil || r.Done == nil {
			return fmt.Errorf("%w: the range from %d on is not whole", ErrUnreadable, *r.RangeStart)
		}
		s := source.SavedRange{Range: source.Range{Start: *r.RangeStart, End: *r.RangeEnd}, Done: *r.Done}
		if len(r.Position) > 0 {
			s.Cursor = r.Position
		}
		saved.Ranges = append(saved.Ranges, s)
		return nil
	})
	t.scan = saved.Job
	return saved, err
}

func fenced(owner string) error {
	if owner == "" {
		owner = "nobody, as it was deleted"
	}
	return fmt.Errorf("%w: it belongs to %s", source.ErrFenced, owner)
}
