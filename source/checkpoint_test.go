package source_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/internal/virtualtime"
	"github.com/rxcql/rxcql/source"
)

// memory is a checkpoint that lives as long as its test.
type memory struct {
	mu     sync.Mutex
	saved  source.Saved
	saves  int
	before func(source.Saved) error // called with what is to be saved
}

func (m *memory) Load(context.Context) (source.Saved, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return source.Saved{Job: m.saved.Job, Ranges: slices.Clone(m.saved.Ranges)}, nil
}

func (m *memory) Save(_ context.Context, changes source.Saved) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.before != nil {
		if err := m.before(changes); err != nil {
			return err
		}
	}
	m.saves++
	m.saved.Job = changes.Job
	for _, r := range changes.Ranges {
		m.saved.Ranges = slices.DeleteFunc(m.saved.Ranges, func(s source.SavedRange) bool { return s.Start == r.Start })
		m.saved.Ranges = append(m.saved.Ranges, r)
	}
	return nil
}

// through is the checkpoint as it comes back from where it was stored.
func (m *memory) through(t *testing.T) *memory {
	text, err := json.Marshal(m.saved)
	require.NoError(t, err)
	again := &memory{}
	require.NoError(t, json.Unmarshal(text, &again.saved))
	return again
}

func TestAScanGoesOnFromItsCheckpoint(t *testing.T) {
	server, session := serve(t)
	want := spots(server, 80, 5)
	table := source.Table[spot](session, "lab.spots").PageSize(4)
	kept := &memory{}
	var rows []spot
	var mu sync.Mutex
	runs := 0
	for splits := 1; ; splits += 3 { // each run splits the rest otherwise
		kept = kept.through(t)
		pages := 0
		runs++
		err := table.SplitInto(splits).Resume(kept).Each(t.Context(), 1, func(_ context.Context, p source.TablePage[spot]) error {
			mu.Lock()
			defer mu.Unlock()
			if pages++; pages > 7 {
				return errConsumer
			}
			rows = append(rows, p.Rows...)
			return nil
		})
		if err == nil {
			break
		}
		require.Equal(t, errConsumer, err)
	}
	require.Greater(t, runs, 5)
	require.ElementsMatch(t, want, rows, "nothing lost, and nothing twice as what was dealt with was saved at the end of each run")

	kept = kept.through(t)
	server.ResetLog()
	require.NoError(t, table.Resume(kept).Each(t.Context(), 1, func(context.Context, source.TablePage[spot]) error { return errConsumer }))
	require.Zero(t, server.Pages("lab.spots"), "all is done")
}

// A run that is killed has saved what it saved last, and no more.
func TestWhatWasNotSavedComesAgainAndNothingElse(t *testing.T) {
	server, session := serve(t)
	want := spots(server, 80, 5)
	table := source.Table[spot](session, "lab.spots").PageSize(4)
	kept := &memory{before: func(source.Saved) error { return errors.New("killed") }}
	var lost, rows []spot
	err := table.Resume(kept).Each(t.Context(), 1, func(_ context.Context, p source.TablePage[spot]) error {
		if len(lost) > 40 {
			return errConsumer
		}
		lost = append(lost, p.Rows...)
		return nil
	})
	require.ErrorIs(t, err, errConsumer)
	require.ErrorContains(t, err, "killed")
	require.NoError(t, table.Resume(kept.through(t)).Each(t.Context(), 1, func(_ context.Context, p source.TablePage[spot]) error {
		rows = append(rows, p.Rows...)
		return nil
	}))
	require.ElementsMatch(t, want, rows)
}

