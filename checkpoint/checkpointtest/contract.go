package checkpointtest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/rxcql/rxcql/source"
)

func empty(u *user) {
	for range 2 {
		if got := u.load(); len(got.Job) != 0 || len(got.Ranges) != 0 {
			u.Fatalf("loaded %+v; Job and Ranges must be empty", got)
		}
	}
}

func merges(u *user) {
	want := model{ranges: map[int64]kept{}}
	u.load()
	for _, changes := range []source.Saved{
		saved("job"),
		saved("job", begun(10, 20, "a"), begun(-5, 10, "b")),
		saved("job", begun(10, 20, "a longer one"), done(20, 30)),
		saved("job", begun(10, 15, "a"), begun(15, 20, "c")), // halved
		saved("job", done(10, 15), done(-5, 10)),
		saved("job", done(10, 15)),
	} {
		u.save(changes)
		want.apply(changes)
		got, err := u.store.Load(u.Context())
		if err != nil {
			u.Fatalf("Load again: %v", err)
		}
		u.generation = got.Generation
		if got := modelOf(u.T, got); !reflect.DeepEqual(got, want) {
			u.Fatalf("loaded again:\n%v\nshould be:\n%v", got, want)
		}
	}
	u.expect(want)
	u.expect(want)
}

func extremes(u *user) {
	changes := saved(`{"statement":"é \" '' \u0000 €"}`,
		begun(math.MinInt64, math.MinInt64+1, blob(1)),
		begun(math.MinInt64+1, -1, blob(100_000)),
		done(-1, 0),
		begun(0, 1, "\x00"),
		begun(1, math.MaxInt64, blob(256)))
	want := model{ranges: map[int64]kept{}}
	want.apply(changes)
	u.load()
	u.save(changes)
	u.expect(want)

	whole := saved("j", done(math.MinInt64, math.MaxInt64))
	want.apply(whole)
	u.save(whole)
	u.expect(want)
}

func anyChanges(u *user) {
	r := rand.New(rand.NewPCG(1, 2))
	want := model{ranges: map[int64]kept{}}
	u.load()
	for range 20 {
		changes := saved("job")
		for range r.IntN(6) {
			changes.Ranges = append(changes.Ranges, source.SavedRange{
				Range: source.Range{Start: r.Int64N(8) - 4, End: 4 + r.Int64N(8), Cursor: []byte(blob(r.IntN(40)))}, Done: r.IntN(2) == 0,
			})
		}
		u.save(changes)
		want.apply(changes)
		if r.IntN(4) == 0 {
			u.expect(want)
		}
	}
	u.expect(want)
}

// canceled checks that a Save cut short has saved the first so many of its ranges, and that what comes after it is as
// if it had ended in that way before.
func canceled(u *user) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	before := saved("job", begun(0, 10, "a"), begun(5, 10, "aa"), begun(10, 20, "b"), begun(20, 30, "c"), begun(30, 40, "d"))
	changes := saved("job", begun(0, 5, "A"), begun(5, 8, "AA"), done(10, 20), done(20, 30), done(30, 40))
	last := saved("job", begun(20, 30, "C"))
	endings := make([]model, len(changes.Ranges)+1)
	for i := range endings {
		endings[i] = model{ranges: map[int64]kept{}}
		endings[i].apply(before)
		endings[i].apply(saved("job", changes.Ranges[:i]...))
	}

	u.load()
	u.save(before)
	if err := u.store.Save(ctx, u.changes(changes)); !errors.Is(err, context.Canceled) {
		u.Fatalf("Save under a cancelled context: %v; should be %v", err, context.Canceled)
	}
	u.expect(endings[0])
	if _, err := u.store.Load(ctx); !errors.Is(err, context.Canceled) {
		u.Fatalf("Load under a cancelled context: %v; should be %v", err, context.Canceled)
	}
	u.load()
	for i := range 16 {
		u.save(before)
		ctx, cancel := context.WithTimeout(context.Background(), time.Duration(i*i)*50*time.Microsecond)
		failure := u.store.Save(ctx, u.changes(changes))
		cancel()
		goesOn := i%2 == 0 // by the same store
		if goesOn {
			u.save(last)
		}
		got := modelOf(u.T, u.load())
		n := slices.IndexFunc(endings, func(m model) bool {
			if goesOn {
				m.ranges = maps.Clone(m.ranges)
				m.apply(last)
			}
			return reflect.DeepEqual(m, got)
		})
		if n < 0 || failure == nil && n < 4 {
			u.Fatalf("after a Save that ended with %v was loaded:\n%v\nshould be the first so many of:\n%v", failure, got, changes)
		}
	}
}

