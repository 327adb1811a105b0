package files

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Private is the mode of files that hold data: for their owner only.
const Private fs.FileMode = 0o600

// Draft is a file under a temporary name in the folder where it is to be. It gets its own name by Commit, and goes by
// Abort; one of them must be called.
type Draft struct {
	*os.File
	path   string
	mode   fs.FileMode
	direct bool // it is no regular file, such as /dev/stdout or a named pipe, and is written to where it is
	ended  bool
	rests  bool // it is closed, to be opened again
}

// Create begins a file with the given mode, whatever the process's umask. What is there under its name stays until
// Commit. A device or a named pipe is not replaced but written to. Drafts of the same name go that were left behind by
// processes that were killed, where the system has flock.
func Create(path string, mode fs.FileMode) (*Draft, error) {
	there, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	return CreateAmong(path, mode, there)
}

// IsDraft tells whether a name may be that of a draft.
func IsDraft(name string) bool {
	return strings.HasPrefix(name, ".") && strings.HasSuffix(name, temporary)
}

const temporary = ".tmp"

// CreateAmong is Create for many files of a folder, of which it need be known only once what there is in it: at least its
// drafts.
func CreateAmong(path string, mode fs.FileMode, there []fs.DirEntry) (*Draft, error) {
	found, err := os.Stat(path)
	switch {
	case err == nil && found.IsDir():
		return nil, &fs.PathError{Op: "create", Path: path, Err: errors.New("there is a directory of this name")}
	case err == nil && !found.Mode().IsRegular():
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return nil, err
		}
		return &Draft{File: f, path: path, direct: true}, nil
	}
	f, err := newTemporary(path, there)
	if err != nil {
		return nil, err
	}
	return &Draft{File: f, path: path, mode: mode}, nil
}

// longestName is how much of a file's name its temporary one has: names have 255 bytes at most.
const longestName = 200

// Commit waits until the file is on disk, closes it and gives it its name, which is on disk, too, when Commit returns
// nil. If it fails, the file is gone.
func (d *Draft) Commit() error {
	if d.ended {
		return fmt.Errorf("%s: %w", d.path, fs.ErrClosed)
	}
	if d.direct {
		d.ended = true
		return d.Close()
	}
	if err := d.Resume(); err != nil {
		return errors.Join(err, d.Abort())
	}
	if d.mode != Private { // not before, as it may not let the file be opened again
		if err := d.Chmod(d.mode); err != nil {
			return errors.Join(err, d.Abort())
		}
	}
	if err := d.Sync(); err != nil {
		return errors.Join(err, d.Abort())
	}
	d.ended = true
	err := d.Close()
	if err == nil {
		err = os.Rename(d.Name(), d.path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(d.Name()))
	}
	return SyncFolder(filepath.Dir(d.path))
}

// Vacant is an error if there is a file of its name already.
func (d *Draft) Vacant() error {
	if d.direct {
		return nil
	}
	_, err := os.Lstat(d.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err == nil:
		return &fs.PathError{Op: "create", Path: d.path, Err: fs.ErrExist}
	}
	return err
}

// Abort closes the file and removes it. After Commit it does nothing.
func (d *Draft) Abort() error {
	if d.ended {
		return nil
	}
	d.ended = true
	var err error
	if !d.rests {
		err = d.Close()
	}
	if d.direct {
		return err
	}
	return errors.Join(err, os.Remove(d.Name()))
}

// Rest closes the file for a while, so that fewer are open; Resume opens it again, to be gone on with at its end.
func (d *Draft) Rest() error {
	if d.ended || d.direct || d.rests {
		return nil
	}
	d.rests = true
	return d.Close()
}

// Resume opens a file that rests.
func (d *Draft) Resume() error {
	if !d.rests {
		return nil
	}
	f, err := os.OpenFile(d.Name(), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	_ = lock(f, true)
	if removed, err := gone(f); err != nil || removed { // by another process that began the same file
		return errors.Join(&fs.PathError{Op: "resume", Path: d.Name(), Err: fs.ErrNotExist}, err, f.Close())
	}
	d.File, d.rests = f, false
	return nil
}

// SyncFolder waits until the names in a folder are on disk.
func SyncFolder(path string) error {
	if runtime.GOOS == "windows" { // which cannot, and need not
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Write makes a whole file with these bytes.
func Write(path string, mode fs.FileMode, text []byte) error {
	d, err := Create(path, mode)
	if err != nil {
		return err
	}
	if _, err := d.File.Write(text); err != nil {
		return errors.Join(err, d.Abort())
	}
	return d.Commit()
}