func TestPagesThatEndInAnyOrderAreSavedAsFarAsTheyAreContiguous(t *testing.T) {
	server, session := serve(t)
	want := spots(server, 50, 4)
	table := source.Table[spot](session, "lab.spots").PageSize(5).SplitInto(1).ReadAhead(3)
	kept := &memory{}
	var mu sync.Mutex
	var dealt []spot
	n := 0
	err := table.Resume(kept).Each(t.Context(), 4, func(_ context.Context, p source.TablePage[spot]) error {
		mu.Lock()
		defer mu.Unlock()
		switch n++; n {
		case 6: // never dealt with, while as many others are as may be
			mu.Unlock()
			time.Sleep(50 * time.Millisecond)
			mu.Lock()
			return errConsumer
		}
		dealt = append(dealt, p.Rows...)
		return nil
	})
	require.Equal(t, errConsumer, err)
	var rest []spot
	require.NoError(t, table.Resume(kept.through(t)).Each(t.Context(), 1, func(_ context.Context, p source.TablePage[spot]) error {
		rest = append(rest, p.Rows...)
		return nil
	}))
	all := slices.Concat(dealt, rest)
	require.Subset(t, all, want, "nothing is lost")
	// Four pages may be held at a time, so at most three of those behind the one that waits were dealt with.
	require.LessOrEqual(t, len(all), len(want)+3*5)
}

func TestHalvedRangesAreResumed(t *testing.T) {
	server, session := serve(t)
	want := spots(server, 100, 4)
	bad := tokenOf(t, session, 17)
	fault := server.Inject(cqltest.Fault{
		Match: onSpots(func(r cqltest.Request) bool { s, e := rangeOf(r); return s < bad && bad <= e }),
		Err:   cqltest.ReadFailure(0, 1, 1, false),
	})
	table := source.Table[spot](session, "lab.spots").PageSize(5).SplitInto(4).Retry(impatient)
	kept := &memory{}
	var rows []spot
	take := func(_ context.Context, p source.TablePage[spot]) error {
		rows = append(rows, p.Rows...)
		return nil
	}
	var failed *source.ScanError
	require.ErrorAs(t, table.Resume(kept).Each(t.Context(), 1, take), &failed)
	require.Less(t, len(rows), len(want))
	require.ErrorAs(t, table.Resume(kept.through(t)).Each(t.Context(), 1, take), &failed)
	fault.Remove()
	require.NoError(t, table.Resume(kept.through(t)).Each(t.Context(), 1, take))
	require.ElementsMatch(t, want, rows)
}

func TestACheckpointIsForItsScanOnly(t *testing.T) {
	server, session := serve(t)
	spots(server, 20, 4)
	table := source.Table[spot](session, "lab.spots").PageSize(5).Where("n >= ?", 1)
	kept := &memory{}
	stop := func(context.Context, source.TablePage[spot]) error { return nil }
	require.NoError(t, table.Resume(kept).Each(t.Context(), 1, stop))
	ranges, err := table.Splits(t.Context())
	require.NoError(t, err)
	for what, other := range map[string]source.Scan[spot]{
		"columns":   table.Columns("a", "b", "n").Lenient(),
		"statement": table.Where("n > ?", 1),
		"arguments": table.Where("n >= ?", 2),
		"ranges":    table.Ranges(ranges[1:]...),
	} {
		err := other.Resume(kept.through(t)).Each(t.Context(), 1, stop)
		require.ErrorIs(t, err, source.ErrOtherJob, what)
		require.ErrorContains(t, err, "\""+what+"\" is ")
	}
	server.MustExec("ALTER TABLE lab.spots ADD more text")
	require.NoError(t, table.Resume(kept.through(t)).Each(t.Context(), 1, stop), "what is not read may change")
	server.MustExec("DROP TABLE lab.spots")
	spots(server, 20, 4)
	err = table.Resume(kept.through(t)).Each(t.Context(), 1, stop)
	require.ErrorIs(t, err, source.ErrOtherJob)
	require.ErrorContains(t, err, "table_id")

	damaged := kept.through(t)
	damaged.saved.Job = []byte("{")
	require.ErrorIs(t, table.Resume(damaged).Each(t.Context(), 1, stop), source.ErrOtherJob)

	_, err = table.Resume(kept).Rows().First(t.Context())
	require.ErrorContains(t, err, "Each")
	_, err = table.Resume(kept).Pages().First(t.Context())
	require.ErrorContains(t, err, "Each")
}

