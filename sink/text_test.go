package sink_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/files"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/sink"
)

type point struct {
	X int    `json:"x"`
	S string `json:"s,omitempty"`
}

func points(n int) rx.Observable[point] {
	return func(_ context.Context, yield func(point) bool) error {
		for i := range n {
			if !yield(point{X: i, S: "<&>"}) {
				return nil
			}
		}
		return nil
	}
}

func textOf(t *testing.T, path string) string {
	t.Helper()
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	r, err := files.Decompressor(f)
	require.NoError(t, err)
	defer r.Close()
	text, err := io.ReadAll(r)
	require.NoError(t, err)
	return string(text)
}

func namesIn(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	all := []string{}
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func TestAFileOfJSONLines(t *testing.T) {
	for _, name := range []string{"a.jsonl", "a.jsonl.gz", "a.jsonl.zst"} {
		dir := t.TempDir()
		report, err := sink.File(filepath.Join(dir, name), sink.JSONL[point]()).Write(t.Context(), points(10_000))
		require.NoError(t, err)
		text := textOf(t, filepath.Join(dir, name))
		require.Equal(t, sink.TextReport{Rows: 10_000, Bytes: int64(len(text))}, report)
		lines := strings.Split(text, "\n")
		require.Len(t, lines, 10_001)
		require.Equal(t, `{"x":9999,"s":"<&>"}`, lines[9999])
		require.Equal(t, []string{name}, namesIn(t, dir))
		info, err := os.Stat(filepath.Join(dir, name))
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode())
	}
}

func TestNobodySeesHalfAFile(t *testing.T) {
	dir := t.TempDir()
	to := sink.File(filepath.Join(dir, "a.jsonl"), sink.JSONL[point]())

	_, err := to.Write(t.Context(), func(ctx context.Context, yield func(point) bool) error {
		require.NoError(t, points(5000)(ctx, yield))
		require.Len(t, namesIn(t, dir), 1)
		require.NotEqual(t, "a.jsonl", namesIn(t, dir)[0])
		return io.ErrUnexpectedEOF
	})
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.Empty(t, namesIn(t, dir))

	ctx, cancel := context.WithCancel(t.Context())
	err = to.Sink()(ctx, rx.New(func(_ context.Context, yield func(point) bool) error {
		yield(point{})
		cancel()
		yield(point{})
		return nil
	}))
	require.ErrorIs(t, err, context.Canceled)
	require.Empty(t, namesIn(t, dir))

	require.Panics(t, func() {
		_, _ = to.Write(t.Context(), func(context.Context, func(point) bool) error { panic("no") })
	})
	require.Empty(t, namesIn(t, dir))

	_, err = to.Mode(0o640).Write(t.Context(), rx.Empty[point]())
	require.NoError(t, err)
	info, err := os.Stat(filepath.Join(dir, "a.jsonl"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o640), info.Mode())
}

func TestAnItemThatHasNoJSONIsNamedByItsPlace(t *testing.T) {
	var to bytes.Buffer
	report, err := sink.To(&to, sink.JSONL[any]()).Write(t.Context(), rx.From[any](1, "a", func() {}, 2))
	require.ErrorContains(t, err, "row 2 of the stream: ")
	require.Equal(t, "1\n\"a\"\n", to.String())
	require.Equal(t, sink.TextReport{Rows: 2, Bytes: 6}, report)
}

type fullAfter struct{ left, writes int }

var errFull = errors.New("no space left")

func (f *fullAfter) Write(b []byte) (int, error) {
	f.writes++
	n := min(len(b), f.left)
	f.left -= n
	if n < len(b) {
		return n, errFull
	}
	return n, nil
}

func TestAWriterThatFailsStopsTheStream(t *testing.T) {
	to := &fullAfter{left: 30}
	report, err := sink.To(to, sink.JSONL[point]()).Block(0).Write(t.Context(), points(1_000_000))
	require.ErrorIs(t, err, errFull)
	require.Equal(t, 2, to.writes)
	require.Equal(t, sink.TextReport{Rows: 1, Bytes: 30}, report)
}

func TestBlocks(t *testing.T) {
	to := &fullAfter{left: 1 << 30}
	_, err := sink.To(to, sink.JSONL[point]()).Write(t.Context(), points(10_000))
	require.NoError(t, err)
	require.Less(t, to.writes, 5)
	require.Panics(t, func() { sink.To(to, sink.JSONL[point]()).Block(-1) })
	require.Panics(t, func() { sink.To(nil, sink.JSONL[point]()) })
}
