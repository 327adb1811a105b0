package checkpointtest

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"testing"

	"github.com/rxcql/rxcql/source"
)

// Open makes a store of a place, as another process would that uses the same checkpoint. It fails if the place is one
// process's at a time; it then is free when the store has been closed, that is, has a Close method that was called.
type Open func() (source.Checkpoint, error)

// Run checks the stores of a place. place makes an empty place, a new one each time.
func Run(t *testing.T, place func(t *testing.T) Open) {
	for _, c := range []struct {
		name string
		test func(u *user)
	}{
		{"an empty place has no checkpoint", empty},
		{"what was saved is loaded, and each range takes the place of its former self", merges},
		{"values at their bounds are kept", extremes},
		{"any changes, loaded by whoever comes next", anyChanges},
		{"when the context has ended nothing is half saved", canceled},
		{"whoever loads fences the others off", fences},
		{"a run is fenced off by another with the same store", generations},
		{"of several at once one is left", races},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(&user{T: t, open: place(t)}) })
	}
}

// user uses one place.
type user struct {
	*testing.T
	open  Open
	store source.Checkpoint

	generation uint64 // of the last Load
}

// load ends the use of the store, if there is one, as the end of a process does, and loads by another.
func (u *user) load() source.Saved {
	u.Helper()
	u.close(u.store)
	u.store = u.opened()
	saved, err := u.store.Load(u.Context())
	if err != nil {
		u.Fatalf("Load: %v", err)
	}
	u.generation = saved.Generation
	return saved
}

func (u *user) opened() source.Checkpoint {
	u.Helper()
	store, err := u.open()
	if err != nil {
		u.Fatalf("opening the store: %v", err)
	}
	u.Cleanup(func() { u.close(store) })
	return store
}

// close may be called again.
func (u *user) close(store source.Checkpoint) {
	if c, ok := store.(io.Closer); ok {
		if err := c.Close(); err != nil {
			u.Errorf("Close: %v", err)
		}
	}
}

func (u *user) save(changes source.Saved) {
	u.Helper()
	if err := u.store.Save(u.Context(), u.changes(changes)); err != nil {
		u.Fatalf("Save: %v", err)
	}
}

// changes are changes of the run that loaded last.
func (u *user) changes(s source.Saved) source.Saved {
	s.Generation = u.generation
	return s
}

// expect compares what the next process loads.
func (u *user) expect(want model) {
	u.Helper()
	if got := modelOf(u.T, u.load()); !reflect.DeepEqual(got, want) {
		u.Fatalf("loaded:\n%v\nshould be:\n%v", got, want)
	}
}

// model is what a checkpoint should hold.
type model struct {
	job    string
	ranges map[int64]kept
}

type kept struct {
	end    int64
	cursor string
	done   bool
}

func modelOf(t *testing.T, saved source.Saved) model {
	t.Helper()
	m := model{ranges: map[int64]kept{}}
	m.apply(saved)
	if len(m.ranges) != len(saved.Ranges) {
		t.Fatalf("ranges with the same Start were loaded: %v", saved.Ranges)
	}
	return m
}

func (m *model) apply(changes source.Saved) {
	m.job = string(changes.Job)
	for _, r := range changes.Ranges {
		m.ranges[r.Start] = kept{r.End, string(r.Cursor), r.Done}
	}
}

// fenced tells whether an error is the one for who was taken over.
func fenced(err error) bool { return errors.Is(err, source.ErrFenced) }

func saved(job string, ranges ...source.SavedRange) source.Saved {
	return source.Saved{Job: []byte(job), Ranges: ranges}
}

func begun(start, end int64, cursor string) source.SavedRange {
	return source.SavedRange{Range: source.Range{Start: start, End: end, Cursor: []byte(cursor)}}
}

func done(start, end int64) source.SavedRange {
	return source.SavedRange{Range: source.Range{Start: start, End: end}, Done: true}
}

// blob is a cursor of n bytes, of all values.
func blob(n int) string {
	b := bytes.Repeat([]byte{0}, n)
	for i := range b {
		b[i] = byte(255 - i)
	}
	return string(b)
}
