package live

import (
	"bytes"
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/rx/flow"
)

// contentOf reads what a frame says.
func contentOf(t *testing.T, event []byte) (c content) {
	t.Helper()
	data, ok := bytes.CutPrefix(event, []byte("data: "))
	require.True(t, ok)
	data, ok = bytes.CutSuffix(data, []byte("\n\n"))
	require.True(t, ok)
	require.NotContains(t, string(data), "\n", "it would end there")
	require.NoError(t, json.Unmarshal(data, &c))
	return c
}

func TestAFrameIsBounded(t *testing.T) {
	now := time.Now()
	s := flow.Snapshot{At: now}
	stages := []flow.Stage{{Name: "New", Kind: flow.Source}}
	for i := range 10_000 {
		s.Runs = append(s.Runs, flow.Run{ID: uint64(i), Name: "short", State: flow.Running, Stages: stages})
	}
	for i := range 200 {
		s.Runs = append(s.Runs, flow.Run{ID: uint64(20_000 + i), State: flow.Completed, End: now.Add(-time.Duration(i) * time.Second / 10), Stages: stages})
	}
	f := newFrame(s)
	c := contentOf(t, f.event)
	require.Len(t, c.Running, shown)
	require.Equal(t, 10_000-shown, c.More)
	require.EqualValues(t, 0, c.Running[0].ID)
	require.Len(t, c.Ended, 200)
	require.NotEmpty(t, c.Ended[0].Stages, "who saw it run sees how it has ended")
	require.Empty(t, c.Ended[31].Stages, "it has ended a while ago")
	require.NotEmpty(t, f.snapshot.Runs[10_199].Stages, "it can still be asked for")
}

func TestTotals(t *testing.T) {
	c := contentOf(t, newFrame(flow.Snapshot{Pipelines: []flow.Pipeline{{Name: "orders", Running: 1, Completed: 2, Failed: 3, Canceled: 4, Left: 5, Stages: []flow.Stage{
		{Kind: flow.Source, Out: 10, Retries: 1}, {Kind: flow.Source, Out: 20, Errors: 2}, {Kind: flow.Step, In: 30, Out: 25, Drops: 5}, {Kind: flow.Sink, In: 25, Errors: 1},
	}}}}).event)
	require.Equal(t, []total{{
		Name: "orders", Running: 1, Completed: 2, Failed: 3, Canceled: 4, Left: 5, Read: 30, Written: 25, Errors: 3, Retries: 1, Drops: 5,
	}}, c.Totals)
}

// Names are whatever the program has made of what it was given, and figures may be infinite.
func TestAFrameOfAnything(t *testing.T) {
	stages := []flow.Stage{{Name: "a\n\ndata: b\r\x00\xff</script>", Values: []flow.Value{
		{Name: "limit", Value: math.Inf(1)}, {Name: "burst", Value: 3}, {Name: "x", Value: math.NaN()},
	}}}
	f := newFrame(flow.Snapshot{Runs: []flow.Run{{State: flow.Running, Stages: stages}}, Pipelines: []flow.Pipeline{{Stages: stages}}})
	c := contentOf(t, f.event)
	require.Equal(t, "a\n\ndata: b\r\x00\ufffd</script>", c.Running[0].Stages[0].Name)
	require.Equal(t, []flow.Value{{Name: "burst", Value: 3}}, c.Running[0].Stages[0].Values)
	require.NotContains(t, string(f.event), "\r")
	require.NotContains(t, string(f.event), "<")
}
