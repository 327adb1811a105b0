package files

import (
	"errors"
	"io"
	"os"
	"path/filepath"
)

// AppendLine writes a line, which ends in one line feed, behind those that a file has, and waits until it is on disk. The
// file is made if it is not there, for its owner only. Several may append to one file. If the last line was cut off, since
// whoever wrote it was killed, it is ended first.
func AppendLine(path string, line []byte) (err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_RDWR, Private)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if size > 0 {
		last := make([]byte, 1)
		if _, err := f.ReadAt(last, size-1); err != nil {
			return err
		}
		if last[0] != '\n' {
			line = append([]byte{'\n'}, line...)
		}
	}
	if _, err := f.Write(line); err != nil { // as a whole
		return err
	}
	if err := f.Sync(); err != nil || size > 0 {
		return err
	}
	return SyncFolder(filepath.Dir(path))
}
