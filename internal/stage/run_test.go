package stage_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/internal/stage"
)

var errBroken = errors.New("broken")

func TestARunBeginsAndEndsOnce(t *testing.T) {
	h, ctx := watched(t)
	require.True(t, stage.On(ctx))
	inside, sink := stage.Begin(ctx, stage.Sink, "insert")
	require.Len(t, h.begun, 1)
	upstream, source := stage.Begin(inside, stage.Source, "table")
	require.Same(t, source, stage.From(upstream))
	require.Len(t, h.begun, 1, "it is the same run")
	source.End(nil, false)
	require.Empty(t, h.ended)
	require.EqualValues(t, 1, h.read(t, "insert").Live)
	sink.End(nil, false)
	sink.End(errBroken, false) // too late
	require.Equal(t, h.begun, h.ended)
	state, ended, _ := h.begun[0].Outcome()
	require.Equal(t, stage.Completed, state)
	require.False(t, ended.IsZero())
	require.NoError(t, h.begun[0].Err)
	require.Zero(t, h.read(t, "insert").Live)
	require.EqualValues(t, 1, h.read(t, "insert").Begun)
	require.Equal(t, []string{"table > insert"}, graph(h.begun[0]))

	late, p := stage.Begin(inside, stage.Source, "late")
	require.Nil(t, p, "the run is over")
	require.Equal(t, inside, late)
	require.False(t, stage.On(inside))
}

func TestHowRunsEnd(t *testing.T) {
	why := errors.New("why")
	for name, tt := range map[string]struct {
		cancel error // the run's context, with this cause
		err    error
		left   bool
		want   stage.State
	}{
		"nothing":                    {nil, nil, false, stage.Completed},
		"an error":                   {nil, errBroken, false, stage.Failed},
		"its context":                {why, context.Canceled, false, stage.Canceled},
		"its cause":                  {why, fmt.Errorf("read: %w", why), false, stage.Canceled},
		"an error meanwhile":         {why, errBroken, false, stage.Failed},
		"another context":            {nil, context.Canceled, false, stage.Failed},
		"its consumer":               {nil, nil, true, stage.Left},
		"its consumer, with a cause": {why, why, true, stage.Left},
	} {
		t.Run(name, func(t *testing.T) {
			h, ctx := watched(t)
			ctx, cancel := context.WithCancelCause(ctx)
			defer cancel(nil)
			_, p := stage.Begin(ctx, stage.Sink, "s")
			if tt.cancel != nil {
				cancel(tt.cancel)
			}
			p.End(tt.err, tt.left)
			state, _, _ := h.ended[0].Outcome()
			require.Equal(t, tt.want, state)
			require.Equal(t, tt.want == stage.Failed, h.ended[0].Err != nil)
		})
	}
}

// TestPanicsPassThrough, as does runtime.Goexit, and stages and run have ended all the same.
func TestPanicsPassThrough(t *testing.T) {
	exits := func(context.Context, func(int) bool) error { runtime.Goexit(); return nil }
	panics := func(context.Context, func(int) bool) error { panic("at the disco") }
	for name, run := range map[string]func(context.Context, func(context.Context, func(int) bool) error) error{
		"Observe": func(ctx context.Context, src func(context.Context, func(int) bool) error) error {
			return stage.Observe(ctx, stage.Sink, "s", src, all)
		},
		"Drain": func(ctx context.Context, src func(context.Context, func(int) bool) error) error {
			return stage.Drain(ctx, "s", src, nil, all)
		},
		"Consume": func(ctx context.Context, src func(context.Context, func(int) bool) error) error {
			return stage.Consume(ctx, "s", src, func(ctx context.Context, src func(context.Context, func(int) bool) error) error {
				return src(ctx, all)
			})
		},
	} {
		ended := func(h *host) {
			require.Len(t, h.ended, 1, name)
			require.ErrorIs(t, h.ended[0].Err, stage.ErrPanicked)
			require.Zero(t, h.read(t, "s").Live)
			require.EqualValues(t, 1, h.read(t, "s").Errors)
		}
		h, ctx := watched(t)
		require.PanicsWithValue(t, "at the disco", func() { _ = run(ctx, panics) }, name)
		ended(h)

		h, ctx = watched(t)
		gone := make(chan struct{})
		go func() {
			defer close(gone)
			_ = run(ctx, exits)
		}()
		<-gone
		ended(h)
	}
}

