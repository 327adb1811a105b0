//go:build !race

package virtualtime

// RaceDetector tells whether the race detector is on, under which a test of much work may do with less.
const RaceDetector = false
