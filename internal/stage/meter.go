package stage

import (
	"sync/atomic"
	"time"
)

// Meter tells apart what a goroutine does on the two sides of a yield. It is used on one goroutine.
//
// To look at the clock twice for an item takes longer than most stages do. So a meter does that only as long as items come
// slowly. Of fast ones it looks when its [Ticker] has ticked since it last did, and counts all the time since then for the
// side that is just being left: a side is found in the act in proportion to the time that it takes, as by a profiler that
// samples, so on the whole, and within a fraction of a second, that is right; and one that takes longer than a tick, such
// as the wait for a page, is always found, which is why it is not every so-manieth item that is timed.
//
// Whoever reads the stage sees, of each item, on which side of it the goroutine is: once a tick has come that it has not
// noticed, it has been there since, and the time is counted without waiting for the goroutine, which may be stuck.
type Meter struct {
	// What is looked at for each item: two functions that the compiler puts where they are called.
	ticks *atomic.Int64 // of its ticker, and
	seen  int64         // how many there were when it last looked at the clock
	at    uint          // how many items, doubled, and 1 on the way down: of as many bits as are stored at once

	ticker  *Ticker
	of      *Probe
	turned  time.Duration // when it last looked
	since   time.Duration // when it began to watch how fast items come, and
	from    uint          // at which
	counted bool          // among the ticker's users

	// Of its stage, whose mu is held.
	place int           // among the meters
	told  uint          // items, at some moment
	last  time.Duration // up to when the time is counted, and
	phase Phase         // what goes on since, as
	by    *Ticker       // has
	tick  int64         // ticked
}

const (
	watched = 32                    // items that are timed one by one before the meter thinks about it
	fast    = 20 * time.Microsecond // an item, is when it changes to ticks
	pause   = 5 * time.Millisecond  // is when it changes back
	unseen  = -1                    // is never the number of ticks
)

// Meter gives the stage's meter, which begins upstream of its yield.
func (p *Probe) Meter() *Meter {
	now := Now()
	m := &p.meter
	if p.metered.Swap(true) { // its sink runs several streams
		m = &Meter{}
	}
	*m = Meter{ticker: &still, ticks: &still.ticks, seen: unseen, of: p, turned: now, since: now, last: now, phase: Up}
	p.stage.meter(m)
	return m
}

// Enter is called before an item is yielded that counts as n.
//
// The place where the goroutine is, is stored plainly, though others read it meanwhile: an atomic store takes several times
// as long as all else that a meter does for an item. Words are stored at once, and one that is not seen yet only has a
// reader be late by an item.
func (m *Meter) Enter(n int) {
	if m.ticks.Load() != m.seen {
		m.turn()
	}
	m.at += uint(n)<<1 + 1
}

// Leave is called when yield has returned.
func (m *Meter) Leave() {
	if m.ticks.Load() != m.seen {
		m.turn()
	}
	m.at--
}

// items is how many there were, on the meter's goroutine.
func (m *Meter) items() uint { return m.at >> 1 }

// marked is what another goroutine sees of where this one is: items since told, and the side. What it reads may be stored
// at the same moment.
//
//go:norace
func (m *Meter) marked() (items int64, side Phase) {
	at := m.at
	side = Up
	if at&1 == 1 {
		side = Down
	}
	return int64((at>>1 - m.told) & (^uint(0) >> 1)), side
}

// turn notes that the side is about to be left for the other.
func (m *Meter) turn() {
	from, to := Up, Down
	if m.at&1 == 1 {
		from, to = Down, Up
	}
	now := Now()
	took := now - m.turned
	m.turned = now
	if m.ticker == &still {
		if n := m.items() - m.from; n >= watched && from == Up {
			if now-m.since < time.Duration(n)*fast {
				m.byTicks()
			}
			m.since, m.from = now, m.items()
		}
	} else {
		m.ticker.notice()
		m.seen = m.ticks.Load()
		if took >= pause {
			m.ticker, m.ticks, m.seen = &still, &still.ticks, unseen
			m.since, m.from = now, m.items()
		}
	}
	if m.ticker != &still {
		to = Either
	}
	s := m.of.stage
	s.mu.Lock()
	m.count(from, now)
	m.told, m.phase, m.by, m.tick = m.items(), to, m.ticker, m.seen
	s.mu.Unlock()
}

// byTicks has the meter look at the clock when its ticker ticks, which it soon does.
func (m *Meter) byTicks() {
	m.ticker = m.of.host.Ticker()
	m.ticks = &m.ticker.ticks
	if !m.counted {
		m.counted = true
		m.ticker.use()
	} else {
		m.ticker.notice()
	}
	m.seen = m.ticks.Load()
}

// count counts the time up to now, for a side. The stage's mu is held.
func (m *Meter) count(side Phase, now time.Duration) {
	if now > m.last {
		m.of.stage.spans[side].done += now - m.last
		m.last = now
	}
}

// read counts what another goroutine than the meter's knows of it, and gives the items since told, and the time since last
// of which nothing is known. The stage's mu is held.
func (m *Meter) read(now time.Duration) (items int64, unknown time.Duration) {
	items, side := m.marked()
	switch {
	case m.phase != Either:
		m.count(m.phase, now)
	case m.by.ticks.Load() != m.tick:
		m.count(side, now)
	default:
		unknown = max(now-m.last, 0)
	}
	return items, unknown
}

// End notes the end of the run: upstream has returned, or else something passes through that began on either side.
func (m *Meter) End(returned bool) {
	now := Now()
	s := m.of.stage
	s.mu.Lock()
	phase := m.phase
	switch {
	case returned:
		phase = Up
	case phase == Either:
		_, phase = m.marked()
	}
	m.count(phase, now)
	s.out += int64(m.items())
	s.unmeter(m)
	s.mu.Unlock()
	if m.counted {
		m.of.host.Ticker().leave()
	}
}
