package checkpoint

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime/debug"
	"sync/atomic"

	"go.etcd.io/bbolt"

	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/source"
)

// FileStore is a checkpoint in a file. It is for one scan at a time; its methods may be called concurrently.
type FileStore struct {
	path string
	db   *bbolt.DB

	generation atomic.Uint64 // of the last Load; changes in transactions that write, of which there is one at a time
}

// File opens the checkpoint in a file, and makes the file if there is none, for its owner's eyes only. The file is then
// this store's until it is closed, or the process ends, in whatever way: to others it is [ErrInUse], after a second. One
// that is not a whole checkpoint, if only because it is empty, is [ErrUnreadable].
//
// The file is a bbolt database (go.etcd.io/bbolt), on a file system that has locks and hard links.
func File(path string) (*FileStore, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if err := create(path); err != nil {
			return nil, fmt.Errorf("checkpoint: making %s: %w", path, err)
		}
	}
	db, err := open(path)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: opening %s: %w", path, err)
	}
	return &FileStore{path: path, db: db}, nil
}

// Close lets go of the file, after a Load or Save under way. Nothing is lost without it.
func (f *FileStore) Close() error { return f.db.Close() }

// Load gives what was saved. No other store can save to the file meanwhile; a scan that uses this store is fenced off.
func (f *FileStore) Load(ctx context.Context) (saved source.Saved, err error) {
	if err := rx.Cause(ctx); err != nil {
		return source.Saved{}, err
	}
	err = guarded(func() error {
		tx, err := f.db.Begin(true) // waits for a Save under way
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback() }()
		saved, err = read(tx)
		saved.Generation = f.generation.Add(1)
		return err
	})
	if err != nil {
		return source.Saved{}, fmt.Errorf("checkpoint: loading %s: %w", f.path, err)
	}
	return saved, nil
}

// Save saves all changes at once or, when it fails, none. When it has returned they are on disk. ctx is looked at
// only before it begins.
func (f *FileStore) Save(ctx context.Context, changes source.Saved) error {
	if err := rx.Cause(ctx); err != nil {
		return err
	}
	err := guarded(func() error {
		return f.db.Update(func(tx *bbolt.Tx) error {
			if changes.Generation != f.generation.Load() {
				return fmt.Errorf("%w: the same store was given to it", source.ErrFenced)
			}
			return write(tx, changes)
		})
	})
	if err != nil {
		return fmt.Errorf("checkpoint: saving to %s: %w", f.path, err)
	}
	return nil
}

// guarded makes an error of the panics that a damaged file leads to, and of the faults of memory that it is mapped to
// but that it does not reach.
func guarded(f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", ErrUnreadable, r)
		}
	}()
	return f()
}
