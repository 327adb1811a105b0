package main

import "time"

// every tells when a time is over, again and again.
type every struct {
	period time.Duration
	since  time.Time
}

func newEvery(period time.Duration) *every { return &every{period, time.Now()} }

func (e *every) over() bool { return time.Since(e.since) >= e.period }

func (e *every) restart() { e.since = time.Now() }
