package sink

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/rxcql/rxcql/internal/files"
)

// Appender writes a file page by page, for a job that must survive its process: what Append has returned for is on disk,
// and where it ends is to be kept with what acknowledges the page. A job that is gone on with opens the file there. It
// belongs to one goroutine. Make one with [Append].
type Appender[T any] struct {
	file    *os.File
	format  Format[T]
	encoder Encoder[T] // nil: to be made
	end     int64
	text    []byte
	broken  bool // writing failed
}

// Append opens a file that is gone on with at an offset: what is behind that is cut off, as it comes again. At 0 it is
// begun. A file that is shorter is not the one that was written, which is an error and changes nothing. If its name ends in
// .gz or .zst, each page is compressed for itself; the offsets are those of the file. It is for its owner only.
//
// Unlike one of [File] it can be seen while it grows. It has nothing to do with [Mutation.Append], which adds to a
// collection in a table.
func Append[T any](path string, f Format[T], at int64) (*Appender[T], error) {
	if at < 0 {
		panic(fmt.Sprintf("sink.Append: at %d; an offset must not be negative", at))
	}
	mode := os.O_WRONLY
	if at == 0 {
		mode |= os.O_CREATE
	}
	file, err := os.OpenFile(path, mode, files.Private)
	if err != nil {
		return nil, fmt.Errorf("sink: %w", err)
	}
	a := &Appender[T]{file: file, format: f, end: at}
	if err := a.cut(at); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return a, nil
}

func (a *Appender[T]) cut(at int64) error {
	info, err := a.file.Stat()
	if err != nil {
		return fmt.Errorf("sink: %w", err)
	}
	if info.Size() < at {
		return fmt.Errorf("sink: %s has %d bytes, fewer than the %d where it is to be gone on with; is it another file?", a.file.Name(), info.Size(), at)
	}
	if info.Size() > at {
		err = a.file.Truncate(at)
	}
	if at == 0 && err == nil {
		err = files.SyncFolder(filepath.Dir(a.file.Name())) // so that it has its name, too
	}
	if _, seeking := a.file.Seek(at, io.SeekStart); err == nil {
		err = seeking
	}
	if err != nil {
		return fmt.Errorf("sink: %w", err)
	}
	return nil
}

// Append writes a page of items and waits until they are on disk. It gives the offset behind them. After an error of the
// file, that may have a part of the page: open it anew at the last offset. If the format has no text for an item, nothing of
// the page is written, and one may go on with another.
func (a *Appender[T]) Append(items ...T) (end int64, err error) {
	if len(items) == 0 {
		return a.end, nil
	}
	if a.text, err = a.encode(a.text[:0], items); err != nil {
		return a.end, err
	}
	to := &counted{w: a.file}
	compress, err := files.Compressor(to, a.file.Name())
	if err == nil {
		_, err = compress.Write(a.text)
		err = errors.Join(err, compress.Close())
	}
	if err == nil {
		err = a.file.Sync()
	}
	if err != nil {
		a.broken = true
		return a.end, fmt.Errorf("sink: %w", err)
	}
	a.end += to.n
	return a.end, nil
}

func (a *Appender[T]) encode(dst []byte, items []T) (_ []byte, err error) {
	if a.broken {
		return dst, errors.New("sink: an Appender of which writing failed must be opened anew, at the last offset")
	}
	encoder := a.encoder
	a.encoder = nil // unless all goes well: none is used after an error
	if encoder == nil {
		encoder = a.format.Encoder()
		if dst, err = encoder.Header(dst, &items[0]); err != nil {
			return dst, fmt.Errorf("sink: %w", err)
		}
		if a.end > 0 {
			dst = dst[:0]
		}
	}
	for i, item := range items {
		if dst, err = encoder.Append(dst, item); err != nil {
			return dst, fmt.Errorf("sink: row %d of the page: %w", i, err)
		}
	}
	a.encoder = encoder
	return dst, nil
}

// Close closes the file.
func (a *Appender[T]) Close() error { return a.file.Close() }

// counted counts what is written.
type counted struct {
	w io.Writer
	n int64
}

func (c *counted) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}