func TestADamagedCheckpointIsRefused(t *testing.T) {
	server, session := serve(t)
	spots(server, 60, 4)
	table := source.Table[spot](session, "lab.spots").PageSize(5).SplitInto(3)
	kept := &memory{}
	n := 0
	err := table.Resume(kept).Each(t.Context(), 1, func(context.Context, source.TablePage[spot]) error {
		if n++; n > 5 {
			return errConsumer
		}
		return nil
	})
	require.Equal(t, errConsumer, err)
	require.NotEmpty(t, kept.saved.Ranges)
	overlapping := kept.through(t)
	first := overlapping.saved.Ranges[0]
	first.Start++
	overlapping.saved.Ranges = append(overlapping.saved.Ranges, first)
	err = table.Resume(overlapping).Each(t.Context(), 1, nil)
	require.Error(t, err)
	cut := kept.through(t)
	for i := range cut.saved.Ranges {
		cut.saved.Ranges[i].Cursor = cut.saved.Ranges[i].Cursor[:min(20, len(cut.saved.Ranges[i].Cursor))]
		cut.saved.Ranges[i].Done = false
	}
	require.ErrorIs(t, table.Resume(cut).Each(t.Context(), 1, nil), source.ErrBadState)
}

func TestAScanEndsWhenItsCheckpointIsTakenOver(t *testing.T) {
	server, session := serve(t)
	spots(server, 200, 4)
	kept := &memory{before: func(source.Saved) error { return source.ErrFenced }}
	start := time.Now()
	err := source.Table[spot](session, "lab.spots").PageSize(5).Parallel(1).ReadAhead(0).Resume(kept).
		Each(t.Context(), 1, func(ctx context.Context, _ source.TablePage[spot]) error {
			if time.Since(start) > 800*time.Millisecond { // the first save is on its way, or was
				time.Sleep(20 * time.Millisecond)
			} else {
				time.Sleep(5 * time.Millisecond)
			}
			return nil
		})
	require.ErrorIs(t, err, source.ErrFenced)
	require.Zero(t, kept.saves)
}

// What fails for some seconds is saved after that; what fails for longer ends the scan, and being taken over does at once.
func TestSavesThatFailAreTriedAgain(t *testing.T) {
	errStore := errors.New("the store is not there")
	for _, c := range []struct {
		name    string
		failing time.Duration // from the first second on
		with    error
		rows    int // that are dealt with, five a second
		err     error
	}{
		{"for a moment", 4 * time.Second, errStore, 160, nil},
		{"for good", time.Hour, errStore, 25, errStore},
		{"as it was taken over", time.Hour, source.ErrFenced, 5, source.ErrFenced},
	} {
		t.Run(c.name, func(t *testing.T) {
			virtualtime.Test(t, func(t *testing.T) {
				server, session := serveInBubble(t)
				want := spots(server, 40, 4)
				start := time.Now()
				kept := &memory{before: func(source.Saved) error {
					if at := time.Since(start); at < 500*time.Millisecond+c.failing {
						return c.with
					}
					return nil
				}}
				var rows []spot
				table := source.Table[spot](session, "lab.spots").PageSize(5).SplitInto(1).ReadAhead(0)
				take := func(_ context.Context, p source.TablePage[spot]) error {
					time.Sleep(time.Duration(len(p.Rows)) * time.Second / 5)
					rows = append(rows, p.Rows...)
					return nil
				}
				err := table.Resume(kept).Each(t.Context(), 1, take)
				require.ErrorIs(t, err, c.err)
				require.InDelta(t, c.rows, len(rows), 5)
				if c.err == nil {
					require.ElementsMatch(t, want, rows)
					kept = kept.through(t)
					require.NoError(t, table.Resume(kept).Each(t.Context(), 1, take))
					require.Len(t, rows, len(want), "all was saved")
				}
			})
		})
	}
}

