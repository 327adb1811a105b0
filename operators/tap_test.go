package operators_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// log is a consumer and a set of hooks that write down what happens to them.
type log struct{ events []string }

func (l *log) note(format string, args ...any) {
	l.events = append(l.events, fmt.Sprintf(format, args...))
}

func (l *log) hooks() op.Hooks[int] {
	return op.Hooks[int]{
		OnStart:    func() { l.note("start") },
		OnNext:     func(v int) { l.note("next %d", v) },
		OnError:    func(err error) { l.note("error: %v", err) },
		OnComplete: func() { l.note("complete") },
		OnCancel:   func() { l.note("cancel") },
	}
}

func (l *log) tap(src rx.Observable[int]) rx.Observable[int] { return op.Tap(src, l.hooks()) }

func TestTapSeesHowEachRunEnds(t *testing.T) {
	tests := []struct {
		name string
		src  rx.Observable[int]
		stop int // at which item the consumer leaves
		want []string
	}{
		{"complete", rx.From(1, 2), 0, []string{"start", "next 1", "got 1", "next 2", "got 2", "complete"}},
		{"empty", rx.Empty[int](), 0, []string{"start", "complete"}},
		{"error", failing(errSource, 1), 0, []string{"start", "next 1", "got 1", "error: the source failed"}},
		{"consumer", rx.From(1, 2), 1, []string{"start", "next 1", "got 1", "cancel"}},
		{"consumer at the last item", rx.From(1), 1, []string{"start", "next 1", "got 1", "cancel"}},
		{"consumer before an error", rude(errSource, 1), 1, []string{"start", "next 1", "got 1", "cancel"}},
		{"foreign cancel", failing[int](context.Canceled), 0, []string{"start", "error: context canceled"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var l log
			_ = l.tap(tt.src)(t.Context(), func(v int) bool {
				l.note("got %d", v)
				return v != tt.stop
			})
			require.Equal(t, tt.want, l.events)
		})
	}
}

func TestTapSeesTheEndOfTheContext(t *testing.T) {
	var l log
	ctx, cancel := context.WithCancelCause(t.Context())
	err := l.tap(rx.From(1, 2))(ctx, func(int) bool {
		cancel(errReason)
		return true
	})
	require.ErrorIs(t, err, errReason)
	require.Equal(t, []string{"start", "next 1", "cancel"}, l.events)
}

// An upstream of one's own may return the cause alone.
func TestTapSeesTheCauseOfTheEndOfTheContext(t *testing.T) {
	var l log
	ctx, cancel := context.WithCancelCause(t.Context())
	err := l.tap(func(ctx context.Context, _ func(int) bool) error {
		cancel(errReason)
		return context.Cause(ctx)
	})(ctx, nil)
	require.Equal(t, errReason, err)
	require.Equal(t, []string{"start", "cancel"}, l.events)
}

func TestTapSeesAnErrorThatCameBeforeTheEndOfTheContext(t *testing.T) {
	var l log
	ctx, cancel := context.WithCancelCause(t.Context())
	err := l.tap(failing(errSource, 1))(ctx, func(int) bool {
		cancel(errReason)
		return true
	})
	require.Equal(t, errSource, err)
	require.Equal(t, []string{"start", "next 1", "error: the source failed"}, l.events)
}

func TestTapSeesPanics(t *testing.T) {
	boom := func() { panic("boom") }
	tests := []struct {
		name    string
		src     rx.Observable[int]
		change  func(*op.Hooks[int])
		consume func(int)
		want    []string
	}{
		{
			name: "of the consumer", src: rx.From(1), consume: func(int) { boom() },
			want: []string{"start", "next 1", "cancel"},
		},
		{
			name: "of the source", src: op.Map(rx.From(1), func(int) int { panic("boom") }),
			want: []string{"start", "cancel"},
		},
		{
			name: "of OnStart", src: rx.From(1), change: func(h *op.Hooks[int]) { h.OnStart = boom },
			want: []string{"cancel"},
		},
		{
			name: "of OnNext", src: rx.From(1), change: func(h *op.Hooks[int]) { h.OnNext = func(int) { boom() } },
			want: []string{"start", "cancel"},
		},
		{
			name: "of OnError", src: failing[int](errSource), change: func(h *op.Hooks[int]) { h.OnError = func(error) { boom() } },
			want: []string{"start"},
		},
		{
			name: "of OnComplete", src: rx.Empty[int](), change: func(h *op.Hooks[int]) { h.OnComplete = boom },
			want: []string{"start"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var l log
			hooks := l.hooks()
			if tt.change != nil {
				tt.change(&hooks)
			}
			require.PanicsWithValue(t, "boom", func() {
				_ = op.Tap(tt.src, hooks)(t.Context(), func(v int) bool {
					if tt.consume != nil {
						tt.consume(v)
					}
					return true
				})
			})
			require.Equal(t, tt.want, l.events)
		})
	}
}

func TestTapSeesGoexit(t *testing.T) {
	var l log
	exited := make(chan struct{})
	go func() {
		defer close(exited)
		_ = l.tap(rx.From(1))(t.Context(), func(int) bool { runtime.Goexit(); return true })
	}()
	<-exited
	require.Equal(t, []string{"start", "next 1", "cancel"}, l.events)
}

func TestTapWithoutHooksChangesNothing(t *testing.T) {
	tapped := op.Tap(failing(errSource, 1, 2), op.Hooks[int]{})
	got, err := tapped.Collect(t.Context())
	require.Equal(t, errSource, err)
	require.Equal(t, []int{1, 2}, got)
	leave(t, tapped, 1)
}
