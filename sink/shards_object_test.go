package sink_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/internal/files"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/sink"
)

// store has objects, and fails at the n-th thing that it is asked for; never if that is 0.
type store struct {
	objects map[string][]byte
	open    int // of which nobody has said what is to become of them
	calls   int
	failing int
	abandon string // the method that there is for it
}

var errStore = errors.New("the store is out of order")

func (s *store) fail() error {
	if s.calls++; s.calls == s.failing {
		return errStore
	}
	return nil
}

func (s *store) create(ctx context.Context, name string) (io.WriteCloser, error) {
	if err := s.fail(); err != nil {
		return nil, err
	}
	s.open++
	u := &upload{store: s, ctx: ctx, name: name}
	switch s.abandon {
	case "CloseWithError":
		return closesWithError{u}, nil
	case "Abort":
		return aborts{u}, nil
	}
	return u, nil
}

type upload struct {
	*store
	ctx  context.Context
	name string
	text bytes.Buffer
}

func (u *upload) Write(b []byte) (int, error) {
	if err := u.fail(); err != nil {
		return len(b) / 2, err
	}
	return u.text.Write(b)
}

func (u *upload) Close() error {
	u.open--
	if u.ctx.Err() != nil {
		return context.Cause(u.ctx)
	}
	if err := u.fail(); err != nil {
		return err
	}
	if u.objects[u.name] != nil {
		return fmt.Errorf("%s is there already", u.name)
	}
	u.objects[u.name] = append([]byte{}, u.text.Bytes()...)
	return nil
}

type closesWithError struct{ *upload }

func (u closesWithError) CloseWithError(why error) error {
	if why == nil {
		return errors.New("abandoned for nothing")
	}
	u.open--
	return nil
}

type aborts struct{ *upload }

func (u aborts) Abort() error {
	u.open--
	return u.ctx.Err() // it is needed to tell the store
}

func readAll(t require.TestingT, compressed []byte) string {
	r, err := files.Decompressor(bytes.NewReader(compressed))
	require.NoError(t, err)
	defer r.Close()
	text, err := io.ReadAll(r)
	require.NoError(t, err)
	return string(text)
}

// Whatever fails, and when: its error is told, what the report has is in the store, as a whole, and nothing else.
func TestWhatIsInAStoreIsWhatTheReportTells(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ext := rapid.SampledFrom([]string{"", ".gz", ".zst"}).Draw(t, "compressed")
		items := rapid.SliceOfN(rapid.IntRange(0, 4), 0, 60).Draw(t, "shards")
		s := &store{
			objects: map[string][]byte{},
			failing: rapid.IntRange(0, 40).Draw(t, "failing"),
			abandon: rapid.SampledFrom([]string{"", "CloseWithError", "Abort"}).Draw(t, "abandon"),
		}
		ends := rapid.SampledFrom([]string{"", "fails", "panics"}).Draw(t, "ends")
		open, rows := rapid.IntRange(1, 6).Draw(t, "open"), rapid.IntRange(0, 5).Draw(t, "rows")
		to := sink.ShardsTo(s.create, "day/n-*/part.jsonl"+ext, sink.JSONL[int](), func(n int) string { return fmt.Sprint(n % 5) }).Open(open)
		if rows > 0 {
			to = to.Roll(int64(rows), 0)
		}
		shards := map[int]bool{}
		for i, n := range items {
			items[i] += 5 * i
			shards[n] = true
		}
		errStream := errors.New("the stream failed")
		src := func(ctx context.Context, yield func(int) bool) error {
			if err := rx.From(items...)(ctx, yield); err != nil || ends == "" {
				return err
			}
			if ends == "panics" {
				panic(errStream)
			}
			return errStream
		}
		var report sink.TextReport
		var err error
		run := func() { report, err = to.Write(t.Context(), src) }
		if ends == "panics" {
			require.Panics(t, run)
		} else {
			run()
		}
		require.Zero(t, s.open)
		if ends == "panics" {
			return
		}
		failed := s.failing > 0 && s.calls >= s.failing
		tooMany := rows == 0 && len(shards) > open
		require.Equal(t, failed, errors.Is(err, errStore))
		require.Equal(t, failed || tooMany || ends != "", err != nil)
		if tooMany && !failed {
			require.ErrorContains(t, err, "allow for more by Open")
		}

		told, total := map[string]bool{}, ""
		for _, f := range report.Files {
			text := readAll(t, s.objects[f.Name])
			require.Equal(t, sink.TextFile{Name: f.Name, Rows: int64(strings.Count(text, "\n")), Bytes: int64(len(text))}, f)
			told[f.Name] = true
			total += text
		}
		require.Len(t, s.objects, len(told))
		require.EqualValues(t, strings.Count(total, "\n"), report.Rows)
		if err == nil {
			require.EqualValues(t, len(items), report.Rows)
		}
		for i, n := range items {
			if err == nil {
				require.Contains(t, "\n"+total, fmt.Sprintf("\n%d\n", n), i)
			}
		}
	})
}

