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

	mu      sync.Mutex // for a moment when a run begins or ends, or somebody looks; never for an item
	last    uint64     // id
	running map[*stage.Run]*record
	ended   recent
	failed  recent
	totals  map[string]*totals
}

// record is a run of a keeper. It does not change, but for what it remembers.
type record struct {
	id    uint64
	run   *stage.Run
	error string
	past  *history // nil when it has ended
}

func (k *keeper) Ticker() *stage.Ticker { return &k.ticker }

func (k *keeper) Begin(r *stage.Run) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.last++
	k.running[r] = &record{id: k.last, run: r, past: &history{}}
	k.total(r.Name).Running++
}

func (k *keeper) End(r *stage.Run) {
	text := k.errorText(r.Err)
	r.Err = nil
	all := measure(r, r.End).totals()
	k.mu.Lock()
	defer k.mu.Unlock()
	at := &record{id: k.running[r].id, run: r, error: text}
	delete(k.running, r)
	k.total(r.Name).end(r.State, all)
	if r.State == stage.Failed {
		k.failed.add(at)
	} else {
		k.ended.add(at)
	}
}

// mostOfError is how many bytes of an error are shown.
const mostOfError = 300

// errorText gives the text of the error that a run has failed with.
func (k *keeper) errorText(err error) (text string) {
	if err == nil {
		return ""
	}
	defer func() {
		if recover() != nil { // nobody's stream is to end for that
			text = "its text cannot be told: ErrorText, or Error, panicked"
		}
	}()
	if k.options.ErrorText != nil {
		return k.options.ErrorText(err)
	}
	return cut(err.Error(), mostOfError)
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
// of the latter.
func (k *keeper) look() (running, ended []*record, all map[string]*totals) {
	k.mu.Lock()
	for _, at := range k.running {
		running = append(running, at)
	}
	ended = slices.Concat(k.ended.records, k.failed.records)
	all = k.pipelines()
	k.mu.Unlock()
	slices.SortFunc(running, func(a, b *record) int { return cmp.Compare(a.id, b.id) })
	slices.SortFunc(ended, func(a, b *record) int { return b.run.Ended.Compare(a.run.Ended) })
	return running, ended, all
}
