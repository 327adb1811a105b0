package flowlog_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

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
			`level=INFO msg="run ended" id=2 pipeline=long state=completed seconds=2.5 items=0`,
			`level=ERROR msg="run failed" id=3 pipeline=short state=failed error=broken seconds=0 items=0`,
			`level=INFO msg="run ended" id=4 pipeline=canceled state=canceled seconds=0 items=0`,
			"",
		}, "\n"), text.String())
	})
}

func TestMoreRunsThanAreKept(t *testing.T) {
	m := flow.NewMonitor(flow.Options{Keep: 2})
	var text bytes.Buffer
	done := flowlog.Start(m, slog.New(quiet(&text)), time.Hour)
	for range 10 {
		require.NoError(t, flow.Do(flow.With(t.Context(), m), "job", func(context.Context) error { return nil }))
	}
	done()
	require.Equal(t, 2, strings.Count(text.String(), "run ended"))
	require.Contains(t, text.String(), `level=INFO msg="more runs ended than were kept" runs=8`)
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
		close(release)
		done()
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
