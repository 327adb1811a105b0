package flow_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/internal/virtualtime"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/flow"
	"github.com/rxcql/rxcql/source"
)

// stuck is an error whose text is as one likes.
type stuck struct{ text func() string }

func (e stuck) Error() string { return e.text() }

func fails(ctx context.Context, m *flow.Monitor, err error) {
	_ = flow.Do(flow.With(ctx, m), "job", func(context.Context) error { return err })
}

func TestATextThatTakesForEverHurtsNobody(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		m := flow.NewMonitor(flow.Options{})
		release := make(chan struct{})
		fails(t.Context(), m, stuck{func() string { <-release; return "at last" }})
		fails(t.Context(), m, errTest)
		began := time.Now()
		for range 100 {
			for _, r := range m.Snapshot().Runs {
				require.Equal(t, flow.Failed, r.State)
			}
		}
		require.Less(t, time.Since(began), time.Second, "who looks has waited once")
		require.Contains(t, m.Snapshot().Runs[1].Error, "not known yet")
		close(release)
		synctest.Wait()
		runs := m.Snapshot().Runs
		require.Equal(t, "at last", runs[1].Error)
		require.Equal(t, errTest.Error(), runs[0].Error)
	})
}

func TestATextIsMadeOnceWhenSomebodyLooks(t *testing.T) {
	calls := 0
	m := flow.NewMonitor(flow.Options{ErrorText: func(error) string {
		calls++
		if calls == 2 {
			runtime.Goexit()
		}
		return fmt.Sprint("call ", calls)
	}})
	for range 3 {
		fails(t.Context(), m, errTest)
	}
	require.Zero(t, calls)
	texts := func() (all []string) {
		for _, r := range m.Snapshot().Runs {
			all = append(all, r.Error)
		}
		return all
	}
	texts()
	for range 3 {
		require.ElementsMatch(t, []string{"call 1", "its text cannot be told: ErrorText, or Error, panicked", "call 3"}, texts())
	}
	require.Equal(t, 3, calls)
}

func TestNoSecretIsShown(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, session := serve(t, 1)
		server.Inject(cqltest.Fault{Match: reads, Err: cqltest.Invalid("Invalid STRING constant (hunter2) for type int")})
		m := flow.NewMonitor(flow.Options{})
		ctx := flow.With(t.Context(), m)
		rows := source.Query[item](session, "SELECT k, v FROM shop.items WHERE k = 'hunter2'").Rows()
		_, err := rows.Collect(ctx)
		require.ErrorContains(t, err, "hunter2")
		_ = flow.Do(ctx, "wrapped", func(ctx context.Context) error {
			return fmt.Errorf("orders: %w", errors.Join(errTest, func() error { _, err := rows.Collect(ctx); return err }()))
		})
		_ = flow.Do(ctx, "recovered", func(ctx context.Context) (err error) {
			defer func() { err = recover().(error) }()
			return op.Prefetch(op.Map(rx.From(1), func(int) int { panic("hunter2") }), 1).ForEach(ctx, func(int) error { return nil })
		})
		runs := m.Snapshot().Runs
		require.Len(t, runs, 3)
		for _, r := range runs {
			require.NotContains(t, r.Error, "hunter2", r.Name)
		}
		require.Equal(t, "panicked", runs[0].Error)
		require.True(t, strings.HasPrefix(runs[1].Error, "orders: "+errTest.Error()), runs[1].Error)
		require.Contains(t, runs[2].Error, "page 1")
		require.Contains(t, runs[2].Error, "the server's error 0x2200")
		require.Contains(t, runs[2].Error, "127.0.0.1", "the host")
	})
}
