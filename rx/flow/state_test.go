package flow_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/virtualtime"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/flow"
)

var errTest = errors.New("the test's error")

func TestARunEndsInAState(t *testing.T) {
	canceled, cancel := context.WithCancelCause(t.Context())
	cancel(errTest)
	failing := op.Concat(rx.From(1, 2), rx.Fail[int](errTest))
	for _, tt := range []struct {
		name  string
		ctx   context.Context
		run   func(ctx context.Context) error
		want  flow.State
		error string
	}{
		{name: "completed", want: flow.Completed, run: func(ctx context.Context) error {
			return rx.From(1).ForEach(ctx, func(int) error { return nil })
		}},
		{name: "source failed", want: flow.Failed, error: errTest.Error(), run: func(ctx context.Context) error {
			return failing.ForEach(ctx, func(int) error { return nil })
		}},
		{name: "consumer failed", want: flow.Failed, error: errTest.Error(), run: func(ctx context.Context) error {
			return rx.From(1).ForEach(ctx, func(int) error { return errTest })
		}},
		{name: "canceled", ctx: canceled, want: flow.Canceled, run: func(ctx context.Context) error {
			return rx.From(1).ForEach(ctx, func(int) error { return nil })
		}},
		{name: "left", want: flow.Left, run: func(ctx context.Context) error {
			for range rx.Range(0, 10).All(ctx) {
				break
			}
			return nil
		}},
		{name: "called by itself", want: flow.Left, run: func(ctx context.Context) error {
			return rx.Range(0, 10)(ctx, func(int) bool { return false })
		}},
		{name: "panic in the consumer", want: flow.Failed, error: "panicked", run: func(ctx context.Context) error {
			defer func() { _ = recover() }()
			return rx.From(1).ForEach(ctx, func(int) error { panic("secret") })
		}},
		{name: "panic behind a boundary", want: flow.Failed, error: "panicked", run: func(ctx context.Context) error {
			defer func() { _ = recover() }()
			_, err := op.Prefetch(op.Map(rx.From(1), func(int) int { panic("secret") }), 1).Collect(ctx)
			return err
		}},
		{name: "named", want: flow.Failed, error: errTest.Error(), run: func(ctx context.Context) error {
			return flow.Do(ctx, "named", func(context.Context) error { return errTest })
		}},
		{name: "named panic", want: flow.Failed, error: "panicked", run: func(ctx context.Context) error {
			defer func() { _ = recover() }()
			return flow.Do(ctx, "named", func(context.Context) error { panic("secret") })
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := flow.NewMonitor(flow.Options{})
			ctx := tt.ctx
			if ctx == nil {
				ctx = t.Context()
			}
			_ = tt.run(flow.With(ctx, m))
			s := m.Snapshot()
			require.Len(t, s.Runs, 1)
			r := s.Runs[0]
			require.Equal(t, tt.want, r.State)
			require.Equal(t, tt.error, r.Error)
			require.False(t, r.End.IsZero())
			for _, stage := range r.Stages {
				require.Zero(t, stage.Running, "%+v", stage)
			}
			require.Len(t, s.Pipelines, 1)
			p := s.Pipelines[0]
			require.Zero(t, p.Running)
			require.EqualValues(t, 1, p.Completed+p.Failed+p.Canceled+p.Left)
		})
	}
}

func TestAnErrorIsCountedWhereItArose(t *testing.T) {
	m := flow.NewMonitor(flow.Options{})
	src := flow.Named(op.Map(rx.New(func(context.Context, func(int) bool) error { return errTest }),
		func(v int) int { return v }), "mapped")
	_, err := op.Prefetch(src, 1).Collect(flow.With(t.Context(), m))
	require.ErrorIs(t, err, errTest)
	r := m.Snapshot().Runs[0]
	for _, s := range r.Stages {
		want := int64(0)
		if s.Kind == flow.Source {
			want = 1
		}
		require.Equal(t, want, s.Errors, "%+v", s)
	}
}

func TestAHangShowsWhileItHangs(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		m := flow.NewMonitor(flow.Options{})
		ctx, cancel := context.WithCancel(flow.With(t.Context(), m))
		defer cancel()
		ended := make(chan error, 1)
		go func() {
			ended <- rx.Range(0, 10).ForEach(ctx, func(v int) error {
				if v == 5 {
					<-ctx.Done()
				}
				return nil
			})
		}()
		time.Sleep(time.Hour)
		r := m.Snapshot().Runs[0]
		require.Equal(t, "the sink ForEach: 100% of the time", r.Bottleneck.String())
		require.InDelta(t, 3600, r.Seconds, 1e-6)
		require.EqualValues(t, 6, find(t, r, flow.Source, "Range").Out)
		cancel()
		require.ErrorIs(t, <-ended, context.Canceled)
		require.Equal(t, flow.Canceled, m.Snapshot().Runs[0].State)
	})
}

