package flow_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/virtualtime"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/flow"
)

// TestWhatIsStuckIsNamed has streams whose items take no time, and which then get stuck: somewhere between two looks at the
// clock.
func TestWhatIsStuckIsNamed(t *testing.T) {
	const last = 99_999
	for _, tt := range []struct {
		where string
		kind  flow.Kind
		name  string
		share float64
	}{
		{"source", flow.Source, "New", 1},
		{"step", flow.Step, "step", 1},
		{"call", flow.Boundary, "MapAsync", 0.25},
		{"sink", flow.Sink, "ForEach", 1},
	} {
		t.Run(tt.where, func(t *testing.T) {
			virtualtime.Test(t, func(t *testing.T) {
				m := flow.NewMonitor(flow.Options{})
				release := make(chan struct{})
				free := sync.OnceFunc(func() { close(release) })
				defer free()
				stuck := func(where string, v int) {
					if where == tt.where && v == last {
						<-release
					}
				}
				src := rx.New(func(_ context.Context, yield func(int) bool) error {
					for i := range last + 2 {
						if stuck("source", i); !yield(i) {
							break
						}
					}
					return nil
				})
				step := flow.Named(op.Map(src, func(v int) int { stuck("step", v); return v }), "step")
				calls := op.MapAsync(step, 4, func(_ context.Context, v int) (int, error) { stuck("call", v); return v, nil })
				ended := make(chan error, 1)
				go func() {
					ended <- calls.ForEach(flow.With(t.Context(), m), func(v int) error { stuck("sink", v); return nil })
				}()
				for range 6 {
					time.Sleep(time.Second)
					r := m.Snapshot().Runs[0]
					require.Equal(t, tt.kind, r.Bottleneck.Kind, r.Text())
					require.Equal(t, tt.name, r.Bottleneck.Name, r.Text())
					require.InDelta(t, tt.share, r.Bottleneck.Share, 0.1, r.Text())
				}
				r := m.Snapshot().Runs[0]
				given, taken := last, last
				if tt.where != "source" { // the item at which it is stuck has left the source
					given++
				}
				if tt.where == "sink" {
					taken++
				}
				require.GreaterOrEqual(t, find(t, r, flow.Source, "New").Out, int64(given))
				require.LessOrEqual(t, find(t, r, flow.Source, "New").Out, int64(last+2))
				require.EqualValues(t, taken, find(t, r, flow.Sink, "ForEach").In, "to the item")
				free()
				require.NoError(t, <-ended)
			})
		})
	}
}

// TestTimesDoNotGoDown has a stream that is stuck here for a while and then there, and looks at it all the time: what was told
// stays true.
func TestTimesDoNotGoDown(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		m := flow.NewMonitor(flow.Options{})
		const wait = 4*time.Second + 300*time.Microsecond
		src := rx.New(func(_ context.Context, yield func(int) bool) error {
			for i := range 300_000 {
				if i%100_000 == 99_999 {
					time.Sleep(wait)
				}
				if !yield(i) {
					break
				}
			}
			return nil
		})
		ended := make(chan error, 1)
		go func() {
			step := flow.Named(src, "step")
			ended <- step.ForEach(flow.With(t.Context(), m), func(v int) error {
				if v%100_000 == 50_000 {
					time.Sleep(wait)
				}
				return nil
			})
		}()
		var told [3]flow.Split
		look := func() {
			for i, s := range m.Snapshot().Pipelines[0].Stages {
				require.GreaterOrEqual(t, s.Seconds.Upstream, told[i].Upstream, s.Name)
				require.GreaterOrEqual(t, s.Seconds.Own, told[i].Own, s.Name)
				require.GreaterOrEqual(t, s.Seconds.Downstream, told[i].Downstream, s.Name)
				told[i] = s.Seconds
			}
		}
		for running := true; running; {
			select {
			case err := <-ended:
				require.NoError(t, err)
				running = false
			case <-time.After(7 * time.Millisecond):
			}
			look()
		}
		r := m.Snapshot().Runs[0]
		for _, s := range r.Stages {
			require.InDelta(t, 6*wait.Seconds(), s.Seconds.Upstream+s.Seconds.Own+s.Seconds.Downstream, 0.01, "%+v", s)
		}
		require.InDelta(t, 3*wait.Seconds(), find(t, r, flow.Sink, "ForEach").Seconds.Own, 0.01)
		require.InDelta(t, 3*wait.Seconds(), find(t, r, flow.Source, "New").Seconds.Own, 0.01)
		require.InDelta(t, 0, find(t, r, flow.Step, "step").Seconds.Own, 0.01)
	})
}

// TestSharesAreOfThoseThatRun has many streams at a time at first, and then one: what it takes is of its own goroutine's
// time, not of what those had that have ended.
func TestSharesAreOfThoseThatRun(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		m := flow.NewMonitor(flow.Options{})
		srcs := []rx.Observable[int]{flow.Named(slow(1_000, 10*time.Millisecond), "long")}
		for range 31 {
			srcs = append(srcs, slow(20, 10*time.Millisecond))
		}
		ended := make(chan error, 1)
		go func() {
			ended <- op.Merge(len(srcs), srcs...).ForEach(flow.With(t.Context(), m), wait1ms)
		}()
		for range 8 {
			time.Sleep(time.Second)
			m.Snapshot()
		}
		r := m.Snapshot().Runs[0]
		require.Equal(t, "New", r.Bottleneck.Name, r.Text())
		require.InDelta(t, 1, r.Bottleneck.Share, 0.02, r.Text())
		require.NoError(t, <-ended)
	})
}

func wait1ms(int) error { time.Sleep(time.Millisecond); return nil }
