//go:build !race

package sink_test

// readers is how many clients read slowly at the same time.
const readers = 1000
