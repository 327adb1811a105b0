package files

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// newTemporary makes the temporary file for one of a name. Of what there is in the folder, temporary files for the same
// name go that a process left behind as it was killed. Whoever writes one has it locked: those that nobody has are left
// behind.
func newTemporary(path string, there []fs.DirEntry) (*os.File, error) {
	folder, name := filepath.Split(path)
	begin := "." + strings.ToValidUTF8(name[:min(len(name), longestName)], "") + "."
	if locks && len(name) <= longestName { // else they may be for another name
		removeStale(folder, begin, there)
	}
	for {
		f, err := os.CreateTemp(filepath.Dir(path), begin+"*"+temporary) // with mode 0600
		if err != nil {
			return nil, err
		}
		_ = lock(f, true) // some file systems have no locks; then none can be told to be left behind, either
		if taken, err := gone(f); err != nil {
			return nil, errors.Join(err, f.Close(), os.Remove(f.Name()))
		} else if !taken {
			return f, nil
		}
		if err := f.Close(); err != nil { // somebody was faster than the lock, and took it for left behind
			return nil, err
		}
	}
}

// gone tells whether an open file has lost its name.
func gone(f *os.File) (bool, error) {
	ours, err := f.Stat()
	if err != nil {
		return false, err
	}
	there, err := os.Stat(f.Name())
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	return err == nil && !os.SameFile(ours, there), err
}

// removeStale removes what it can: what it cannot does no harm.
func removeStale(folder, begin string, there []fs.DirEntry) {
	for _, e := range there {
		middle, begins := strings.CutPrefix(e.Name(), begin)
		middle, ends := strings.CutSuffix(middle, temporary)
		if !begins || !ends || middle == "" || strings.Trim(middle, "0123456789") != "" || !e.Type().IsRegular() {
			continue
		}
		name := filepath.Join(folder, e.Name())
		f, err := os.OpenFile(name, os.O_RDWR, 0)
		if err != nil {
			continue
		}
		if lock(f, false) == nil {
			_ = os.Remove(name)
		}
		_ = f.Close()
	}
}
