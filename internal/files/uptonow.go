package files

import (
	"io"
	"os"
)

// UpToNow reads a file, if it is a regular one, up to the size that it has now: not what is appended while it is read.
func UpToNow(f *os.File) (io.Reader, error) {
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return f, err
	}
	return io.LimitReader(f, info.Size()), nil
}

// IsSame tells whether what has the path now is the file that info is of.
func IsSame(path string, info os.FileInfo) bool {
	if info == nil {
		return false
	}
	now, err := os.Stat(path)
	return err == nil && os.SameFile(now, info)
}
