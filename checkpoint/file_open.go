package checkpoint

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

const (
	fileMode = 0o600
	lockWait = time.Second // for a process that is about to end
)

// create makes an empty checkpoint under another name and then gives it its own, so that whoever finds the file finds a
// whole one, also if this process is killed meanwhile; and an empty file is known to be damaged.
func create(path string) error {
	dir := filepath.Dir(path)
	tmp, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*") // of mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	if err := tmp.Close(); err != nil {
		return err
	}
	db, err := bbolt.Open(tmp.Name(), fileMode, nil)
	if err != nil {
		return err
	}
	if err := errors.Join(db.Update(initialize), db.Close()); err != nil {
		return err
	}
	if err := os.Link(tmp.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) { // another process was faster
		return err
	}
	return syncDir(dir)
}

// syncDir makes a new name in a directory last.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" { // which has no such thing
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// open opens and locks a file that is there. It is read first, and only if it is whole opened for writing.
func open(path string) (*bbolt.DB, error) {
	db, err := openFor(path, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(guarded(func() error { return db.View(inspect) }), db.Close()); err != nil {
		return nil, err
	}
	return openFor(path, os.O_RDWR)
}

func openFor(path string, access int) (db *bbolt.DB, err error) {
	var file *os.File
	err = guarded(func() (err error) {
		db, err = bbolt.Open(path, fileMode, &bbolt.Options{
			Timeout:  lockWait,
			ReadOnly: access == os.O_RDONLY,
			OpenFile: func(name string, _ int, mode os.FileMode) (_ *os.File, err error) {
				file, err = openWhole(name, access, mode)
				return file, err
			},
		})
		return err
	})
	var system syscall.Errno
	switch {
	case err == nil, errors.As(err, &system):
	case errors.Is(err, bolterrors.ErrTimeout):
		err = ErrInUse
	case errors.Is(err, ErrUnreadable):
		_ = file.Close() // bbolt may not have got as far as that; its lock then stays until the process ends
	default: // what bbolt does not like
		err = fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	return db, err
}

// inspect looks whether the file was cut off, and reads all that is in it.
func inspect(tx *bbolt.Tx) error {
	info, err := os.Stat(tx.DB().Path())
	if err != nil {
		return err
	}
	if info.Size() < tx.Size() {
		return fmt.Errorf("%w: it was cut off at %d of %d bytes", ErrUnreadable, info.Size(), tx.Size())
	}
	_, err = read(tx)
	return err
}

// openWhole opens a file unless it is empty, which bbolt would take for a new one.
func openWhole(name string, flag int, mode os.FileMode) (*os.File, error) {
	file, err := os.OpenFile(name, flag, mode)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && info.Size() == 0 {
		err = fmt.Errorf("%w: it is empty", ErrUnreadable)
	}
	if err != nil {
		_ = file.Close()
	}
	return file, err
}
