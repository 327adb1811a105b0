package source

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/deadletter"
	"github.com/rxcql/rxcql/internal/files"
	"github.com/rxcql/rxcql/internal/stage"
	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// DeadLetterText is a file of dead letters. It is an immutable value: each setter returns a copy, and it may be run any
// number of times. Make one with [DeadLetters].
type DeadLetterText[T any] struct {
	path    string
	lenient bool
	on      OnTextError
}

// DeadLetters reads a file that sink.DeadLetterFile has written. T is the type of the rows that were written. To write them
// again, all or some of them:
//
//	letters := op.Filter(source.DeadLetters[Reading]("dead.jsonl").Letters(), func(f op.Failure[Reading]) bool {
//		return cql.ClassOf(f.Err) != cql.Malformed
//	})
//	report, err := sink.Insert[Reading](session, "lab.readings").Replay(ctx, letters)
//
// Replay writes each with the timestamp that it had, so that it does not overwrite what was written since, nor a row that
// was behind it in its stream. What takes only the rows, such as sink's Write, does overwrite that.
func DeadLetters[T any](path string) DeadLetterText[T] { return DeadLetterText[T]{path: path} }

// Lenient takes the zero value for fields of T that were not there when the file was written, and passes over what was
// there and T has no field for. Without it both are errors.
func (d DeadLetterText[T]) Lenient() DeadLetterText[T] {
	d.lenient = true
	return d
}

// OnError has f decide about a line that is no letter for a T. Without it, the first one ends the stream.
func (d DeadLetterText[T]) OnError(f OnTextError) DeadLetterText[T] {
	d.on = f
	return d
}

// Letters gives the rows, with a [*DeadLetter] as each one's error, up to the end that the file has when the run starts.
//
// A line that is cut off is left out: the program that wrote it was killed meanwhile, and so had not done with the row.
// Any other line that is no letter for a T is a [*TextError], of which the text is not shown.
//
// Ordered as in the file. Not concurrent. Buffers a line, of at most 256 MiB. On error: ends. On cancel: ends at once.
func (d DeadLetterText[T]) Letters() rx.Observable[operators.Failure[T]] {
	return watched(stage.Source, func() string { return "dead letters" }, d.run)
}

func (d DeadLetterText[T]) run(ctx context.Context, yield func(operators.Failure[T]) bool) error {
	file, err := os.Open(d.path)
	if err != nil {
		return fmt.Errorf("source: the file of the dead letters: %w", err)
	}
	defer file.Close()
	text, err := files.UpToNow(file)
	if err == nil {
		err = deadletter.Reads(ctx, file)
	}
	if err != nil {
		return fmt.Errorf("source: the file of the dead letters: %w", err)
	}
	lines := bufio.NewScanner(text)
	lines.Buffer(nil, longestLetter)
	reader := &deadletter.Reader[T]{Lenient: d.lenient}
	for n := int64(1); lines.Scan(); n++ {
		if err := rx.Cause(ctx); err != nil {
			return err
		}
		line := lines.Bytes()
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		letter, item, err := reader.Parse(line)
		switch {
		case err == nil:
			dead := DeadLetter(letter)
			if !yield(operators.Failure[T]{Item: item, Err: &dead, Attempts: max(letter.Attempts, 1)}) {
				return nil
			}
		case errors.Is(err, deadletter.ErrCutOff):
		default:
			wrong := &TextError{File: d.path, Line: n, Column: 1, Record: bytes.Clone(line), Err: err, of: statOf(file)}
			if d.on == nil {
				return wrong
			}
			if err := d.on(ctx, wrong); err != nil {
				return err
			}
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("source: the file of the dead letters: %w", err)
	}
	return rx.Cause(ctx)
}

const longestLetter = 256 << 20

// DeadLetter is why a row is in a file of dead letters.
type DeadLetter struct {
	At        time.Time // when it was given up
	Table     string    // that it was for; empty if that is not known
	Row       int64     // its place in the stream of then, from 0; -1 if that is not known
	Class     cql.Class // errors.Is holds for it
	Malformed bool      // the row itself is at fault: it fails again as it is
	Attempts  int       // how often it was sent; 0 if it could not be
	Maybe     bool      // it may be written all the same: the outcome of one of the attempts is not known
	Reason    string    // the error's text
	Timestamp int64     // that it was written with, or would have been, in µs since 1970; 0: none
}

// WriteTimestamp gives the Timestamp, to sink's Mutation.Replay.
func (e *DeadLetter) WriteTimestamp() int64 { return e.Timestamp }

// Error gives the reason.
func (e *DeadLetter) Error() string { return e.Reason }

// Unwrap makes errors.Is and [cql.ClassOf] see the class.
func (e *DeadLetter) Unwrap() error { return e.Class }
