package checkpoint

import (
	"bytes"
	"context"
	"errors"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/source"
)

// turn is whom a partition belongs to, and its last write. No two writes have the same.
type turn struct {
	owner    string
	revision int64
}

var nobodys turn // of a partition that is not there

// state is what is known of a partition.
type state struct {
	turn
	format *int
}

// Save saves the changes, one range after the other.
func (t *TableStore) Save(ctx context.Context, changes source.Saved) error {
	return t.alone("saving", func() error {
		if t.turn == nobodys {
			return errors.New("it was not loaded")
		}
		if changes.Generation != t.generation {
			return fenced(t.turn.owner)
		}
		if !bytes.Equal(t.scan, changes.Job) {
			if err := t.write(ctx, change{set: "scan = ?", values: []any{string(changes.Job)}}); err != nil {
				return err
			}
			t.scan = bytes.Clone(changes.Job)
		}
		for _, r := range changes.Ranges {
			at := r.Cursor
			if at == nil {
				at = []byte{} // null would leave a tombstone
			}
			err := t.write(ctx, change{"range_end = ?, position = ?, done = ?", []any{r.End, at, r.Done}, &r.Start})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// change is what one write changes: columns of the partition or, if it has a start, of the range that begins there.
type change struct {
	set    string
	values []any
	start  *int64
}

// write makes a change, as long as the partition is this store's.
func (t *TableStore) write(ctx context.Context, c change) error {
	t.last++
	to := turn{t.turn.owner, t.last}
	for {
		won, now, err := t.swap(ctx, t.turn, to, c)
		switch {
		case err != nil:
			return err
		case won:
			t.turn = to
			return nil
		case now.owner != to.owner:
			return fenced(now.owner)
		}
		t.turn = now.turn // by a write that was given up on, and has arrived meanwhile
	}
}

// swap makes a change if it is still from's turn, which then is to's. It returns when that is known to be done, or else
// whose turn it is.
//
// An attempt that is repeated may be applied after all, but only one of them is: then it is to's turn. And one that is
// given up on is refused if it arrives after another: then it is not from's.
func (t *TableStore) swap(ctx context.Context, from, to turn, c change) (won bool, now state, err error) {
	update := cql.Statement{
		CQL:    "UPDATE " + t.table + " SET owner = ?, revision = ?, " + c.set + " WHERE job = ?",
		Serial: cql.Serial, // whatever the driver's is: the nodes of one data centre do not know what those of another do
	}
	update.Args = append(append([]any{to.owner, to.revision}, c.values...), t.job)
	if c.start != nil {
		update.CQL += " AND range_start = ?"
		update.Args = append(update.Args, *c.start)
	}
	update.CQL += " IF owner = ? AND revision = ?"
	if from == nobodys {
		update.Args = append(update.Args, nil, nil)
	} else {
		update.Args = append(update.Args, from.owner, from.revision)
	}
	for failed := 1; ; failed++ {
		applied, err := t.apply(ctx, update)
		if applied {
			return true, state{}, nil
		}
		if class := cql.ClassOf(err); err != nil && class != cql.CASUnknown && !class.Retryable(true) {
			return false, state{}, err
		}
		if now, lost := t.look(ctx); lost != nil {
			return false, state{}, errors.Join(err, lost)
		} else if now.turn != from {
			return now.turn == to, now, nil
		}
		if !t.Retry.Allow(failed) {
			return false, state{}, errors.Join(errNotApplied, err)
		}
		if err := t.Retry.Wait(ctx, failed); err != nil {
			return false, state{}, err
		}
	}
}

var errNotApplied = errors.New("the transaction was not applied")

// apply makes one attempt at a lightweight transaction.
func (t *TableStore) apply(ctx context.Context, update cql.Statement) (applied bool, err error) {
	page, err := t.session.Fetch(ctx, cql.PageRequest{Statement: update})
	if err != nil {
		return false, err
	}
	cells, err := page.Next()
	if err != nil || len(cells) == 0 || len(cells[0]) != 1 {
		return false, errors.Join(errors.New("the answer is not that to a lightweight transaction"), err)
	}
	return cells[0][0] != 0, nil // [applied], before all other columns
}

// look reads whose turn it is. That ends what others have begun.
func (t *TableStore) look(ctx context.Context) (now state, err error) {
	type row struct {
		Format   *int
		Owner    *string
		Revision *int64
	}
	err = source.Query[row](t.session, "SELECT DISTINCT format, owner, revision FROM "+t.table+" WHERE job = ?", t.job).
		Consistency(cql.Serial).Retry(t.Retry).Rows().ForEach(ctx, func(r row) error {
		now.format = r.Format
		if r.Owner != nil && r.Revision != nil {
			now.turn = turn{*r.Owner, *r.Revision}
		}
		return nil
	})
	return now, err
}
