package main

import "time"

// tally counts rows and those that come more than once. It relies on the readings of a sensor to come in order.
type tally struct {
	rows, twice int
	last        map[int]time.Time // by sensor
}

// count is called with each row.
func (t *tally) count(r Reading) error {
	if t.last == nil {
		t.last = make(map[int]time.Time)
	}
	t.rows++
	if last, any := t.last[r.Sensor]; any && !r.At.After(last) {
		t.twice++
	} else {
		t.last[r.Sensor] = r.At
	}
	return nil
}

// different is the number of rows that came, each counted once.
func (t *tally) different() int { return t.rows - t.twice }
