package flow_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/rxcql/rxcql/internal/virtualtime"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/flow"
	"github.com/rxcql/rxcql/sink"
)

// find gives the stage of a kind and name.
func find(t *testing.T, r flow.Run, kind flow.Kind, name string) flow.Stage {
	t.Helper()
	for _, s := range r.Stages {
		if s.Kind == kind && s.Name == name {
			return s
		}
	}
	require.Failf(t, "no such stage", "%s %s in %+v", kind, name, r.Stages)
	return flow.Stage{}
}

// lines gives the edges of a run as names.
func lines(r flow.Run) []string {
	var all []string
	for _, e := range r.Edges {
		arrow := " > "
		if e.Aside {
			arrow = " ~ "
		}
		all = append(all, r.Stages[e.From].Name+arrow+r.Stages[e.To].Name)
	}
	return all
}

func TestStagesFindTheirConsumers(t *testing.T) {
	m := flow.NewMonitor(flow.Options{})
	ctx := flow.With(t.Context(), m)
	a := flow.Named(op.Filter(rx.Range(0, 100), func(v int) bool { return v%2 == 0 }), "even")
	b := op.Prefetch(flow.Named(rx.From(1, 2, 3), "few"), 10)
	merged := flow.Named(op.Merge(2, a, b), "all")
	items, err := merged.Collect(ctx)
	require.NoError(t, err)
	require.Len(t, items, 53)
	r := m.Snapshot().Runs[0]
	require.ElementsMatch(t, []string{
		"all > Collect", "Merge > all", "even > Merge", "Range > even", "Prefetch > Merge", "few > Prefetch", "From > few",
	}, lines(r))
	require.EqualValues(t, 53, find(t, r, flow.Sink, "Collect").In)
	require.EqualValues(t, 53, find(t, r, flow.Boundary, "Merge").In)
	require.EqualValues(t, 53, find(t, r, flow.Boundary, "Merge").Out)
	even := find(t, r, flow.Step, "even")
	require.EqualValues(t, 100, even.In)
	require.EqualValues(t, 50, even.Out)
}

func TestStagesThatBeginManyTimesAreCountedTogether(t *testing.T) {
	m := flow.NewMonitor(flow.Options{})
	ctx := flow.With(t.Context(), m)
	inner := op.FlatMap(rx.Range(0, 1000), 4, func(v int) rx.Observable[int] {
		return flow.Named(rx.From(v, v, v), "inner")
	})
	groups := op.GroupBy(inner, 10, func(v int) int { return v % 10 }, func(_ int, g rx.Observable[int]) rx.Observable[int] {
		return flow.Named(op.Take(g, 100), "hundred")
	})
	items, err := groups.Collect(ctx)
	require.NoError(t, err)
	require.Len(t, items, 1000)
	r := m.Snapshot().Runs[0]
	require.ElementsMatch(t, []string{
		"GroupBy > Collect", "FlatMap > GroupBy", "Range > FlatMap", "inner > FlatMap", "From > inner",
		"hundred > GroupBy", "group > hundred", "GroupBy ~ group",
	}, lines(r))
	in := find(t, r, flow.Step, "inner")
	require.EqualValues(t, 1000, in.Begun)
	require.EqualValues(t, 3000, in.Out)
	require.Zero(t, in.Running)
	require.EqualValues(t, 10, find(t, r, flow.Step, "hundred").Begun)
}

func TestNamesMadeOfDataAreBounded(t *testing.T) {
	m := flow.NewMonitor(flow.Options{Pipelines: 3})
	ctx := flow.With(t.Context(), m)
	many := op.FlatMap(rx.Range(0, 10_000), 4, func(v int) rx.Observable[int] {
		return flow.Named(rx.From(v), string(rune('A'+v)))
	})
	_, err := many.Collect(ctx)
	require.NoError(t, err)
	for name := range 10 {
		require.NoError(t, flow.Do(ctx, string(rune('a'+name)), func(context.Context) error { return nil }))
	}
	s := m.Snapshot()
	r := s.Runs[len(s.Runs)-1]
	require.Less(t, len(r.Stages), 300)
	items := int64(0)
	for _, s := range r.Stages {
		if s.Kind == flow.Step {
			items += s.Out
		}
	}
	require.EqualValues(t, 10_000, items, "all are counted")
	require.Len(t, s.Pipelines, 4)
	names := map[string]int64{}
	for _, p := range s.Pipelines {
		names[p.Name] = p.Completed
	}
	require.Equal(t, map[string]int64{"Range": 1, "a": 1, "b": 1, flow.Others: 8}, names)
}

func TestSinksBesideAStream(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		m := flow.NewMonitor(flow.Options{})
		ctx := flow.With(t.Context(), m)
		fast := sink.ForEach(func(context.Context, int) error { return nil })
		slow := func(ctx context.Context, src rx.Observable[int]) error {
			return flow.Named(src, "archive").ForEach(ctx, func(int) error { time.Sleep(10 * time.Millisecond); return nil })
		}
		require.NoError(t, op.Broadcast(ctx, rx.Range(0, 1000), fast, slow))
		r := m.Snapshot().Runs[0]
		require.Equal(t, "Broadcast", r.Name)
		require.Equal(t, "ForEach", r.Bottleneck.Name)
		require.Greater(t, r.Bottleneck.Share, 0.49, "one of two")
		require.Contains(t, lines(r), "Range > Broadcast")
		require.Contains(t, lines(r), "Broadcast ~ buffer")
		require.Contains(t, lines(r), "archive > ForEach")
		require.EqualValues(t, 1000, find(t, r, flow.Step, "archive").Out)
		require.Greater(t, find(t, r, flow.Sink, "Broadcast").Share.Downstream, 0.9, "it waits for a sink")
	})
}

func TestAThrottleIsFoundToBeTheBottleneck(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		m := flow.NewMonitor(flow.Options{})
		paced := op.Throttle(rx.Range(0, 1000), rate.NewLimiter(100, 1))
		require.NoError(t, paced.ForEach(flow.With(t.Context(), m), func(int) error { return nil }))
		r := m.Snapshot().Runs[0]
		require.Equal(t, "the step Throttle: 100% of the time", r.Bottleneck.String())
		require.InDelta(t, 100, find(t, r, flow.Step, "Throttle").PerSecond, 1)
	})
}

func TestWhatWasRetriedAndDroppedIsCounted(t *testing.T) {
	m := flow.NewMonitor(flow.Options{})
	ctx := flow.With(t.Context(), m)
	tries := 0
	flaky := rx.Defer(func(context.Context) (rx.Observable[int], error) {
		if tries++; tries < 3 {
			return nil, errors.New("not yet")
		}
		return rx.Range(0, 10), nil
	})
	checked := op.TryMap(op.Retry(flaky, op.Backoff{Base: 1, Max: 1}), func(_ context.Context, v int) (int, error) {
		if v%2 == 0 {
			return 0, errors.New("even")
		}
		return v, nil
	}, op.SkipItem)
	items, err := flow.Named(checked, "checked").Collect(ctx)
	require.NoError(t, err)
	require.Len(t, items, 5)
	s := find(t, m.Snapshot().Runs[0], flow.Step, "checked")
	require.EqualValues(t, 2, s.Retries)
	require.EqualValues(t, 5, s.Drops)
	require.EqualValues(t, 5, s.Errors)
}
