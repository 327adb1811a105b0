package sink

import (
	"errors"
	"io"
	"io/fs"
	"path/filepath"

	"github.com/rxcql/rxcql/internal/files"
)

// shardFile is the file that a shard is written to.
type shardFile[T any] struct {
	shard  string
	number int
	name   string

	draft    *files.Draft // nil: there is none yet, or the last one is full
	compress io.WriteCloser
	text     *blocks[T]
}

func (f *shardFile[T]) begin(folder, name string, mode fs.FileMode, encoder Encoder[T]) (err error) {
	f.name = name
	if f.draft, err = files.Create(filepath.Join(folder, name), mode); err != nil {
		return err
	}
	f.text = &blocks[T]{size: textBlock, encoder: encoder}
	return f.resume()
}

// resume opens the file if need be. What is compressed from here on is a member of its own, which reads as one with
// those before it.
func (f *shardFile[T]) resume() (err error) {
	if err = f.draft.Resume(); err == nil {
		f.compress, err = files.Compressor(f.draft, f.name)
		f.text.to = f.compress
	}
	return err
}

// rest writes what is held and closes the file for a while.
func (f *shardFile[T]) rest() error {
	if f.compress == nil {
		return nil
	}
	err := errors.Join(f.text.flush(), f.compress.Close(), f.draft.Rest())
	f.compress, f.text.to, f.text.held = nil, nil, nil
	return err
}
