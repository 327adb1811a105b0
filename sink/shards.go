package sink

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rxcql/rxcql/internal/files"
	"github.com/rxcql/rxcql/internal/stage"
	"github.com/rxcql/rxcql/rx"
)

// Sharded writes items in a format to several files of a folder. It is an immutable value: each setter returns a copy.
// Make one with [Shards].
type Sharded[T any] struct {
	folder, pattern string
	format          Format[T]
	shard           func(T) string
	mode            fs.FileMode
	open            int
	rows, bytes     int64 // at which the next file begins; 0: never
}

// openShards is how many files are open by default: to compress takes some MiB for each.
const openShards = 32

// Shards makes a sink that writes a file for each shard: shard names that of an item. The last * in the pattern stands
// for the shard in the names of the files; the end of the pattern, .gz or .zst, has them compressed.
//
//	byDay := func(r Reading) string { return r.At.Format(time.DateOnly) }
//	report, err := sink.Shards("/backup", "readings-*.jsonl.zst", sink.JSONL[Reading](), byDay).Write(ctx, readings)
//
// Nobody ever sees half a file: they are written under temporary names in the folder, and get their own when the stream
// has completed, or when they are full; see [Sharded.Roll]. The folder must be there. It panics if the pattern has no *,
// or is a path.
func Shards[T any](folder, pattern string, f Format[T], shard func(T) string) Sharded[T] {
	if !strings.Contains(pattern, "*") || filepath.Base(pattern) != pattern {
		panic(fmt.Sprintf("sink.Shards: the pattern %q is not the name of a file with a *", pattern))
	}
	return Sharded[T]{folder: folder, pattern: pattern, format: f, shard: shard, mode: files.Private, open: openShards}
}

// Mode sets the permissions of the files; the default is 0600, for their owner only.
func (s Sharded[T]) Mode(mode fs.FileMode) Sharded[T] {
	s.mode = mode
	return s
}

// Open sets how many files may be open at a time; the default is 32. The one that was written to least recently is closed
// for another, and opened again when there is more for it, which costs the less the fewer shards take turns. It panics
// if n is not positive.
func (s Sharded[T]) Open(n int) Sharded[T] {
	if n <= 0 {
		panic("sink: Open must be positive")
	}
	s.open = n
	return s
}

// Roll begins another file of a shard when one has so many rows, or bytes of text, or more; 0 is no limit. Then the files
// of a shard are numbered, from -00001 on, and one that is full gets its name at once: it stays if the stream fails
// later. It panics if a number is negative, or both are 0.
func (s Sharded[T]) Roll(rows, bytes int64) Sharded[T] {
	if rows < 0 || bytes < 0 || rows == 0 && bytes == 0 {
		panic("sink: Roll needs a number of rows or of bytes")
	}
	s.rows, s.bytes = rows, bytes
	return s
}

// Sink gives it as an rx.Sink, for those who need no report.
func (s Sharded[T]) Sink() rx.Sink[T] {
	return func(ctx context.Context, src rx.Observable[T]) error {
		_, err := s.Write(ctx, src)
		return err
	}
}

// Write runs src and writes its items, those of a shard in their order, on the caller's goroutine. It holds a block of 64
// KiB for each open file, and the names of all shards. If the stream or the writing fails, or ctx ends, files that are not
// full go. The report tells of the files that stay.
func (s Sharded[T]) Write(ctx context.Context, src rx.Observable[T]) (report TextReport, err error) {
	err = stage.Consume(ctx, "files "+s.pattern, src, func(ctx context.Context, src func(context.Context, func(T) bool) error) error {
		report, err = s.write(ctx, src)
		return err
	})
	return report, err
}

func (s Sharded[T]) write(ctx context.Context, src rx.Observable[T]) (TextReport, error) {
	w := &shardWriter[T]{Sharded: s, shards: map[string]*shardFile[T]{}}
	defer w.abort() // also when src panics
	var failed error
	err := src(ctx, func(item T) bool {
		failed = w.add(item)
		return failed == nil
	})
	if err == nil && failed == nil {
		failed = w.finish()
	}
	for _, f := range w.report.Files {
		w.report.Rows, w.report.Bytes = w.report.Rows+f.Rows, w.report.Bytes+f.Bytes
	}
	slices.SortFunc(w.report.Files, func(a, b TextFile) int { return cmp.Compare(a.Name, b.Name) })
	return w.report, errors.Join(err, failed)
}

// shardWriter is one Write.
type shardWriter[T any] struct {
	Sharded[T]
	shards map[string]*shardFile[T]
	opened []*shardFile[T] // those that are open, the one that was written to least recently first
	row    int64
	report TextReport
}

func (w *shardWriter[T]) add(item T) error {
	name := w.shard(item)
	f := w.shards[name]
	if f == nil {
		if name == "" || filepath.Base(name) != name || name == "." || name == ".." {
			return fmt.Errorf("sink: row %d of the stream: the shard's name %q is not that of a file", w.row, name)
		}
		f = &shardFile[T]{shard: name}
		w.shards[name] = f
	}
	if err := w.ready(f); err != nil {
		return fmt.Errorf("sink: %w", err)
	}
	if err := f.text.add(item); err != nil {
		return fmt.Errorf("%w (in %s; row %d of the stream)", err, f.name, w.row)
	}
	w.row++
	rows, bytes := f.text.report.Rows+f.text.rows, f.text.report.Bytes+int64(len(f.text.held))
	if w.rows > 0 && rows >= w.rows || w.bytes > 0 && bytes >= w.bytes {
		return w.commit(f)
	}
	return nil
}

// ready sees to it that a file is open, and is the last to be closed.
func (w *shardWriter[T]) ready(f *shardFile[T]) error {
	if n := len(w.opened); n > 0 && w.opened[n-1] == f {
		return nil
	}
	if i := slices.Index(w.opened, f); i >= 0 {
		w.opened = append(slices.Delete(w.opened, i, i+1), f)
		return nil
	}
	if len(w.opened) == w.open {
		if err := w.opened[0].rest(); err != nil {
			return err
		}
		w.opened = slices.Delete(w.opened, 0, 1)
	}
	w.opened = append(w.opened, f)
	if f.draft != nil {
		return f.resume()
	}
	shard := f.shard
	if w.rows > 0 || w.bytes > 0 {
		f.number++
		shard = fmt.Sprintf("%s-%05d", shard, f.number)
	}
	at := strings.LastIndexByte(w.pattern, '*')
	return f.begin(w.folder, w.pattern[:at]+shard+w.pattern[at+1:], w.mode, w.format.Encoder())
}

// commit gives a file its name.
func (w *shardWriter[T]) commit(f *shardFile[T]) error {
	if i := slices.Index(w.opened, f); i >= 0 {
		w.opened = slices.Delete(w.opened, i, i+1)
	}
	err := errors.Join(f.rest(), f.draft.Commit())
	if err != nil {
		return fmt.Errorf("sink: %w", err)
	}
	w.report.Files = append(w.report.Files, TextFile{Name: f.name, Rows: f.text.report.Rows, Bytes: f.text.report.Bytes})
	f.draft = nil
	return nil
}

func (w *shardWriter[T]) finish() error {
	for _, f := range w.shards {
		if f.draft == nil {
			continue
		}
		if err := w.commit(f); err != nil {
			return err
		}
	}
	return nil
}

func (w *shardWriter[T]) abort() {
	for _, f := range w.shards {
		if f.draft != nil {
			_ = f.draft.Abort() // what led here is told
		}
	}
}
