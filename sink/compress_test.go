package sink_test

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

var compressions = map[sink.Compression]string{sink.Gzip: "\x1f\x8b", sink.Zstd: "\x28\xb5\x2f\xfd"}

func TestWhatIsCompressedForAWriterIsReadBack(t *testing.T) {
	for c, magic := range compressions {
		var to bytes.Buffer
		report, err := sink.To(&to, sink.JSONL[point]()).Compress(c).Write(t.Context(), points(10_000))
		require.NoError(t, err)
		require.EqualValues(t, 10_000, report.Rows)
		require.Greater(t, report.Bytes, 5*int64(to.Len()))
		require.True(t, strings.HasPrefix(to.String(), magic))
		rows, err := source.JSONL[point](source.Reader("a pipe", &to)).Rows().Collect(t.Context())
		require.NoError(t, err)
		require.Len(t, rows, 10_000)
		require.Equal(t, point{X: 9999, S: "<&>"}, rows[9999])
	}
	require.Panics(t, func() { sink.To(io.Discard, sink.JSONL[point]()).Compress(7) })
}

// All that came before the error can be read, and it can be told that it is not all.
func TestWhatIsCompressedOfAStreamThatFailsHasNoEnd(t *testing.T) {
	for c := range compressions {
		var to bytes.Buffer
		report, err := sink.To(&to, sink.JSONL[point]()).Compress(c).Write(t.Context(), func(ctx context.Context, yield func(point) bool) error {
			_ = points(100)(ctx, yield)
			return io.ErrNoProgress
		})
		require.ErrorIs(t, err, io.ErrNoProgress)
		require.EqualValues(t, 100, report.Rows)
		rows, err := source.JSONL[point](source.Reader("a pipe", &to)).Rows().Collect(t.Context())
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		require.Len(t, rows, 100)
	}
}

func TestAReaderFollowsWhatIsCompressed(t *testing.T) {
	for c := range sink.Zstd + 1 {
		from, to := io.Pipe()
		follows := rx.New(func(ctx context.Context, yield func(int) bool) error {
			got := make(chan int)
			go func() {
				defer close(got)
				_ = source.JSONL[int](source.Reader("a pipe", from)).Rows().ForEach(t.Context(), func(n int) error {
					got <- n
					return nil
				})
			}()
			for n := range 3 {
				yield(n)
				if n != <-got { // there before the next one is
					return io.ErrNoProgress
				}
			}
			_ = from.Close()
			<-got
			return nil
		})
		text := sink.To(to, sink.JSONL[int]()).Block(0)
		if c > 0 {
			text = text.Compress(c)
		}
		_, err := text.Write(t.Context(), follows)
		require.NotErrorIs(t, err, io.ErrNoProgress)
	}
}

func TestAFileWhoseEndCannotBeWrittenGetsNoName(t *testing.T) {
	for c := range compressions {
		to := &fullAfter{left: 20}
		_, err := sink.To(to, sink.JSONL[int]()).Compress(c).Write(t.Context(), rx.Range(0, 100_000))
		require.ErrorIs(t, err, errFull)
	}
}
