package sink

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/rxcql/rxcql/internal/files"
	"github.com/rxcql/rxcql/internal/stage"
	"github.com/rxcql/rxcql/rx"
)

// Text writes items in a format, to a file or an io.Writer. It is an immutable value: each setter returns a copy. Make
// one with [File] or [To].
type Text[T any] struct {
	format Format[T]
	path   string
	to     io.Writer // nil: the file at path
	mode   fs.FileMode
	block  int

	compression Compression
}

// TextReport is what was written.
type TextReport struct {
	Rows  int64 `json:"rows"`
	Bytes int64 `json:"bytes"` // of the text, before it was compressed

	Files []TextFile `json:"files,omitempty"` // by name, if there are several
}

// String is for people.
func (r TextReport) String() string {
	text := fmt.Sprintf("%s written, %s", amount(r.Rows, "row"), size(r.Bytes))
	if len(r.Files) > 0 {
		text += ", in " + amount(int64(len(r.Files)), "file")
	}
	return text
}

// TextFile is one of several files that were written.
type TextFile struct {
	Name  string `json:"name"` // in its folder
	Rows  int64  `json:"rows"`
	Bytes int64  `json:"bytes"` // of the text, before it was compressed
}

// textBlock is how many bytes are written at a time.
const textBlock = 64 << 10

// File makes a sink that writes a file. Its name ending in .gz or .zst, it is compressed; see [Text.Compress] too. "-" is the
// standard output.
//
//	report, err := sink.File("/backup/readings.jsonl.zst", sink.JSONL[Reading]()).Write(ctx, readings)
//
// Nobody ever sees half a file: it is written under a temporary name in the same folder, and when the stream has completed
// and all is on disk it gets its own, in place of what had it. If the stream or the writing fails, or ctx ends, it goes,
// and with a process that is killed when the same file is written again, where the system has flock.
// What is no regular file, such as a named pipe, is written to as it is.
func File[T any](path string, f Format[T]) Text[T] {
	return Text[T]{format: f, path: path, mode: files.Private, block: textBlock}
}

// To makes a sink that writes to w, which it does not close: a buffer, a connection, a file of one's own.
func To[T any](w io.Writer, f Format[T]) Text[T] {
	if w == nil {
		panic("sink.To: the writer is nil")
	}
	return Text[T]{format: f, to: w, block: textBlock}
}

// Mode sets the permissions of the file; the default is 0600, for its owner only.
func (t Text[T]) Mode(mode fs.FileMode) Text[T] {
	t.mode = mode
	return t
}

// Block sets how many bytes are gathered before they are written; the default is 64 KiB. With 0 each item is written at
// once, for a reader who follows a slow stream. It panics if n is negative.
func (t Text[T]) Block(n int) Text[T] {
	if n < 0 {
		panic("sink: a Block of fewer than 0 bytes")
	}
	t.block = n
	return t
}

// Compress has what is written be compressed, where no name says so: by [To], or on the standard output. If the stream
// fails, what came before the error is there to be read, and the end of what is compressed is missing, so that it is not
// taken for all. With a Block of 0 each item can be read at once, which compresses less.
func (t Text[T]) Compress(c Compression) Text[T] {
	checkCompression(c)
	t.compression = c
	return t
}

// Sink gives it as an rx.Sink, for those who need no report.
func (t Text[T]) Sink() rx.Sink[T] {
	return func(ctx context.Context, src rx.Observable[T]) error {
		_, err := t.Write(ctx, src)
		return err
	}
}

// Write runs src and writes its items, in order, on the caller's goroutine; the stream waits for the writer. Not more
// than a block and an item are held. An item that cannot be written in the format stops the stream; the error names its
// place in the stream. The report tells what was written up to there, also when the file is gone.
func (t Text[T]) Write(ctx context.Context, src rx.Observable[T]) (report TextReport, err error) {
	err = stage.Consume(ctx, t.name(), src, func(ctx context.Context, src func(context.Context, func(T) bool) error) error {
		report, err = t.writeTo(ctx, src)
		return err
	})
	return report, err
}

// name is for monitors.
func (t Text[T]) name() string {
	if t.to != nil || t.path == "-" {
		return "text"
	}
	return "file " + filepath.Base(t.path)
}

func (t Text[T]) writeTo(ctx context.Context, src rx.Observable[T]) (TextReport, error) {
	switch {
	case t.to != nil:
		return t.write(ctx, src, t.to)
	case t.path == "-":
		return t.write(ctx, src, os.Stdout)
	}
	draft, err := files.Create(t.path, t.mode)
	if err != nil {
		return TextReport{}, fmt.Errorf("sink: %w", err)
	}
	defer draft.Abort() // also when src panics
	report, err := t.write(ctx, src, draft)
	if err != nil {
		return report, errors.Join(err, draft.Abort())
	}
	if err := draft.Commit(); err != nil {
		return report, fmt.Errorf("sink: %w", err)
	}
	return report, nil
}

func (t Text[T]) write(ctx context.Context, src rx.Observable[T], to io.Writer) (TextReport, error) {
	compress, err := t.compression.writer(to, t.path)
	if err != nil {
		return TextReport{}, fmt.Errorf("sink: %w", err)
	}
	b := &blocks[T]{to: compress, size: t.block, flushed: t.block == 0, encoder: t.format.Encoder()}
	var failed error
	err = src(ctx, func(item T) bool {
		failed = b.add(item)
		return failed == nil
	})
	switch {
	case failed == nil && err == nil:
		if err = b.end(); err != nil {
			break
		}
		if err = compress.Close(); err != nil {
			err = fmt.Errorf("sink: %w", err)
		}
	case b.broken == nil && rx.Cause(ctx) == nil: // what came before an error is written
		if err = errors.Join(err, failed, b.flush()); b.broken == nil {
			err = errors.Join(err, flush(compress))
		}
	default:
		err = errors.Join(err, failed)
	}
	return b.report, err
}

// blocks gathers the bytes of items, and writes as many at a time as make a block.
type blocks[T any] struct {
	to      io.Writer
	size    int
	flushed bool // what compresses them, after each
	encoder Encoder[T]
	begun   bool
	held    []byte
	rows    int64 // that are held
	report  TextReport
	broken  error // of the writer
}

func (b *blocks[T]) add(item T) error {
	if !b.begun {
		if err := b.begin(&item); err != nil {
			return err
		}
	}
	held, err := b.encoder.Append(b.held, item)
	if err != nil {
		return fmt.Errorf("sink: row %d of the stream: %w", b.report.Rows+b.rows, err)
	}
	b.held = held
	b.rows++
	if len(b.held) > b.size {
		return b.flush()
	}
	return nil
}

func (b *blocks[T]) begin(first *T) error {
	b.begun = true
	held, err := b.encoder.Header(b.held, first)
	if err != nil {
		return fmt.Errorf("sink: %w", err)
	}
	b.held = held
	return nil
}

// end writes what is held, and the header if nothing came.
func (b *blocks[T]) end() error {
	if !b.begun {
		if err := b.begin(nil); err != nil {
			return err
		}
	}
	return b.flush()
}

func (b *blocks[T]) flush() error {
	if len(b.held) == 0 {
		return nil
	}
	n, err := b.to.Write(b.held)
	b.report.Bytes += int64(n)
	if err == nil && b.flushed {
		err = flush(b.to)
	}
	if err != nil {
		b.broken = fmt.Errorf("sink: %w", err)
		return b.broken
	}
	b.report.Rows += b.rows
	b.held, b.rows = b.held[:0], 0
	return nil
}
