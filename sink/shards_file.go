package sink

import "io"

// draft is a file that is written and not there yet. One of commit and abort must be called.
type draft interface {
	io.Writer
	commit() error
	abort(why error) error
}

// resting is a draft that can be closed for a while.
type resting interface {
	rest() error
	resume() error
}

// shardFile is the file that a shard is written to.
type shardFile[T any] struct {
	shard  string
	number int
	name   string

	draft       draft // nil: there is none yet, or the last one is full
	compression Compression
	compress    io.WriteCloser
	text        *blocks[T]
}

func (f *shardFile[T]) begin(name string, d draft, encoder Encoder[T]) error {
	f.name, f.draft = name, d
	f.text = &blocks[T]{size: textBlock, encoder: encoder}
	return f.open()
}

// open begins what is compressed: a member of its own, which reads as one with those before it.
func (f *shardFile[T]) open() (err error) {
	f.compress, err = f.compression.writer(f.draft, f.name)
	f.text.to = f.compress
	return err
}

// resume opens the file that rests.
func (f *shardFile[T]) resume() error {
	if err := f.draft.(resting).resume(); err != nil {
		return err
	}
	return f.open()
}

// flush writes what is held, and ends what is compressed.
func (f *shardFile[T]) flush() error {
	if f.compress == nil { // it rests
		return nil
	}
	err := f.text.flush()
	if err == nil {
		err = f.compress.Close()
	}
	f.compress, f.text.to, f.text.held = nil, nil, nil
	return err
}
