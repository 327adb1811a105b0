package files

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// ErrLocked is what Lock fails with while another process has the file.
var ErrLocked = errors.New("it is in use")

// Lock is a file that this process has for itself, until Unlock or its end, in whatever way.
type Lock struct{ file *os.File }

// NewLock locks the file at a path, which is made if need be and stays, empty but for the process that has it. Where the
// system has no flock (Windows, Solaris) nothing keeps others away.
func NewLock(path string) (*Lock, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, Private)
	if err != nil {
		return nil, err
	}
	if err := lock(file, false); err != nil {
		if errors.Is(err, ErrLocked) {
			err = fmt.Errorf("%s: %w%s: wait until that has ended, or stop it", path, err, owner(file))
		}
		return nil, errors.Join(err, file.Close())
	}
	l := &Lock{file}
	if err := errors.Join(file.Truncate(0), l.sign()); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return l, nil
}

// sign says which process has the file.
func (l *Lock) sign() error {
	_, err := l.file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

// owner tells which process has signed a file.
func owner(file *os.File) string {
	text, err := io.ReadAll(io.LimitReader(file, 32))
	pid, bad := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || bad != nil {
		return ""
	}
	return fmt.Sprintf(" by process %d", pid)
}

// Unlock lets others have the file.
func (l *Lock) Unlock() error { return l.file.Close() }