// fences checks that a store that was taken over saves no more.
func fences(u *user) {
	u.load()
	first := saved("job", begun(0, 10, "a"))
	want := model{ranges: map[int64]kept{}}
	u.save(first)
	want.apply(first)

	other, err := u.open()
	if err != nil {
		return // there is one at a time
	}
	u.Cleanup(func() { u.close(other) })
	u.save(first) // that another is there is nothing yet
	got, err := other.Load(u.Context())
	if err != nil {
		u.Fatalf("Load by another: %v", err)
	}
	if got := modelOf(u.T, got); !reflect.DeepEqual(got, want) {
		u.Fatalf("another loaded:\n%v\nshould be:\n%v", got, want)
	}
	for range 2 {
		if err := u.store.Save(u.Context(), u.changes(saved("job", done(0, 10)))); !fenced(err) {
			u.Fatalf("Save after another has loaded: %v; should be source.ErrFenced", err)
		}
	}
	second := saved("job", begun(0, 10, "b"), begun(20, 30, "c"))
	second.Generation = got.Generation
	if err := other.Save(u.Context(), second); err != nil {
		u.Fatalf("Save by another: %v", err)
	}
	want.apply(second)
	if err := u.store.Save(u.Context(), u.changes(saved("job", done(20, 30)))); !fenced(err) {
		u.Fatalf("Save after another has saved: %v; should be source.ErrFenced", err)
	}
	u.expect(want)
}

// generations checks that of two runs with the same store the second takes over.
func generations(u *user) {
	u.load()
	u.save(saved("job", begun(0, 10, "a")))
	second, err := u.store.Load(u.Context())
	if err != nil {
		u.Fatalf("Load again: %v", err)
	}
	if second.Generation <= u.generation {
		u.Fatalf("Load gave generation %d after %d; it must be higher", second.Generation, u.generation)
	}
	if err := u.store.Save(u.Context(), u.changes(saved("job", done(0, 10)))); !fenced(err) {
		u.Fatalf("Save of the run before the last Load: %v; should be source.ErrFenced", err)
	}
	u.generation = second.Generation
	u.save(saved("job", begun(0, 10, "b")))
	want := model{ranges: map[int64]kept{}}
	want.apply(saved("job", begun(0, 10, "b")))
	u.expect(want)
}

// races has several stores load and save at the same time. Each saves ever higher numbers into all of three ranges, so
// what is there in the end must be of the last that was not fenced off, after what that had loaded.
func races(u *user) {
	const stores = 4
	type outcome struct {
		opened, survived bool
		err              error
		loaded, last     int64
	}
	outcomes := make([]outcome, stores)
	opened := make([]source.Checkpoint, stores)
	var wg sync.WaitGroup
	for i := range opened {
		wg.Go(func() {
			if store, err := u.open(); err == nil { // else there is one at a time
				opened[i], outcomes[i].opened = store, true
				u.Cleanup(func() { u.close(store) })
			}
		})
	}
	wg.Wait()
	for i, store := range opened {
		if store != nil {
			wg.Go(func() {
				o := &outcomes[i]
				got, err := store.Load(u.Context())
				if err != nil {
					o.err = err
					return
				}
				for _, r := range got.Ranges {
					o.loaded = max(o.loaded, r.End)
				}
				o.last = o.loaded
				for range 10 {
					next := o.last + 1
					changes := saved(fmt.Sprint(i), done(-3, next), done(-2, next), done(-1, next))
					changes.Generation = got.Generation
					if o.err = store.Save(u.Context(), changes); o.err != nil {
						return
					}
					o.last = next
				}
				o.survived = true
			})
		}
	}
	wg.Wait()
	for _, store := range opened {
		if store != nil {
			u.close(store)
		}
	}
	survivors := 0
	got := u.load()
	for i, o := range outcomes {
		switch {
		case !o.opened:
		case o.err != nil && !fenced(o.err):
			u.Errorf("store %d: %v", i, o.err)
		case o.survived:
			survivors++
		}
	}
	if survivors == 0 {
		u.Fatalf("none was left: %+v; the last to load should have saved all", outcomes)
	}
	last := slices.MaxFunc(outcomes, func(a, b outcome) int { return int(a.last - b.last) })
	if !last.survived || len(got.Ranges) != 3 {
		u.Fatalf("loaded %+v after %+v", got, outcomes)
	}
	for _, r := range got.Ranges {
		if r.End != last.last {
			u.Fatalf("loaded %+v after %+v; all should be at %d", got, outcomes, last.last)
		}
	}
}
