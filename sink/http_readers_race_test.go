//go:build race

package sink_test

// readers is how many clients read slowly at the same time; the race detector takes ten times as long for each.
const readers = 150
