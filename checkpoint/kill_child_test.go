package checkpoint_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/gocql/gocql"

	"github.com/rxcql/rxcql/checkpoint"
	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/source"
)

const (
	ordersEnv = "RXCQL_CHECKPOINT_CHILD"

	cellsInPage = 5
	parallel    = 4
	readAhead   = 1
	pagesAtOnce = 3
)

// orders are what a child process is to do: the test's job, a scan of lab.cells that writes what it gets to a file.
type orders struct {
	Port   int
	File   string // the checkpoint; if empty it is in lab.checkpoints, under Job
	Job    string
	Sink   string
	Splits int
	Stop   string // the place where to wait to be killed
	Nth    int    // time that it comes there
	Fail   int    // the page at which the sink fails; 0: none
	Single bool   // save one range at a time, as a store may that does not save all at once
	Loop   bool   // instead of all that, save and save
}

type cell struct{ P, N int }

// child is the whole of a process that may be killed.
func child(text string) {
	var o orders
	err := json.Unmarshal([]byte(text), &o)
	switch {
	case err != nil:
	case o.Loop:
		err = o.saveAndSave()
	default:
		err = o.run()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func (o orders) run() error {
	config := gocql.NewCluster("127.0.0.1")
	config.Port, config.ProtoVersion, config.NumConns, config.WriteCoalesceWaitTime = o.Port, 4, 1, 0
	session, err := cql.Connect(context.Background(), config)
	if err != nil {
		return err
	}
	defer session.Close()
	var store source.Checkpoint = checkpoint.Table(session, "lab.checkpoints", o.Job)
	if o.File != "" {
		file, err := checkpoint.File(o.File)
		if err != nil {
			return err
		}
		defer file.Close()
		store = file
	}
	out, err := os.OpenFile(o.Sink, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer out.Close()
	w := &watched{Checkpoint: store, orders: o, passed: make(map[string]int)}
	pages := 0
	var mu sync.Mutex
	return source.Table[cell](session, "lab.cells").PageSize(cellsInPage).SplitInto(o.Splits).Parallel(parallel).ReadAhead(readAhead).
		Resume(w).Each(context.Background(), pagesAtOnce, func(_ context.Context, page source.TablePage[cell]) error {
		var lines strings.Builder
		for _, c := range page.Rows {
			fmt.Fprintf(&lines, "%d %d\n", c.P, c.N)
		}
		if _, err := fmt.Fprintln(out, lines.String()+"."); err != nil {
			return err
		}
		if err := out.Sync(); err != nil {
			return err
		}
		w.pass("written, not acknowledged")
		mu.Lock()
		defer mu.Unlock()
		if pages++; pages == o.Fail {
			w.over.Store(true)
			return errors.New("the sink fails, as it was told to")
		}
		return nil
	})
}

// watched is a checkpoint in a process that is to be killed at some place.
type watched struct {
	source.Checkpoint
	orders orders
	over   atomic.Bool // the sink has failed

	mu     sync.Mutex
	passed map[string]int
}

func (w *watched) Load(ctx context.Context) (source.Saved, error) {
	w.pass("before loading")
	saved, err := w.Checkpoint.Load(ctx)
	w.pass("after loading")
	return saved, err
}

func (w *watched) Save(ctx context.Context, changes source.Saved) error {
	over := w.over.Load()
	w.pass("before saving")
	steps := []source.Saved{changes}
	if w.orders.Single {
		steps = nil
		for _, r := range changes.Ranges {
			steps = append(steps, source.Saved{Job: changes.Job, Ranges: []source.SavedRange{r}, Generation: changes.Generation})
		}
	}
	for _, step := range steps {
		if err := w.Checkpoint.Save(ctx, step); err != nil {
			return err
		}
		w.pass("between ranges")
	}
	w.pass("after saving")
	if over {
		w.pass("after the last save")
	}
	return nil
}

// pass tells the parent that the place was reached, and waits for the end, if it is the one to be killed at.
func (w *watched) pass(place string) {
	w.mu.Lock()
	w.passed[place]++
	stop := place == w.orders.Stop && w.passed[place] == w.orders.Nth
	w.mu.Unlock()
	if stop {
		fmt.Fprintln(os.NewFile(3, "parent"), place)
		select {}
	}
}

// saveAndSave saves 1, 2, 3 and so on, each in many ranges, and writes each number that it has saved to the sink.
func (o orders) saveAndSave() error {
	store, err := checkpoint.File(o.File)
	if err != nil {
		return err
	}
	out, err := os.OpenFile(o.Sink, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	saved, err := store.Load(context.Background())
	if err != nil {
		return err
	}
	for n := numberOf(saved) + 1; ; n++ {
		if err := store.Save(context.Background(), numbered(n)); err != nil {
			return err
		}
		if _, err := fmt.Fprintln(out, n); err != nil {
			return err
		}
	}
}

func numbered(n int64) source.Saved {
	changes := source.Saved{Job: job, Generation: 1}
	for i := range int64(200) {
		changes.Ranges = append(changes.Ranges, source.SavedRange{Range: source.Range{Start: -i, End: n}, Done: true})
	}
	return changes
}

// numberOf gives the number, 0 if there is none, -1 if there are several.
func numberOf(saved source.Saved) int64 {
	if len(saved.Ranges) == 0 {
		return 0
	}
	for _, r := range saved.Ranges {
		if r.End != saved.Ranges[0].End {
			return -1
		}
	}
	return saved.Ranges[0].End
}