func TestRatesAndSharesAreOfTheLastSeconds(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		m := flow.NewMonitor(flow.Options{})
		ctx, cancel := context.WithCancel(flow.With(t.Context(), m))
		ended := make(chan error, 1)
		start := time.Now()
		go func() {
			ended <- flow.Named(slow(1_000_000, 10*time.Millisecond), "ticks").ForEach(ctx, func(int) error {
				if time.Since(start) > time.Minute {
					time.Sleep(90 * time.Millisecond)
				}
				return nil
			})
		}()
		for range 30 {
			time.Sleep(time.Second)
			m.Snapshot()
		}
		r := m.Snapshot().Runs[0]
		require.InDelta(t, 5, r.WindowSeconds, 1.01)
		require.InDelta(t, 100, find(t, r, flow.Sink, "ForEach").PerSecond, 1)
		require.Equal(t, flow.Source, r.Bottleneck.Kind)
		for range 60 {
			time.Sleep(time.Second)
			m.Snapshot()
		}
		r = m.Snapshot().Runs[0]
		require.InDelta(t, 10, find(t, r, flow.Sink, "ForEach").PerSecond, 0.3)
		require.Equal(t, flow.Sink, r.Bottleneck.Kind)
		require.InDelta(t, 0.9, r.Bottleneck.Share, 0.02)
		cancel()
		require.Error(t, <-ended)
		require.InDelta(t, 90, m.Snapshot().Runs[0].WindowSeconds, 1, "of one that has ended, all")
	})
}

func TestEndedRunsAreBounded(t *testing.T) {
	m := flow.NewMonitor(flow.Options{Keep: 3})
	ctx := flow.With(t.Context(), m)
	for i := range 100 {
		_ = flow.Do(ctx, "job", func(context.Context) error {
			if i < 50 {
				return errTest
			}
			return nil
		})
	}
	s := m.Snapshot()
	var ids []uint64
	for _, r := range s.Runs {
		ids = append(ids, r.ID)
	}
	require.Equal(t, []uint64{100, 99, 98, 50, 49, 48}, ids, "failures are kept, whatever comes after them")
	require.EqualValues(t, 50, s.Pipelines[0].Failed)
	require.EqualValues(t, 50, s.Pipelines[0].Completed)
	require.Empty(t, flow.NewMonitor(flow.Options{Keep: -1}).Snapshot().Runs)
}

func TestTheTextOfAnErrorIsTheUsersToSay(t *testing.T) {
	fail := func(m *flow.Monitor, err error) string {
		_ = flow.Do(flow.With(t.Context(), m), "job", func(context.Context) error { return err })
		return m.Snapshot().Runs[0].Error
	}
	require.Equal(t, "some error", fail(flow.NewMonitor(flow.Options{ErrorText: func(err error) string {
		require.Equal(t, errTest, err)
		return "some error"
	}}), errTest))
	long := fail(flow.NewMonitor(flow.Options{}), errors.New(strings.Repeat("ä", 1000)))
	require.Equal(t, strings.Repeat("ä", 150)+"…", long)
	require.Contains(t, fail(flow.NewMonitor(flow.Options{ErrorText: func(error) string { panic(1) }}), errTest), "panicked")
}

func TestARunInsideOfARun(t *testing.T) {
	m := flow.NewMonitor(flow.Options{})
	require.NoError(t, flow.Do(flow.With(t.Context(), m), "outer", func(ctx context.Context) error {
		_, err := flow.Named(rx.From(1, 2), "a").Collect(ctx)
		require.NoError(t, err)
		return flow.Do(ctx, "inner", func(ctx context.Context) error {
			_, err := flow.Named(rx.From(1, 2, 3), "b").Collect(ctx)
			return err
		})
	}))
	s := m.Snapshot()
	require.Len(t, s.Runs, 2)
	require.Equal(t, "outer", s.Runs[0].Name)
	require.EqualValues(t, 2, find(t, s.Runs[0], flow.Step, "a").Out)
	require.Equal(t, "inner", s.Runs[1].Name)
	require.EqualValues(t, 3, find(t, s.Runs[1], flow.Step, "b").Out)
}

func TestWhatRunsUnderAContextOfARunThatHasEndedIsNotSeen(t *testing.T) {
	m := flow.NewMonitor(flow.Options{})
	var kept context.Context
	require.NoError(t, flow.Do(flow.With(t.Context(), m), "job", func(ctx context.Context) error { kept = ctx; return nil }))
	items, err := flow.Named(rx.From(1), "late").Collect(kept)
	require.NoError(t, err)
	require.Equal(t, []int{1}, items)
	require.Empty(t, m.Snapshot().Runs[0].Stages)
}

func TestTotalsGoOnWhenRunsAreForgotten(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		m := flow.NewMonitor(flow.Options{Keep: -1})
		ctx := flow.With(t.Context(), m)
		last := int64(0)
		for i := range 20 {
			go func() {
				_, _ = flow.Named(slow(10, time.Second), "ticks").Collect(ctx)
			}()
			time.Sleep(time.Duration(i+1) * time.Second)
			p := m.Snapshot().Pipelines[0]
			var out int64
			for _, s := range p.Stages {
				if s.Kind == flow.Step {
					out = s.Out
				}
			}
			require.GreaterOrEqual(t, out, last)
			last = out
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		p := m.Snapshot().Pipelines[0]
		require.EqualValues(t, 20, p.Completed)
		require.Zero(t, p.Running)
	})
}