func TestAFailureIsCountedWhereItArose(t *testing.T) {
	h, ctx := watched(t)
	fails := func(context.Context, func(int) bool) error { return errBroken }
	step := func(ctx context.Context, yield func(int) bool) error {
		return stage.Observe(ctx, stage.Source, "read", fails, yield)
	}
	err := stage.Drain(ctx, "sink", func(ctx context.Context, yield func(int) bool) error {
		return stage.Observe(ctx, stage.Step, "clean", step, yield)
	}, nil, all)
	require.ErrorIs(t, err, errBroken)
	require.EqualValues(t, 1, h.read(t, "read").Errors)
	require.Zero(t, h.read(t, "clean").Errors)
	require.Zero(t, h.read(t, "sink").Errors)
	require.ErrorIs(t, h.ended[0].Err, errBroken)
}

// TestASinkThatFailsByItself stops its stream, and so is left by nobody.
func TestASinkThatFailsByItself(t *testing.T) {
	h, ctx := watched(t)
	var own error
	require.NoError(t, stage.Drain(ctx, "sink", upTo(9), &own, func(int) bool { own = errBroken; return false }))
	require.ErrorIs(t, h.ended[0].Err, errBroken)
	require.EqualValues(t, 1, h.read(t, "sink").Errors)

	h, ctx = watched(t)
	require.NoError(t, stage.Drain(ctx, "sink", upTo(9), nil, func(int) bool { return false }))
	state, _, _ := h.ended[0].Outcome()
	require.Equal(t, stage.Left, state)
}

func TestNamesOfRuns(t *testing.T) {
	h, ctx := watched(t)
	drain := func(ctx context.Context) {
		_ = stage.Drain(ctx, "Collect", func(ctx context.Context, yield func(int) bool) error {
			return stage.Observe(ctx, stage.Source, "query", upTo(1), yield)
		}, nil, all)
	}
	drain(ctx)
	drain(stage.WithName(ctx, "named"))
	ctx, p := stage.BeginRun(ctx, "job")
	drain(stage.WithName(ctx, "too late"))
	drain(ctx)
	p.End(nil, false)
	require.Len(t, h.ended, 3)
	for i, want := range []string{"query", "named", "job"} {
		name, known := h.ended[i].Name()
		require.Equal(t, want, name)
		require.True(t, known)
	}
	stages, _ := h.ended[2].Graph()
	require.Len(t, stages, 2, "those of one name and place are one")
	require.EqualValues(t, 2, stages[0].Read(stage.Now()).Begun)
}

func TestTheGraphDrawsItself(t *testing.T) {
	h, ctx := watched(t)
	inside, reader := stage.Begin(ctx, stage.Boundary, "MapAsync")
	upstream, _ := stage.Begin(inside, stage.Step, "clean")
	_, _ = stage.Begin(upstream, stage.Source, "table")
	call, _ := stage.Begin(reader.Within(ctx), stage.Source, "lookup")
	_, _ = stage.Begin(call, stage.Source, "of the lookup")
	_, beside := stage.Begin(reader.Outside(ctx), stage.Sink, "dead letters")
	reader.Aside(beside)
	reader.Aside(beside)
	require.Equal(t, []string{"MapAsync > consumer", "clean > MapAsync", "table > clean", "lookup ~ MapAsync",
		"of the lookup > lookup", "MapAsync ~ dead letters"}, graph(h.begun[0]))
	reader.End(nil, false)
}

func TestNamesMadeOfDataAreBounded(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		h := &host{}
		ctx, run := stage.BeginRun(stage.With(context.Background(), h), rapid.String().Draw(rt, "run"))
		name := rapid.OneOf(rapid.String(), rapid.StringN(190, 300, -1), rapid.Just(strings.Repeat("\xff", 300))).Draw(rt, "name")
		_, p := stage.Begin(ctx, stage.Sink, name)
		p.End(nil, false)
		for i := range 300 {
			_, p := stage.Begin(ctx, stage.Source, fmt.Sprint("key ", i))
			p.Count(fmt.Sprint("figure ", i), 1)
			for j := range 70 {
				p.Count(fmt.Sprint(i, j), 1)
			}
			p.End(nil, false)
		}
		run.End(nil, false)
		stages, _ := h.begun[0].Graph()
		require.LessOrEqual(rt, len(stages), 260)
		begun := int64(0)
		for _, s := range stages {
			r := s.Read(stage.Now())
			begun += r.Begun
			require.True(rt, utf8.ValidString(s.Name))
			require.LessOrEqual(rt, len(s.Name), 203)
			require.LessOrEqual(rt, len(r.Values), 64)
		}
		require.EqualValues(rt, 1+2*300, begun, "each with its consumer; none is lost")
		require.Equal(rt, stage.Others, stages[len(stages)-1].Name)
	})
}
