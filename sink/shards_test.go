package sink_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/sink"
)

// TestShardsAreWhatOneFileEachWouldBe compares files with what each shard was given, however few may be open.
func TestShardsAreWhatOneFileEachWouldBe(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		dir, err := os.MkdirTemp(t.TempDir(), "")
		require.NoError(r, err)
		ext := rapid.SampledFrom([]string{"", ".gz", ".zst"}).Draw(r, "compressed")
		items := rapid.SliceOfN(rapid.IntRange(0, 9), 0, 100).Draw(r, "shards")
		open, rows := rapid.IntRange(1, 12).Draw(r, "open"), rapid.IntRange(0, 5).Draw(r, "rows")
		to := sink.Shards(dir, "n-*.jsonl"+ext, sink.JSONL[int](), func(n int) string { return fmt.Sprint(n % 10) }).Open(open)
		if rows > 0 {
			to = to.Roll(int64(rows), 0)
		}
		want, all := map[string]string{}, map[int]int{}
		for i, n := range items {
			n += 10 * i
			items[i] = n
			name := fmt.Sprintf("n-%d.jsonl%s", n%10, ext)
			if rows > 0 {
				name = fmt.Sprintf("n-%d-%05d.jsonl%s", n%10, all[n%10]/rows+1, ext)
			}
			all[n%10]++
			want[name] += fmt.Sprintln(n)
		}
		report, err := to.Write(t.Context(), rx.From(items...))
		require.NoError(r, err)
		require.EqualValues(r, len(items), report.Rows)
		got := map[string]string{}
		for i, name := range namesIn(t, dir) {
			got[name] = textOf(t, filepath.Join(dir, name))
			require.Equal(r, sink.TextFile{Name: name, Rows: int64(strings.Count(got[name], "\n")), Bytes: int64(len(got[name]))}, report.Files[i])
		}
		require.Equal(r, want, got)
	})
}

func TestShardsHaveNotMoreFilesOpen(t *testing.T) {
	dir := t.TempDir()
	most := 0
	src := func(_ context.Context, yield func(int) bool) error {
		for i := range 200 {
			if !yield(i) {
				return nil
			}
			open := 0
			fds, err := os.ReadDir("/proc/self/fd")
			require.NoError(t, err)
			for _, fd := range fds {
				if name, err := os.Readlink(filepath.Join("/proc/self/fd", fd.Name())); err == nil && strings.HasPrefix(name, dir) {
					open++
				}
			}
			most = max(most, open)
		}
		return nil
	}
	if _, err := os.Stat("/proc/self/fd"); err != nil {
		most = 3 // another system does not tell
	}
	require.NoError(t, sink.Shards(dir, "*.jsonl", sink.JSONL[int](), func(n int) string { return fmt.Sprint(n % 7) }).Open(3).Sink()(t.Context(), src))
	require.Equal(t, 3, most)
	require.Len(t, namesIn(t, dir), 7)
}

func TestShardsOfAStreamThatFails(t *testing.T) {
	dir := t.TempDir()
	to := sink.Shards(dir, "*.jsonl", sink.JSONL[int](), func(n int) string { return fmt.Sprint(n % 2) }).Roll(0, 6).Mode(0o640)
	report, err := to.Write(t.Context(), func(ctx context.Context, yield func(int) bool) error {
		_ = rx.Range(0, 9)(ctx, yield)
		return io.ErrUnexpectedEOF
	})
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.Equal(t, []string{"0-00001.jsonl", "1-00001.jsonl"}, namesIn(t, dir)) // those that were full
	require.EqualValues(t, 6, report.Rows)
	require.Equal(t, "0\n2\n4\n", textOf(t, filepath.Join(dir, "0-00001.jsonl")))
	info, err := os.Stat(filepath.Join(dir, "0-00001.jsonl"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o640), info.Mode())

	for bad, want := range map[string]string{"": "no name", "a/b": "not the name of a file", "..": "not the name of a file"} {
		_, err := sink.Shards(t.TempDir(), "*", sink.JSONL[int](), func(int) string { return bad }).Write(t.Context(), rx.From(1))
		require.ErrorContains(t, err, want)
	}
	_, err = sink.Shards(t.TempDir(), "*", sink.JSONL[any](), func(any) string { return "a" }).Write(t.Context(), rx.From[any](1, func() {}))
	require.ErrorContains(t, err, "row 1 of the stream")
	_, err = sink.Shards(filepath.Join(dir, "none"), "*", sink.JSONL[int](), func(int) string { return "a" }).Write(t.Context(), rx.From(1))
	require.ErrorIs(t, err, os.ErrNotExist)
	require.Panics(t, func() { sink.Shards(dir, "a", sink.JSONL[int](), nil) })
	require.Panics(t, func() { sink.Shards(dir, "a/*", sink.JSONL[int](), nil) })
	require.Panics(t, func() { to.Open(0) })
	require.Panics(t, func() { to.Roll(0, 0) })
}

func TestFilesOfTwoRunsAreNotTakenForThoseOfOne(t *testing.T) {
	dir := t.TempDir()
	shard := func(n int) string { return fmt.Sprint(n % 2) }
	to := sink.Shards(dir, "n-*.jsonl", sink.JSONL[int](), shard).Roll(2, 0)
	for _, other := range []string{"notes.txt", "n-.jsonl", ".n-0.jsonl.7.tmp"} { // which are of no run
		require.NoError(t, os.WriteFile(filepath.Join(dir, other), nil, 0o600))
	}
	_, err := to.Write(t.Context(), rx.Range(0, 10))
	require.NoError(t, err)
	before := namesIn(t, dir)
	require.Len(t, before, 9)

	for _, again := range []sink.Sharded[int]{to, sink.Shards(dir, "n-*.jsonl", sink.JSONL[int](), func(int) string { return "other" })} {
		report, err := again.Write(t.Context(), func(context.Context, func(int) bool) error {
			require.Fail(t, "it must be known before anything is read")
			return nil
		})
		require.ErrorIs(t, err, os.ErrExist)
		require.ErrorContains(t, err, dir+" has n-0-00001.jsonl")
		require.ErrorContains(t, err, "Replace")
		require.Zero(t, report)
		require.Equal(t, before, namesIn(t, dir))
	}

	_, err = to.Replace().Write(t.Context(), rx.From(10, 12, 14)) // all of shard 0, and nothing of shard 1
	require.NoError(t, err)
	require.Equal(t, "10\n12\n", textOf(t, filepath.Join(dir, "n-0-00001.jsonl")))
	require.Equal(t, []string{
		".n-0.jsonl.7.tmp", "n-.jsonl", "n-0-00001.jsonl", "n-0-00002.jsonl", "n-1-00001.jsonl", "n-1-00002.jsonl", "n-1-00003.jsonl", "notes.txt",
	}, namesIn(t, dir))
}

func TestTwoRunsAtATime(t *testing.T) {
	dir := t.TempDir()
	to := sink.Shards(dir, "*", sink.JSONL[int](), func(n int) string { return fmt.Sprint(n) })
	report, err := to.Write(t.Context(), func(ctx context.Context, yield func(int) bool) error {
		yield(1)
		_, err := to.Write(ctx, rx.From(1)) // another one, which is faster
		require.NoError(t, err)
		return nil
	})
	require.ErrorIs(t, err, os.ErrExist)
	require.Empty(t, report.Files)
	require.Equal(t, []string{"1"}, namesIn(t, dir))
}
