package flowlog_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/virtualtime"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/flow"
	"github.com/rxcql/rxcql/rx/flow/flowlog"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// quiet is a handler of lines without times.
func quiet(to *bytes.Buffer) slog.Handler {
	return slog.NewTextHandler(to, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}})
}

func TestRunsAreLogged(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		m := flow.NewMonitor(flow.Options{})
		ctx := flow.With(t.Context(), m)
		canceled, cancel := context.WithCancel(ctx)
		cancel()
		job := func(ctx context.Context, name string, took time.Duration, err error) {
			require.Equal(t, err, flow.Do(ctx, name, func(context.Context) error { time.Sleep(took); return err }))
		}
		job(ctx, "before", 0, nil)
		var text bytes.Buffer
		done := flowlog.Start(m, slog.New(quiet(&text)), time.Second)
		job(ctx, "long", 2500*time.Millisecond, nil)
		job(ctx, "short", 0, errors.New("broken"))
		job(canceled, "canceled", 0, context.Canceled)
		done()
		done()
		require.Equal(t, strings.Join([]string{
			`level=DEBUG msg="run began" id=2 pipeline=long`,
			`level=INFO msg="run goes on" id=2 pipeline=long seconds=2 items=0 per_second=0`,
			`level=INFO msg="run ended" id=2 pipeline=long state=completed seconds=2.5 items=0`,
			`level=ERROR msg="run failed" id=3 pipeline=short state=failed error=broken seconds=0 items=0`,
			`level=INFO msg="run ended" id=4 pipeline=canceled state=canceled seconds=0 items=0`,
			"",
		}, "\n"), text.String())
	})
}

// Each run that has ended is told of, if not by a line of its own.
func TestMoreRunsThanAreKept(t *testing.T) {
	m := flow.NewMonitor(flow.Options{Keep: 2, Pipelines: 2})
	ctx := flow.With(t.Context(), m)
	var text bytes.Buffer
	done := flowlog.Start(m, slog.New(quiet(&text)), time.Hour)
	for _, err := range []error{nil, errors.New("broken")} {
		for _, name := range []string{"a", "b", "c", "d"} {
			for range 10 {
				require.Equal(t, err, flow.Do(ctx, name, func(context.Context) error { return err }))
			}
		}
	}
	done()
	require.Equal(t, 2, strings.Count(text.String(), `msg="run ended"`))
	require.Equal(t, 2, strings.Count(text.String(), `msg="run failed"`))
	require.NotContains(t, text.String(), "run began")
	var more []string
	for line := range strings.Lines(text.String()) {
		if strings.Contains(line, "more") {
			more = append(more, line)
		}
	}
	require.Equal(t, []string{
		"level=INFO msg=\"more runs ended\" pipeline=a state=completed runs=10\n",
		"level=ERROR msg=\"more runs failed\" pipeline=a state=failed runs=10\n",
		"level=INFO msg=\"more runs ended\" pipeline=b state=completed runs=10\n",
		"level=ERROR msg=\"more runs failed\" pipeline=b state=failed runs=10\n",
		"level=INFO msg=\"more runs ended\" pipeline=others state=completed runs=18\n",
		"level=ERROR msg=\"more runs failed\" pipeline=others state=failed runs=18\n",
	}, more)
}

func TestTheClassOfAFailure(t *testing.T) {
	m := flow.NewMonitor(flow.Options{})
	var text bytes.Buffer
	done := flowlog.Start(m, slog.New(quiet(&text)), time.Hour)
	failure := fmt.Errorf("lab.alerts: %w", &cql.Error{Class: cql.Overloaded, Err: errors.New("busy")})
	require.Equal(t, failure, flow.Do(flow.With(t.Context(), m), "job", func(context.Context) error { return failure }))
	done()
	require.Contains(t, text.String(), " class=overloaded seconds=")
	require.Equal(t, "overloaded", m.Snapshot().Runs[0].Class)
}

// The lines of a look are bounded, and failures come first.
func TestManyRunsBetweenTwoLooks(t *testing.T) {
	m := flow.NewMonitor(flow.Options{Keep: 1000})
	ctx := flow.With(t.Context(), m)
	var text bytes.Buffer
	done := flowlog.Start(m, slog.New(quiet(&text)), time.Hour)
	for i := range 500 {
		_ = flow.Do(ctx, "job", func(context.Context) error {
			if i%10 == 0 {
				return errors.New("broken")
			}
			return nil
		})
	}
	done()
	require.Equal(t, 50, strings.Count(text.String(), `level=ERROR msg="run failed"`))
	require.Equal(t, 51, strings.Count(text.String(), "\n"))
	require.Contains(t, text.String(), `level=INFO msg="more runs ended" pipeline=job state=completed runs=450`)
}

// A log that panics ends nothing, and is told of what it has lost.
func TestALogThatPanics(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		m := flow.NewMonitor(flow.Options{})
		ctx := flow.With(t.Context(), m)
		var text bytes.Buffer
		log := &fragile{Handler: quiet(&text)}
		log.broken.Store(true)
		done := flowlog.Start(m, slog.New(log), time.Second)
		for range 3 {
			require.NoError(t, flow.Do(ctx, "job", func(context.Context) error { return nil }))
		}
		time.Sleep(2500 * time.Millisecond)
		log.broken.Store(false)
		done()
		require.Equal(t, "level=ERROR msg=\"the log panicked\" records=4 panic=string\n", text.String(), "with its own one")
	})
}

type fragile struct {
	slog.Handler
	broken atomic.Bool
}

func (f *fragile) Handle(ctx context.Context, r slog.Record) error {
	if f.broken.Load() {
		panic("the disk is gone")
	}
	return f.Handler.Handle(ctx, r)
}

// A log that hangs holds up no stream.
func TestALogThatIsStuck(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		m := flow.NewMonitor(flow.Options{})
		release := make(chan struct{})
		done := flowlog.Start(m, slog.New(slog.NewTextHandler(stuck(release), nil)), time.Second)
		ctx := flow.With(t.Context(), m)
		begun := time.Now()
		for range 10 {
			require.NoError(t, flow.Do(ctx, "job", func(context.Context) error { time.Sleep(time.Second); return nil }))
		}
		require.Equal(t, 10*time.Second, time.Since(begun))
		done()
		require.Equal(t, 15*time.Second, time.Since(begun), "nor the end of the program")
		close(release)
	})
}

type stuck chan struct{}

func (s stuck) Write(b []byte) (int, error) {
	<-s
	return len(b), nil
}

func TestNothingToLog(t *testing.T) {
	m := flow.NewMonitor(flow.Options{})
	require.Panics(t, func() { flowlog.Start(nil, slog.Default(), time.Second) })
	require.Panics(t, func() { flowlog.Start(m, nil, time.Second) })
	require.Panics(t, func() { flowlog.Start(m, slog.Default(), 0) })
}

func Example() {
	handler := slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == "seconds" || a.Key == "bottleneck" { // which differ each time
			return slog.Attr{}
		}
		return a
	}})
	monitor := flow.NewMonitor(flow.Options{})
	done := flowlog.Start(monitor, slog.New(handler), time.Second)
	ctx := flow.With(context.Background(), monitor)
	err := flow.Do(ctx, "orders", func(ctx context.Context) error {
		return rx.Range(0, 100).ForEach(ctx, func(int) error { return nil })
	})
	fmt.Println(err)
	done()
	// Output:
	// <nil>
	// level=INFO msg="run ended" id=1 pipeline=orders state=completed items=100
}
