package virtualtime

import (
	"runtime"
	"testing"
	"testing/synctest"
)

// Test is synctest.Test; under the race detector the process has one processor until it returns. Tests that call it
// do not run in parallel.
func Test(t *testing.T, f func(*testing.T)) {
	t.Helper()
	if RaceDetector {
		processors := runtime.GOMAXPROCS(1)
		defer runtime.GOMAXPROCS(processors)
	}
	synctest.Test(t, f)
}
