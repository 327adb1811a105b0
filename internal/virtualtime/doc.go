// Package virtualtime runs a test in the virtual time of testing/synctest, also under the race detector.
//
// All timers of a synctest bubble share one thread state of the race detector, and two goroutines of the bubble that
// receive from timers on two processors write to it at once: the process then ends by SIGSEGV in
// runtime.(*timer).maybeRunChan, or by "ThreadSanitizer: CHECK failed" (https://go.dev/issue/78156, open for Go 1.26).
// gocql's connections use such timers, so a bubble with a session in it meets this every few hundred runs. On one
// processor it cannot happen; the detector still sees races there, as it goes by what happens before what and not by
// what happened at the same moment.
package virtualtime