func TestAPipeToAnUploadEndsWithTheStreamsError(t *testing.T) {
	uploaded := make(chan error, 1)
	create := func(_ context.Context, name string) (io.WriteCloser, error) {
		from, to := io.Pipe()
		go func() {
			_, err := io.Copy(io.Discard, from)
			uploaded <- err
		}()
		return to, nil
	}
	one := func(int) string { return "1" }
	to := sink.ShardsTo(create, "*", sink.JSONL[int](), one)
	_, err := to.Write(t.Context(), rx.Range(0, 100_000))
	require.NoError(t, err)
	require.NoError(t, <-uploaded)

	_, err = to.Write(t.Context(), func(ctx context.Context, yield func(int) bool) error {
		_ = rx.Range(0, 100_000)(ctx, yield)
		return io.ErrNoProgress
	})
	require.ErrorIs(t, err, io.ErrNoProgress)
	require.ErrorIs(t, <-uploaded, io.ErrNoProgress)

	ctx, cancel := context.WithCancel(t.Context())
	_, err = to.Write(ctx, rx.New(func(_ context.Context, yield func(int) bool) error {
		yield(1)
		cancel()
		yield(2)
		return nil
	}))
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, <-uploaded, context.Canceled)
}

func TestWhatIsNoNameOfAnObject(t *testing.T) {
	s := &store{objects: map[string][]byte{}}
	for _, bad := range []string{"../a", "/a", "a//b", "a/"} {
		_, err := sink.ShardsTo(s.create, "*", sink.JSONL[int](), func(int) string { return bad }).Write(t.Context(), rx.From(1))
		require.ErrorContains(t, err, "row 0 of the stream: shard")
		require.ErrorContains(t, err, "fs.ValidPath")
	}
	require.Zero(t, s.calls)
	none := func(context.Context, string) (io.WriteCloser, error) { return nil, nil }
	one := func(int) string { return "1" }
	_, err := sink.ShardsTo(none, "*", sink.JSONL[int](), one).Write(t.Context(), rx.From(1))
	require.ErrorContains(t, err, "has given nil")
	to := sink.ShardsTo(s.create, "*", sink.JSONL[int](), one)
	require.Panics(t, func() { to.Mode(0o600) })
	require.Panics(t, func() { to.Replace() })
	require.Panics(t, func() { to.Compress(0) })
	require.Panics(t, func() { sink.ShardsTo(nil, "*", sink.JSONL[int](), one) })
	require.Panics(t, func() { sink.ShardsTo(s.create, "a", sink.JSONL[int](), one) })

	_, err = to.Compress(sink.Gzip).Write(t.Context(), rx.From(1, 2))
	require.NoError(t, err)
	require.True(t, bytes.HasPrefix(s.objects["1"], []byte{0x1f, 0x8b}))
	require.Equal(t, "1\n2\n", readAll(t, s.objects["1"]))
}
