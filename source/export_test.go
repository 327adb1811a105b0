package source

import "testing"

// BoundCuts sets how often the ranges of a scan may be cut without rows, until the test ends.
func BoundCuts(t testing.TB, n int64) {
	was := mostIdleCuts
	mostIdleCuts = n
	t.Cleanup(func() { mostIdleCuts = was })
}
