package flow_test

import (
	"context"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/virtualtime"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/flow"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

func TestARunIsNamedAfterWhatTellsMost(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		_, session := serve(t, 3)
		rows := source.Query[item](session, "SELECT k, v FROM shop.items").Rows()
		named := flow.Named(rows, "clean")
		called := op.MapAsync(named, 2, func(ctx context.Context, v item) (item, error) { return rx.From(v).First(ctx) })
		for _, tt := range []struct {
			want string
			run  func(context.Context) error
		}{
			{"query shop.items", func(ctx context.Context) error { _, err := called.Collect(ctx); return err }},
			{"query shop.items", func(ctx context.Context) error { return called.ForEach(ctx, func(item) error { return nil }) }},
			{"query shop.items", func(ctx context.Context) error { return called(ctx, func(item) bool { return true }) }},
			{"query shop.items", func(ctx context.Context) error { var to []item; return sink.Slice(&to)(ctx, rows) }},
			{"clean", func(ctx context.Context) error { return named(ctx, func(item) bool { return true }) }},
			{"insert shop.copies", func(ctx context.Context) error {
				_, err := sink.Insert[item](session, "shop.copies").Write(ctx, called)
				return err
			}},
			{"GET /items", func(ctx context.Context) error { _, err := rows.Collect(flow.WithName(ctx, "GET /items")); return err }},
			{"GET /items", func(ctx context.Context) error { _, err := named.First(flow.WithName(ctx, "GET /items")); return err }},
			{"outer", func(ctx context.Context) error {
				return flow.Do(ctx, "outer", func(ctx context.Context) error { _, err := rows.Collect(flow.WithName(ctx, "inner")); return err })
			}},
		} {
			m := flow.NewMonitor(flow.Options{})
			require.NoError(t, tt.run(flow.With(t.Context(), m)))
			s := m.Snapshot()
			require.Len(t, s.Runs, 1)
			require.Equal(t, tt.want, s.Runs[0].Name)
			require.Len(t, s.Pipelines, 1)
			require.Equal(t, tt.want, s.Pipelines[0].Name)
		}
	})
}

func TestWithoutAMonitorANameIsNothing(t *testing.T) {
	ctx := t.Context()
	require.Equal(t, ctx, flow.WithName(ctx, "x"))
}

func TestNamesAreShort(t *testing.T) {
	m := flow.NewMonitor(flow.Options{})
	ctx := flow.With(t.Context(), m)
	for _, name := range []string{strings.Repeat("ä", 1000), strings.Repeat("x", 1<<20), "a\xffb", strings.Repeat("\x80", 300)} {
		require.NoError(t, flow.Do(ctx, name, func(ctx context.Context) error {
			_, err := flow.Named(rx.From(1), name).Collect(ctx)
			return err
		}))
		r := m.Snapshot().Runs[0]
		require.Less(t, len(r.Name), 700)
		require.True(t, utf8.ValidString(r.Name))
		require.Equal(t, r.Name, r.Stages[1].Name)
	}
}

func TestARunThatHasEndedDoesNotChange(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		m := flow.NewMonitor(flow.Options{})
		late := make(chan error, 1)
		require.NoError(t, flow.Do(flow.With(t.Context(), m), "job", func(ctx context.Context) error {
			go func() {
				late <- flow.Named(slow(100, 10*time.Millisecond), "late").ForEach(ctx, func(int) error { return nil })
			}()
			time.Sleep(105 * time.Millisecond)
			return nil
		}))
		ended := m.Snapshot()
		require.EqualValues(t, 10, find(t, ended.Runs[0], flow.Step, "late").Out)
		time.Sleep(500 * time.Millisecond)
		require.Equal(t, ended.Runs, m.Snapshot().Runs)
		require.NoError(t, <-late)
		require.Equal(t, ended.Runs, m.Snapshot().Runs)
		require.Equal(t, ended.Pipelines, m.Snapshot().Pipelines)
	})
}

// TestNoTimeIsLessThanNone has runs begin and end as fast as they can while somebody looks.
func TestNoTimeIsLessThanNone(t *testing.T) {
	m := flow.NewMonitor(flow.Options{Keep: 5})
	ctx, cancel := context.WithCancel(flow.With(t.Context(), m))
	ended := make(chan error, 1)
	go func() {
		for ctx.Err() == nil {
			_ = flow.Named(rx.From(1, 2, 3), "x").ForEach(ctx, func(int) error { return nil })
		}
		ended <- nil
	}()
	for range 500 {
		for _, r := range m.Snapshot().Runs {
			require.GreaterOrEqual(t, r.Seconds, 0.)
			require.GreaterOrEqual(t, r.WindowSeconds, 0.)
			for _, s := range r.Stages {
				require.GreaterOrEqual(t, min(s.Seconds.Upstream, s.Seconds.Own, s.Seconds.Downstream, s.PerSecond), 0.)
			}
		}
	}
	cancel()
	<-ended
}
