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
	"github.com/rxcql/rxcql/internal/stage"
	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// DeadLetters reads the rows of a file that sink.DeadLetterFile has written, with a *[DeadLetter] as each one's error. T
// is the type of the rows that were written. To write them again, all or some of them:
//
//	letters := op.Filter(source.DeadLetters[Reading]("dead.jsonl"), func(f op.Failure[Reading]) bool {
//		return cql.ClassOf(f.Err) != cql.Malformed
//	})
//	again := op.Map(letters, func(f op.Failure[Reading]) Reading { return f.Item })
//	report, err := sink.Insert[Reading](session, "lab.readings").Write(ctx, again)
//
// Let what fails again go to another file. If a row was written anew since, writing an old letter overwrites it, unless
// the write has a timestamp from the row.
//
// A line that is cut off is left out: the program that wrote it was killed meanwhile, and so had not done with the row.
// Any other line that is no letter for a T ends the stream with a [*TextError], of which the text is not shown.
//
// Ordered as in the file. Not concurrent. Buffers a line, of at most 256 MiB. On error: ends. On cancel: ends at once. It
// may be run any number of times.
func DeadLetters[T any](path string) rx.Observable[operators.Failure[T]] {
	run := func(ctx context.Context, yield func(operators.Failure[T]) bool) error {
		file, err := os.Open(path)
		if err != nil {
			return fmt.Errorf("source: the file of the dead letters: %w", err)
		}
		defer file.Close()
		lines := bufio.NewScanner(file)
		lines.Buffer(nil, longestLetter)
		reader := &deadletter.Reader[T]{}
		for n := int64(1); lines.Scan(); n++ {
			if err := rx.Cause(ctx); err != nil {
				return err
			}
			line := lines.Bytes()
			if len(bytes.TrimSpace(line)) == 0 {
				continue
			}
			letter, item, err := reader.Parse(line)
			if errors.Is(err, deadletter.ErrCutOff) {
				continue
			}
			if err != nil {
				return &TextError{File: path, Line: n, Column: 1, Record: bytes.Clone(line), Err: err}
			}
			dead := DeadLetter(letter)
			if !yield(operators.Failure[T]{Item: item, Err: &dead, Attempts: max(letter.Attempts, 1)}) {
				return nil
			}
		}
		if err := lines.Err(); err != nil {
			return fmt.Errorf("source: the file of the dead letters: %w", err)
		}
		return rx.Cause(ctx)
	}
	return watched(stage.Source, func() string { return "dead letters" }, run)
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
}

// Error gives the reason.
func (e *DeadLetter) Error() string { return e.Reason }

// Unwrap makes errors.Is and [cql.ClassOf] see the class.
func (e *DeadLetter) Unwrap() error { return e.Class }
