package sink

import (
	"context"
	"errors"

	"github.com/rxcql/rxcql/internal/deadletter"
	"github.com/rxcql/rxcql/internal/stage"
	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// Replay writes the rows of dead letters again, as [Mutation.Write] does, each with the timestamp that it had: so it
// neither overwrites what was written since, nor a row that was behind it in the stream of then.
//
//	report, err := insert.Replay(ctx, source.DeadLetters[Reading]("dead.jsonl").Letters())
//
// The timestamp is that of the letter's error, which has a method WriteTimestamp() int64, as a [*WriteError] and a
// source.DeadLetter have. Rows without one, or with 0, are written with the present time, and so are counters, rows with a
// condition, and what [Exec] does. [Mutation.Timestamp] goes before.
//
// Let what fails again go to another file. A [DeadLetterFile] refuses a letter if it is the file that the letters are read
// from, which ends the replay with an error:
//
//	again := insert.DeadLetters(sink.DeadLetterFile[Reading]("dead-again.jsonl"), sink.Tolerance{})
//	report, err := again.Replay(ctx, source.DeadLetters[Reading]("dead.jsonl").Letters())
//
// Of lists that are not frozen it is one µs later, as they would have each element twice if they had been written after
// all; requests with such lists are not sent again.
func (m Mutation[T]) Replay(ctx context.Context, letters rx.Observable[operators.Failure[T]]) (Report, error) {
	m.replays = m.verb != execute
	return m.Work(deadletter.Replaying(ctx), func(ctx context.Context, w *Writer[T]) error {
		return w.write(ctx, func(ctx context.Context, feed func(T, int64) bool) error {
			return stage.Metered(ctx, w.probe, letters, func(f operators.Failure[T]) bool {
				var stamp int64
				var stamped interface{ WriteTimestamp() int64 }
				if errors.As(f.Err, &stamped) {
					stamp = stamped.WriteTimestamp()
				}
				return feed(f.Item, stamp)
			})
		})
	})
}
