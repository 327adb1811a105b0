//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package files

import (
	"errors"
	"os"
	"syscall"
)

// lock locks an open file until it is closed, or the process ends: ErrLocked if another open file, also of this process,
// has it, unless that is to be waited for.
func lock(file *os.File, wait bool) error {
	how := syscall.LOCK_EX
	if !wait {
		how |= syscall.LOCK_NB
	}
	for {
		err := syscall.Flock(int(file.Fd()), how)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EWOULDBLOCK):
			return ErrLocked
		case err != nil:
			return os.NewSyscallError("flock", err)
		}
		return nil
	}
}

// locks tells whether files can be locked.
const locks = true
