package sink

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/virtualtime"
	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

var errRow = errors.New("the row is bad")

func failure(n int) operators.Failure[int] {
	return operators.Failure[int]{Item: n, Err: errRow, Attempts: 1}
}

// kept is a sink that keeps the rows of the dead letters.
func kept(to *[]int) rx.Sink[operators.Failure[int]] {
	return ForEach(func(_ context.Context, f operators.Failure[int]) error {
		*to = append(*to, f.Item)
		return nil
	})
}

func TestEveryDeadLetterIsKeptBeforeTheWriteReturns(t *testing.T) {
	var got []int
	record := newRecorder()
	err := withDeadLetters(t.Context(), kept(&got), Tolerance{Rows: -1}, record, func(ctx context.Context, g *graveyard[int]) error {
		var workers sync.WaitGroup
		for w := range 4 {
			workers.Go(func() {
				for n := range 250 {
					if g.bury(ctx, failure(w*250+n)) != nil {
						panic("refused")
					}
				}
			})
		}
		workers.Wait()
		return nil
	})
	require.NoError(t, err)
	require.Len(t, got, 1000)
	require.EqualValues(t, 1000, record.report().Dead)
}

func TestOneMoreThanToleratedStopsTheWriteAndIsKept(t *testing.T) {
	var got []int
	record := newRecorder()
	record.wrote(7, 0)
	err := withDeadLetters(t.Context(), kept(&got), Tolerance{Rows: 3}, record, func(ctx context.Context, g *graveyard[int]) error {
		for n := 0; ; n++ {
			if err := g.bury(ctx, failure(n)); err != nil {
				return err
			}
		}
	})
	require.ErrorIs(t, err, ErrTooManyDead)
	require.ErrorIs(t, err, errRow)
	require.ErrorContains(t, err, "4 of 11 rows")
	require.Equal(t, []int{0, 1, 2, 3}, got)
}

func TestWithoutASinkTheFirstFailureEndsTheWrite(t *testing.T) {
	record := newRecorder()
	err := withDeadLetters(t.Context(), nil, Tolerance{}, record, func(ctx context.Context, g *graveyard[int]) error {
		return g.bury(ctx, failure(1))
	})
	require.Equal(t, errRow, err)
	require.Zero(t, record.report().Dead)
}

// The write stops, and says that letters may be lost, when their sink fails or leaves.
func TestASinkOfDeadLettersThatFailsStopsTheWrite(t *testing.T) {
	broken := errors.New("the disk is full")
	fails := ForEach(func(_ context.Context, f operators.Failure[int]) error {
		if f.Item == 2 {
			return broken
		}
		return nil
	})
	leaves := func(ctx context.Context, src rx.Observable[operators.Failure[int]]) error {
		_, err := src.First(ctx)
		return err
	}
	for _, c := range []struct {
		sink rx.Sink[operators.Failure[int]]
		want error
	}{{fails, broken}, {leaves, operators.ErrSinkLeft}} {
		err := withDeadLetters(t.Context(), c.sink, Tolerance{Rows: -1}, newRecorder(), func(ctx context.Context, g *graveyard[int]) error {
			for n := 0; ; n++ {
				if err := g.bury(ctx, failure(n)); err != nil {
					return err
				}
			}
		})
		require.ErrorIs(t, err, c.want)
	}
	err := withDeadLetters(t.Context(), fails, Tolerance{}, newRecorder(), func(ctx context.Context, g *graveyard[int]) error {
		for n := range 3 {
			if err := g.bury(ctx, failure(n)); err != nil {
				return err
			}
		}
		return nil // before the sink has failed, perhaps
	})
	require.ErrorIs(t, err, broken)
}

func TestCancellingAWriteWithDeadLetters(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		cause := errors.New("somebody pressed a key")
		ctx, cancel := context.WithCancelCause(t.Context())
		record := newRecorder()
		var refused error
		hangs := func(ctx context.Context, _ rx.Observable[operators.Failure[int]]) error {
			<-ctx.Done()
			return rx.Cause(ctx)
		}
		go func() { time.Sleep(time.Second); cancel(cause) }()
		err := withDeadLetters(ctx, hangs, Tolerance{Rows: -1}, record, func(ctx context.Context, g *graveyard[int]) error {
			for n := 0; ; n++ {
				if refused = g.bury(ctx, failure(n)); refused != nil {
					return refused
				}
			}
		})
		require.ErrorIs(t, err, cause)
		require.ErrorIs(t, refused, cause)
	})
}
