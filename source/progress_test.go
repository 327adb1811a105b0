package source_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/virtualtime"
	"github.com/rxcql/rxcql/source"
)

// The rate is that of the last minute, so that a change of the pace shows, and a pause.
func TestTheRateIsThatOfTheLastMinute(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, session := serveInBubble(t)
		spots(server, 400, 1)
		var tracker source.Tracker
		rows := 0
		require.NoError(t, source.Table[spot](session, "lab.spots").PageSize(1).SplitInto(1).Track(&tracker).Rows().
			ForEach(t.Context(), func(spot) error {
				rows++
				pause := 10 * time.Second
				if rows > 60 {
					pause = time.Second
				}
				time.Sleep(pause)
				p := tracker.Progress()
				left, known := p.TimeLeft()
				switch rows {
				case 10, 30, 60:
					require.InDelta(t, 0.1, p.Rate(), 0.03)
				case 200:
					require.InDelta(t, 1, p.Rate(), 0.1)
					require.True(t, known)
					require.Less(t, left, 10*time.Minute, "not as slow as at first")
					time.Sleep(time.Hour)
					tracker.Progress()
				case 201:
					require.Less(t, p.Rate(), 0.01, "a pause shows")
				case 300:
					require.InDelta(t, 1, p.Rate(), 0.1, "and is over")
				}
				return nil
			}))
		p := tracker.Progress()
		require.True(t, p.Ended)
		require.InDelta(t, float64(p.Rows)/p.Elapsed.Seconds(), p.Rate(), 1e-9, "in the end it is that of the run")
	})
}

func TestProgressAsJSON(t *testing.T) {
	text, err := json.Marshal(source.Progress{Ranges: 4, Done: 1, Pages: 2, Rows: 30, Bytes: 600, Share: 0.25, Elapsed: 1500 * time.Millisecond})
	require.NoError(t, err)
	require.JSONEq(t, `{"ranges":4,"ranges_done":1,"ranges_failed":0,"pages":2,"rows":30,"bytes":600,"share":0.25,"share_resumed":0,
		"elapsed_seconds":1.5,"rows_per_second":20,"left_seconds":4.5,"ended":false}`, string(text))
	text, err = json.Marshal(source.Progress{Share: 1, Elapsed: time.Second, Ended: true})
	require.NoError(t, err)
	require.NotContains(t, string(text), "left_seconds")
}

// A run that cannot begin ends the watch that waits for it, too.
func TestARunThatCannotBeginEndsItsWatch(t *testing.T) {
	server, session := serve(t)
	spots(server, 3, 1)
	ended, end := context.WithCancel(t.Context())
	end()
	for want, run := range map[error]func(source.Scan[spot]) error{
		source.ErrNeedsEach: func(scan source.Scan[spot]) error {
			_, err := scan.Resume(&memory{}).Pages().Collect(t.Context())
			return err
		},
		context.Canceled: func(scan source.Scan[spot]) error { _, err := scan.Rows().Collect(ended); return err },
	} {
		var tracker source.Tracker
		require.ErrorIs(t, run(source.Table[spot](session, "lab.spots").Track(&tracker)), want)
		states, err := tracker.Watch(time.Hour).Collect(t.Context())
		require.NoError(t, err)
		require.Len(t, states, 1)
		require.True(t, states[0].Ended)
		require.Zero(t, states[0].Share)
	}
}

func TestNothingToReadIsDone(t *testing.T) {
	server, session := serve(t)
	spots(server, 3, 1)
	var tracker source.Tracker
	n, err := source.Table[spot](session, "lab.spots").Ranges().Track(&tracker).Count(t.Context())
	require.NoError(t, err)
	require.Zero(t, n)
	require.Equal(t, 1.0, tracker.Progress().Share)
}

func TestSettersRefuseNil(t *testing.T) {
	_, session := serve(t)
	table := source.Table[spot](session, "lab.spots")
	require.PanicsWithValue(t, "source: Throttle with a nil limiter; make one with rate.NewLimiter", func() { table.Throttle(nil) })
	require.PanicsWithValue(t, "source: Track with a nil Tracker; make one with new(source.Tracker)", func() { table.Track(nil) })
	for _, nothing := range []source.Checkpoint{nil, (*memory)(nil)} {
		require.PanicsWithValue(t, "source: Resume from a nil checkpoint; make one with package checkpoint, or leave Resume out", func() { table.Resume(nothing) })
	}
}

func TestOneRangeIsOne(t *testing.T) {
	e := &source.ScanError{Failed: []*source.RangeError{{Range: source.Range{Start: 1, End: 2}, Err: errors.New("why")}}}
	require.EqualError(t, e, "source: 1 range could not be read: (1, 2]: why")
}
