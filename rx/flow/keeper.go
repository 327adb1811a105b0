package flow

import (
	"cmp"
	"slices"
	"sync"

	"github.com/rxcql/rxcql/internal/stage"
)

// keeper keeps the runs of a Monitor. It is what stages see of it.
type keeper struct {
	options Options
	ticker  stage.Ticker
	teller  teller

	mu      sync.Mutex // for a moment when a run begins or ends, or somebody looks; never for an item
	last    uint64     // id
	running map[*stage.Run]*record
	ended   recent
	failed  recent
	totals  map[string]*totals
}

// record is a run of a keeper. It does not change, but for what it remembers.
type record struct {
	id      uint64
	run     *stage.Run
	past    *history
	ended   *measurement // what it was at its end; nil before
	failure *failure     // if it has failed
}

func (k *keeper) Ticker() *stage.Ticker { return &k.ticker }

func (k *keeper) Begin(r *stage.Run) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.last++
	k.running[r] = &record{id: k.last, run: r, past: &history{}}
}

func (k *keeper) End(r *stage.Run) {
	m := measure(r, r.End)
	all := m.totals()
	name, _ := r.Name()
	k.mu.Lock()
	defer k.mu.Unlock()
	was := k.running[r]
	was.past.end(all)
	at := &record{id: was.id, run: r, past: was.past, ended: m}
	if r.Err != nil {
		at.failure, r.Err = &failure{err: r.Err}, nil
	}
	delete(k.running, r)
	k.total(name).end(r.State, all)
	if r.State == stage.Failed {
		k.failed.add(at)
	} else {
		k.ended.add(at)
	}
}

// recent are the last records, the oldest one at next when there are as many as there may be.
type recent struct {
	limit   int
	records []*record
	next    int
}

func (r *recent) add(at *record) {
	switch {
	case r.limit == 0:
	case len(r.records) < r.limit:
		r.records = append(r.records, at)
	default:
		r.records[r.next] = at
		r.next = (r.next + 1) % r.limit
	}
}

// look gives the runs that are under way, the first one first, those that have ended, the last one first, and the totals
// of the latter, which are there for those of the former, too.
func (k *keeper) look() (running, ended []*record, all map[string]*totals) {
	k.mu.Lock()
	for _, at := range k.running {
		running = append(running, at)
		if name, known := at.run.Name(); known {
			k.total(name)
		}
	}
	ended = slices.Concat(k.ended.records, k.failed.records)
	all = k.pipelines()
	k.mu.Unlock()
	slices.SortFunc(running, func(a, b *record) int { return cmp.Compare(a.id, b.id) })
	slices.SortFunc(ended, func(a, b *record) int { return cmp.Or(b.run.Ended.Compare(a.run.Ended), cmp.Compare(b.id, a.id)) })
	return running, ended, all
}
