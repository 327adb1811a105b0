package sink

import (
	"context"
	"fmt"
	"io"
	"io/fs"
)

// Creator makes what one file is written to: an object of a store such as S3 or Google Cloud Storage, for example, or the
// write end of an [io.Pipe] that something uploads from. The file is there when Close has returned nil, and what Write
// or Close fail with ends the stream. A name that is taken is the Creator's to refuse, or to replace.
//
// A file that is not to be, as the stream has failed, is abandoned: by its method CloseWithError(error) error, which is
// that of an [io.PipeWriter], or Abort() error, if it has one; else ctx is cancelled, and then it is closed. So do
// Google's client and gocloud.dev/blob have it: ctx is of this file, and is not cancelled before Close has returned
// unless the stream's is.
type Creator func(ctx context.Context, name string) (io.WriteCloser, error)

// begin and end are for folders.
func (Creator) begin(string, string) error  { return nil }
func (Creator) end(func(string) bool) error { return nil }

func (f Creator) create(ctx context.Context, name string) (draft, error) {
	if !fs.ValidPath(name) {
		return nil, fmt.Errorf("%q is not a name of elements separated by slashes, none of which is empty, . or .. (fs.ValidPath)", name)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	w, err := f(ctx, name)
	if err == nil && w == nil {
		err = fmt.Errorf("%s: the Creator has given nil", name)
	}
	if err != nil {
		cancel(err)
		return nil, err
	}
	return &object{w, cancel}, nil
}

// object is what a Creator has made.
type object struct {
	io.WriteCloser
	cancel context.CancelCauseFunc
}

func (o *object) commit() error {
	err := o.Close()
	o.cancel(err)
	return err
}

func (o *object) abort(why error) error {
	defer o.cancel(why)
	switch w := o.WriteCloser.(type) {
	case interface{ CloseWithError(error) error }:
		return w.CloseWithError(why)
	case interface{ Abort() error }:
		return w.Abort()
	}
	o.cancel(why)
	_ = o.Close() // which tells that it was cancelled
	return nil
}
