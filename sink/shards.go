package sink

import (
	"context"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/rxcql/rxcql/internal/files"
	"github.com/rxcql/rxcql/internal/stage"
	"github.com/rxcql/rxcql/rx"
)

// Sharded writes items in a format to several files. It is an immutable value: each setter returns a copy. Make one with
// [Shards] or [ShardsTo].
type Sharded[T any] struct {
	to             Creator // nil: to the folder
	folder         string
	prefix, suffix string // of names
	format         Format[T]
	shard          func(T) string
	mode           fs.FileMode
	replace        bool
	compression    Compression
	open           int
	rows, bytes    int64 // at which the next file begins; 0: never
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
// has completed, or when they are full; see [Sharded.Roll]. The folder must be there, and have no file yet that the
// pattern could be of, so that what two runs have written is never taken for one; see [Sharded.Replace]. It panics if the
// pattern has no *, or is a path.
func Shards[T any](folder, pattern string, f Format[T], shard func(T) string) Sharded[T] {
	if filepath.Base(pattern) != pattern {
		panic(fmt.Sprintf("sink.Shards: the pattern %q is a path; the folder comes before it", pattern))
	}
	return sharded(Sharded[T]{folder: folder, format: f, shard: shard, mode: files.Private}, pattern)
}

// ShardsTo is [Shards] for files that are not on this machine's disk, objects of a store for example: each is written to
// what create makes for its name, which is the pattern with the shard in place of its last *, and may have slashes.
//
//	bucket, err := blob.OpenBucket(ctx, "s3://backup") // of gocloud.dev/blob
//	create := func(ctx context.Context, name string) (io.WriteCloser, error) { return bucket.NewWriter(ctx, name, nil) }
//	report, err := sink.ShardsTo(create, "readings/*.jsonl.zst", sink.JSONL[Reading](), byDay).Write(ctx, readings)
//
// A file is there when it was closed; if the stream fails, those that are not full are abandoned: see [Creator].
func ShardsTo[T any](create Creator, pattern string, f Format[T], shard func(T) string) Sharded[T] {
	if create == nil {
		panic("sink.ShardsTo: the Creator is nil")
	}
	return sharded(Sharded[T]{to: create, format: f, shard: shard}, pattern)
}

func sharded[T any](s Sharded[T], pattern string) Sharded[T] {
	at := strings.LastIndexByte(pattern, '*')
	if at < 0 {
		panic(fmt.Sprintf("sink: the pattern %q has no *, which stands for the shard", pattern))
	}
	s.prefix, s.suffix, s.open = pattern[:at], pattern[at+1:], openShards
	return s
}

// Mode sets the permissions of the files; the default is 0600, for their owner only. It panics for [ShardsTo], whose
// Creator sees to that.
func (s Sharded[T]) Mode(mode fs.FileMode) Sharded[T] {
	s.onlyFolders("Mode")
	s.mode = mode
	return s
}

// Replace writes into a folder that has files of earlier runs. Those of the shards that come are replaced, all of them
// with [Sharded.Roll] if it was set then, too; those of other shards stay. It panics for [ShardsTo], whose Creator sees to
// that.
func (s Sharded[T]) Replace() Sharded[T] {
	s.onlyFolders("Replace")
	s.replace = true
	return s
}

func (s Sharded[T]) onlyFolders(setter string) {
	if s.to != nil {
		panic("sink: " + setter + " is for Shards; with ShardsTo the Creator sees to that")
	}
}

// Compress has the files be compressed, where the pattern does not say so: objects that are told as compressed by their
// metadata for example.
func (s Sharded[T]) Compress(c Compression) Sharded[T] {
	checkCompression(c)
	s.compression = c
	return s
}

// Open sets how many files may be open at a time; the default is 32. If another is needed it is closed that was written to
// least recently, and opened again when there is more for it, which costs the less the fewer shards take turns. What a
// [Creator] has made cannot be opened again: with [Sharded.Roll] it is taken for full, and else the stream ends with an
// error. It panics if n is not positive.
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
// full go. The report tells of the files that stay, and of nothing else.
func (s Sharded[T]) Write(ctx context.Context, src rx.Observable[T]) (report TextReport, err error) {
	err = stage.Consume(ctx, "files "+s.prefix+"*"+s.suffix, src, func(ctx context.Context, src func(context.Context, func(T) bool) error) error {
		report, err = s.write(ctx, src)
		return err
	})
	return report, err
}

// place gives where the files of one Write are.
func (s *Sharded[T]) place() shardPlace {
	if s.to != nil {
		return s.to
	}
	return &shardFolder{path: s.folder, mode: s.mode, replace: s.replace}
}
