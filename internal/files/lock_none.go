//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package files

import "os"

// lock does nothing here.
func lock(*os.File, bool) error { return nil }

// locks tells whether files can be locked.
const locks = false
