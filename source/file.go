package source

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync/atomic"

	"github.com/rxcql/rxcql/internal/files"
	"github.com/rxcql/rxcql/rx"
)

// File opens a file to read a text from it, "-" the standard input. What is compressed by gzip or zstd is decompressed:
// its first bytes tell, so that its name may be any. The standard input is a one-shot input: a second run returns
// [rx.ErrConsumed].
//
//	readings := source.JSONL[Reading](source.File("readings.jsonl.zst")).Rows()
func File(path string) Opener {
	if path == "-" {
		return Reader("standard input", os.Stdin)
	}
	return func(context.Context) (io.ReadCloser, error) {
		f, err := os.Open(path)
		if err != nil {
			return nil, fmt.Errorf("source: %w", err)
		}
		return newTextFile(path, f, f)
	}
}

// Reader opens what there is to read already, under a name for errors, and decompresses it as [File] does. It is a
// one-shot input, and r is left open.
func Reader(name string, r io.Reader) Opener {
	var consumed atomic.Bool
	return func(context.Context) (io.ReadCloser, error) {
		if consumed.Swap(true) {
			return nil, rx.ErrConsumed
		}
		return newTextFile(name, r, nil)
	}
}

// textFile is an open file with what decompresses it.
type textFile struct {
	io.ReadCloser
	name string
	from io.Reader
	file *os.File // nil if it is not to be closed
}

func newTextFile(name string, r io.Reader, file *os.File) (io.ReadCloser, error) {
	text, err := files.Decompressor(r)
	if err != nil {
		if file != nil {
			file.Close()
		}
		return nil, fmt.Errorf("source: %s: %w", name, err)
	}
	return &textFile{ReadCloser: text, name: name, from: r, file: file}, nil
}

// Name is the file's name, for errors.
func (f *textFile) Name() string { return f.name }

// Stat tells which file it is, if it is one.
func (f *textFile) Stat() (fs.FileInfo, error) {
	if info := statOf(f.from); info != nil {
		return info, nil
	}
	return nil, fs.ErrInvalid
}

// Close ends the decompressing and closes the file.
func (f *textFile) Close() error {
	err := f.ReadCloser.Close()
	if f.file != nil {
		if closing := f.file.Close(); err == nil {
			err = closing
		}
	}
	return err
}

// openAt opens a text to be read from a position on, with a buffer. What is before it is read and dropped, for there is
// no other way in what is compressed, and it is fast in what is not.
func openAt(ctx context.Context, open Opener, at Position) (text *bufio.Reader, name string, opened io.ReadCloser, err error) {
	opened, err = open(ctx)
	if err != nil {
		return nil, "", nil, err
	}
	name = nameOf(opened)
	text = bufio.NewReaderSize(textReader{ctx, opened}, 64<<10)
	for left := at.Offset; left > 0 && err == nil; {
		if err = rx.Cause(ctx); err != nil {
			break
		}
		var n int
		n, err = text.Discard(int(min(left, 1<<20)))
		left -= int64(n)
		if err == io.EOF {
			err = fmt.Errorf("source: %s: it ends %d bytes before the position to go on from; is it another text?", name, left)
		}
	}
	if err != nil {
		opened.Close()
		return nil, "", nil, cmp.Or(rx.Cause(ctx), err)
	}
	return text, name, opened, nil
}