func TestRangesOfNobodyKnowsWhichScanAreRefused(t *testing.T) {
	server, session := serve(t)
	want := spots(server, 20, 4)
	table := source.Table[spot](session, "lab.spots")
	stop := func(context.Context, source.TablePage[spot]) error { return errConsumer }
	all := []source.SavedRange{{Range: source.Range{Start: -1 << 63, End: 1<<63 - 1}, Done: true}}
	for _, job := range [][]byte{nil, {}} {
		err := table.Resume(&memory{saved: source.Saved{Job: job, Ranges: all}}).Each(t.Context(), 1, stop)
		require.ErrorIs(t, err, source.ErrOtherJob)
		require.ErrorContains(t, err, "remove it")

		rows := 0
		nothing := &memory{saved: source.Saved{Job: job}}
		require.NoError(t, table.Resume(nothing).Each(t.Context(), 1, func(_ context.Context, p source.TablePage[spot]) error {
			rows += len(p.Rows)
			return nil
		}))
		require.Len(t, want, rows)
	}
}

// A save that is slow must not come after the last one, which knows more.
func TestSavesDoNotOvertakeEachOther(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, session := serveInBubble(t)
		spots(server, 40, 4)
		kept := &stubborn{entered: make(chan struct{})}
		err := source.Table[spot](session, "lab.spots").PageSize(5).SplitInto(3).Resume(kept).
			Each(t.Context(), 1, func(ctx context.Context, p source.TablePage[spot]) error {
				if kept.pages++; kept.pages == 9 {
					<-kept.entered // a save is under way
					return errConsumer
				}
				return nil
			})
		require.Equal(t, errConsumer, err)
		require.Equal(t, []string{"begin", "end", "begin", "end"}, kept.log)
	})
}

// stubborn saves slowly, but gives up when it is told to.
type stubborn struct {
	entered chan struct{}
	pages   int
	saves   int

	mu  sync.Mutex
	log []string
}

func (s *stubborn) Load(context.Context) (source.Saved, error) { return source.Saved{}, nil }

func (s *stubborn) Save(ctx context.Context, _ source.Saved) error {
	s.note("begin")
	defer s.note("end")
	if s.saves++; s.saves == 1 {
		close(s.entered)
		<-ctx.Done()
		time.Sleep(time.Second)
		return ctx.Err()
	}
	return nil
}

func (s *stubborn) note(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = append(s.log, what)
}

func TestRangesGivenWithCursorsGoOnFromThere(t *testing.T) {
	server, session := serve(t)
	want := spots(server, 80, 5)
	table := source.Table[spot](session, "lab.spots").PageSize(4).SplitInto(3)
	var rows []spot
	left := map[int64]source.Range{}
	require.NoError(t, table.Pages().ForEach(t.Context(), func(p source.TablePage[spot]) error {
		if _, begun := left[p.Range.Start]; !begun && !p.Last {
			rows = append(rows, p.Rows...)
			left[p.Range.Start] = p.Range
		}
		return nil
	}))
	require.Len(t, left, 3)
	var ranges []source.Range
	for _, r := range left {
		ranges = append(ranges, r)
	}
	kept := &memory{}
	rest := table.Ranges(ranges...).Parallel(1).ReadAhead(0)
	n := 0
	for err := errConsumer; err != nil; kept = kept.through(t) { // in some runs not all of the ranges are begun
		done := 0
		err = rest.Resume(kept).Each(t.Context(), 1, func(_ context.Context, p source.TablePage[spot]) error {
			if done++; done > 3 {
				return errConsumer
			}
			rows = append(rows, p.Rows...)
			return nil
		})
		n++
	}
	require.Greater(t, n, 3)
	require.ElementsMatch(t, want, rows)
}
