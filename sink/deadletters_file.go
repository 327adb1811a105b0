package sink

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/deadletter"
	"github.com/rxcql/rxcql/internal/files"
	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// DeadLetterFile keeps dead letters in a file, one JSON object a line: when and for which table, the row's place in the
// stream, the class and text of the error, whether the row itself is at fault ("malformed": it fails again as it is), the
// number of attempts, whether one of them may have written the row all the same, the timestamp of writing, and the row.
// source.DeadLetters reads the rows back exactly as they were, to write them again: structs by all their exported fields,
// schema-driven rows with the bytes of their cells and the types of their columns; see [Mutation.Replay].
//
//	dead := sink.DeadLetterFile[Reading]("dead.jsonl")
//	insert := sink.Insert[Reading](session, "lab.readings").DeadLetters(dead, sink.Tolerance{})
//
// The file, which holds data, is made with mode 0600 when the run starts, and otherwise gone on with: it is empty if
// nothing was given up, and no file at all is a mistake in its name. Several runs, also at the same time, may write to one
// file, but not a [Mutation.Replay] to that which it reads. When a run has returned nil, its letters are on disk, and so are
// those of a [Writer.Write] when that returns nil: since rows are acknowledged only then, none can be in neither the table
// nor the file.
//
// On error: stops, so that the write does too: a row of a type that cannot be kept (an any with a type of one's own), or
// of which writing fails. Not concurrent. Buffers nothing.
func DeadLetterFile[T any](path string) rx.Sink[operators.Failure[T]] {
	return func(ctx context.Context, src rx.Observable[operators.Failure[T]]) error {
		f, err := openLetters(path)
		if err != nil {
			return err
		}
		promise(ctx, f.sync)
		var line []byte
		err = src.ForEach(ctx, func(failed operators.Failure[T]) error {
			if deadletter.IsReplayed(ctx, path) {
				return fmt.Errorf("%w: %s; the letter: %w", errSameFile, path, failed.Err)
			}
			var err error
			if line, err = deadletter.Append(line[:0], letterOf(failed.Err, failed.Attempts), failed.Item); err != nil {
				return fmt.Errorf("sink: a dead letter for %s: %w", path, err)
			}
			return f.append(line)
		})
		return errors.Join(err, f.close())
	}
}

var errSameFile = errors.New("sink: what fails again cannot go to the file of the dead letters that is read; choose another one")

func letterOf(err error, attempts int) deadletter.Letter {
	l := deadletter.Letter{At: time.Now().UTC(), Row: -1, Class: cql.ClassOf(err), Attempts: attempts, Reason: fmt.Sprint(err)}
	l.Malformed = l.Class == cql.Malformed || l.Class == cql.Invalid
	var failed *WriteError
	if errors.As(err, &failed) {
		l.Table, l.Row, l.Attempts, l.Maybe, l.Timestamp = failed.Table, failed.Row, failed.Attempts, failed.Maybe, failed.Timestamp
	}
	return l
}

// letterFile is an open file of dead letters.
type letterFile struct {
	file  *os.File
	dirty atomic.Bool // there are letters in it that may not be on disk
}

func openLetters(path string) (*letterFile, error) {
	file, err := files.OpenLines(path)
	if err != nil {
		return nil, fmt.Errorf("sink: the file of the dead letters: %w", err)
	}
	return &letterFile{file: file}, nil
}

func (f *letterFile) append(line []byte) error {
	f.dirty.Store(true)
	if _, err := f.file.Write(line); err != nil { // as a whole, behind what others have appended
		return fmt.Errorf("sink: a dead letter: %w", err)
	}
	return nil
}

// sync waits until what was appended is on disk. Any goroutine may call it.
func (f *letterFile) sync() error {
	if !f.dirty.Load() {
		return nil
	}
	if err := f.file.Sync(); err != nil {
		return fmt.Errorf("sink: the file of the dead letters: %w", err)
	}
	return nil
}

// close is sync and then closes the file.
func (f *letterFile) close() error {
	err := f.sync()
	if closing := f.file.Close(); err == nil && closing != nil {
		err = fmt.Errorf("sink: the file of the dead letters: %w", closing)
	}
	return err
}
