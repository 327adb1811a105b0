package stage

import "time"

// Meter tells apart what a goroutine does on the two sides of a yield. It is used on one goroutine.
//
// To look at the clock twice for an item takes longer than most stages do. So a meter does that only as long as items come
// slowly. Of fast ones it looks when its [Ticker] has ticked since it last did, and counts all the time since then for the
// side that is just being left: a side is found in the act in proportion to the time that it takes, as by a profiler that
// samples, so on the whole, and within a fraction of a second, that is right; and one that takes longer than a tick, such
// as the wait for a page, is always found, which is why it is not every so-manieth item that is timed.
type Meter struct {
	ticker *Ticker
	seen   int64 // ticks, when it last looked at the clock
	items  int64

	stage   *Stage
	of      *Probe
	told    int64         // of items
	last    time.Duration // when it last looked, and
	phase   Phase         // what was begun then
	since   time.Duration // when it began to watch how fast items come, and
	from    int64         // at which
	counted bool          // among the ticker's users
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
	*m = Meter{ticker: &still, seen: unseen, stage: p.stage, of: p, last: now, since: now}
	m.stage.mu.Lock()
	m.stage.spans[Up].begin(now)
	m.stage.mu.Unlock()
	return m
}

// Enter is called before an item is yielded.
func (m *Meter) Enter() {
	m.items++
	if m.ticker.ticks.Load() != m.seen {
		m.turn(Up, Down)
	}
}

// Leave is called when yield has returned.
func (m *Meter) Leave() {
	if m.ticker.ticks.Load() != m.seen {
		m.turn(Down, Up)
	}
}

// turn notes that one side was left for the other.
func (m *Meter) turn(from, to Phase) {
	now := Now()
	took := now - m.last
	if m.ticker == &still {
		if n := m.items - m.from; n >= watched && from == Up {
			if now-m.since < time.Duration(n)*fast {
				m.byTicks()
			}
			m.since, m.from = now, m.items
		}
	} else {
		m.ticker.notice()
		m.seen = m.ticker.ticks.Load()
		if took >= pause {
			m.ticker, m.seen = &still, unseen
			m.since, m.from = now, m.items
		}
	}
	if m.ticker != &still {
		to = Either
	}
	s := m.stage
	s.mu.Lock()
	s.spans[m.phase].end(m.last)
	s.spans[from].done += took
	s.spans[to].begin(now)
	s.out += m.items - m.told
	s.mu.Unlock()
	m.told, m.last, m.phase = m.items, now, to
}

// byTicks has the meter look at the clock when its ticker ticks.
func (m *Meter) byTicks() {
	m.ticker = m.of.host.Ticker()
	if !m.counted {
		m.counted = true
		m.ticker.use()
	}
	m.seen = m.ticker.ticks.Load()
}

// End notes the end of the run: upstream has returned, or else something passes through that began on either side.
func (m *Meter) End(returned bool) {
	now := Now()
	phase := m.phase
	if returned {
		phase = Up
	}
	s := m.stage
	s.mu.Lock()
	s.spans[m.phase].end(m.last)
	s.spans[phase].done += now - m.last
	s.out += m.items - m.told
	s.mu.Unlock()
	if m.counted {
		m.of.host.Ticker().leave()
	}
}
