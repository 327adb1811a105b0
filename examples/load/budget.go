package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

// budget counts what cannot be read or written, of all runs of a job, and says when it is too much.
type budget struct {
	lines, rows atomic.Int64
	max         int64 // less than 0: any number
}

func (b *budget) spend(n *atomic.Int64, err error) error {
	n.Add(1)
	if lines, rows := b.lines.Load(), b.rows.Load(); b.max >= 0 && lines+rows > b.max {
		return fmt.Errorf("%w: %d lines are no rows, and %d rows are dead; the last: %w", sink.ErrTooManyDead, lines, rows, err)
	}
	return nil
}

// reject keeps a line that is no row, and tells of it.
func (j *job) reject(ctx context.Context, e *source.TextError) error {
	if err := source.RejectFile(j.rejects()).AtMost(-1).Keep(ctx, e); err != nil { // as spend has the budget
		return err
	}
	if j.lost.lines.Load() < told {
		fmt.Fprintln(j.log, "Rejected:", e)
	}
	return j.lost.spend(&j.lost.lines, e)
}

// told is how many lines are told of while it runs.
const told = 20

// bury keeps rows that cannot be written.
func (j *job) bury(ctx context.Context, dead rx.Observable[op.Failure[source.Row]]) error {
	var over error
	err := sink.DeadLetterFile[source.Row](j.deadLetters())(ctx, func(ctx context.Context, yield func(op.Failure[source.Row]) bool) error {
		return dead(ctx, func(f op.Failure[source.Row]) bool {
			if !yield(f) {
				return false
			}
			over = j.lost.spend(&j.lost.rows, f.Err)
			return over == nil
		})
	})
	return errors.Join(err, over)
}

// shared is a log that several goroutines may write to, as they may to a file.
type shared struct {
	mu sync.Mutex
	to io.Writer
}

func share(log io.Writer) io.Writer {
	if _, file := log.(*os.File); file {
		return log
	}
	return &shared{to: log}
}

func (s *shared) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.to.Write(b)
}
