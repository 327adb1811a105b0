package files

import (
	"errors"
	"io"
	"os"
	"path/filepath"
)

// AppendLine writes a line, which ends in one line feed, behind those that a file has, and waits until it is on disk; see
// [OpenLines].
func AppendLine(path string, line []byte) (err error) {
	f, err := OpenLines(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.Write(line); err != nil { // as a whole
		return err
	}
	return f.Sync()
}

// OpenLines opens a file of lines to write others behind them, each by one Write. The file is made if it is not there, for
// its owner only. Several may append to one file. If the last line was cut off, since whoever wrote it was killed, it is
// ended first.
func OpenLines(path string) (_ *os.File, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_RDWR, Private)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close())
		}
	}()
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, err
	}
	if size == 0 {
		return f, SyncFolder(filepath.Dir(path))
	}
	last := make([]byte, 1)
	if _, err := f.ReadAt(last, size-1); err != nil {
		return nil, err
	}
	if last[0] != '\n' {
		if _, err := f.Write([]byte{'\n'}); err != nil {
			return nil, err
		}
	}
	return f, nil
}
