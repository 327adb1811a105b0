package cql_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/virtualtime"
)

// gate is a driver whose calls wait until they are let go or their context ends, and which notes every breach of the
// port's promise that no call comes after Close.
type gate struct {
	cql.Driver
	open     chan struct{}
	calls    atomic.Int64
	under    atomic.Int64
	closes   atomic.Int64
	breaches atomic.Int64
}

func newGate() *gate { return &gate{open: make(chan struct{})} }

func (g *gate) Execute(ctx context.Context, _ cql.Statement) error {
	g.calls.Add(1)
	g.under.Add(1)
	defer g.under.Add(-1)
	if g.closes.Load() > 0 {
		g.breaches.Add(1)
	}
	select {
	case <-g.open:
	case <-ctx.Done():
		return ctx.Err()
	}
	if g.closes.Load() > 0 {
		g.breaches.Add(1)
	}
	return nil
}

func (g *gate) Classify(error) cql.Class { return cql.ServerError }

func (g *gate) Close() {
	if g.under.Load() > 0 {
		g.breaches.Add(1)
	}
	g.closes.Add(1)
}

var statement = cql.Statement{CQL: "INSERT"}

func TestEachOfManyOperationsSucceedsOrGetsErrClosed(t *testing.T) {
	for name, shut := range map[string]func(*cql.Session) error{
		"Shutdown": func(s *cql.Session) error { return s.Shutdown(context.Background()) },
		"Close":    func(s *cql.Session) error { s.Close(); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			g := newGate()
			close(g.open)
			s := cql.NewSession(g)
			const workers, each = 20, 500
			var ok, refused atomic.Int64
			var wg sync.WaitGroup
			for range workers {
				wg.Go(func() {
					for range each {
						switch err := s.Execute(context.Background(), statement); {
						case err == nil:
							ok.Add(1)
						case errors.Is(err, cql.ErrClosed) && errors.Is(err, cql.Closed):
							refused.Add(1)
						default:
							t.Errorf("neither done nor refused: %v", err)
						}
					}
				})
			}
			for ok.Load() < workers { // some are through, so that shutting down comes in the middle
				time.Sleep(time.Microsecond)
			}
			require.NoError(t, shut(s))
			calls := g.calls.Load()
			wg.Wait()
			require.EqualValues(t, workers*each, ok.Load()+refused.Load())
			require.Positive(t, refused.Load())
			require.Equal(t, calls, g.calls.Load(), "no call after shutting down")
			require.EqualValues(t, 1, g.closes.Load())
			require.Zero(t, g.breaches.Load())
		})
	}
}

func TestManyClosesCloseTheDriverOnce(t *testing.T) {
	g := newGate()
	s := cql.NewSession(g)
	done := make(chan error)
	go func() { done <- s.Execute(context.Background(), statement) }()
	for g.under.Load() == 0 {
		time.Sleep(time.Microsecond)
	}
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			s.Close()
			if g.closes.Load() != 1 {
				t.Error("not closed when Close returns")
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 1, g.closes.Load())
	err := <-done
	require.ErrorIs(t, err, cql.ErrClosed)
	require.ErrorIs(t, err, cql.Closed)
	require.NotErrorIs(t, err, context.Canceled, "the caller's context has not ended")
	require.Zero(t, g.breaches.Load())
}

func TestShutdownWaitsForOperationsUnderWay(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		g := newGate()
		s := cql.NewSession(g)
		results := make(chan error, 5)
		for range 5 {
			go func() { results <- s.Execute(t.Context(), statement) }()
		}
		synctest.Wait()
		shut := make(chan error, 1)
		go func() { shut <- s.Shutdown(t.Context()) }()
		time.Sleep(time.Second)
		require.Empty(t, shut)
		require.ErrorIs(t, s.Execute(t.Context(), statement), cql.ErrClosed, "nothing new")
		require.Zero(t, g.closes.Load())
		close(g.open)
		require.NoError(t, <-shut)
		for range 5 {
			require.NoError(t, <-results)
		}
		require.EqualValues(t, 1, g.closes.Load())
		require.Zero(t, g.breaches.Load())
	})
}

func TestShutdownHonoursItsDeadline(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		g := newGate()
		s := cql.NewSession(g)
		result := make(chan error, 1)
		go func() { result <- s.Execute(t.Context(), statement) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		require.ErrorIs(t, s.Shutdown(ctx), context.DeadlineExceeded)
		require.Equal(t, time.Second, time.Since(start))
		require.ErrorIs(t, <-result, cql.ErrClosed)
		require.EqualValues(t, 1, g.closes.Load())
	})
}

func TestWorkIsAdmittedToItsEnd(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		g := newGate()
		close(g.open)
		s := cql.NewSession(g)
		shut := make(chan error, 1)
		var leaked context.Context
		err := s.Work(t.Context(), func(ctx context.Context) error {
			go func() { shut <- s.Shutdown(t.Context()) }()
			synctest.Wait()
			require.ErrorIs(t, s.Execute(t.Context(), statement), cql.ErrClosed, "not under Work")
			for range 3 {
				if err := s.Work(ctx, func(ctx context.Context) error { return s.Execute(ctx, statement) }); err != nil {
					return err
				}
			}
			require.Empty(t, shut)
			leaked = context.WithoutCancel(ctx)
			return nil
		})
		require.NoError(t, err)
		require.NoError(t, <-shut)
		require.ErrorIs(t, s.Execute(leaked, statement), cql.ErrClosed, "the lease has ended")
		require.ErrorIs(t, s.Work(t.Context(), nil), cql.ErrClosed)
		require.EqualValues(t, 3, g.calls.Load())
	})
}

func TestAContextLeakedFromWorkAdmitsNothingWhileDraining(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		g := newGate()
		close(g.open)
		s := cql.NewSession(g)
		var leaked context.Context
		require.NoError(t, s.Work(t.Context(), func(ctx context.Context) error {
			leaked = context.WithoutCancel(ctx)
			return nil
		}))
		require.NoError(t, s.Execute(leaked, statement), "as long as the session is open, it is as any context")
		shut := make(chan error, 1)
		require.NoError(t, s.Work(t.Context(), func(ctx context.Context) error {
			go func() { shut <- s.Shutdown(t.Context()) }()
			synctest.Wait()
			require.ErrorIs(t, s.Execute(leaked, statement), cql.ErrClosed)
			return s.Execute(ctx, statement)
		}))
		require.NoError(t, <-shut)
	})
}

func TestCloseInsideWorkReturnsAtOnce(t *testing.T) {
	g := newGate()
	close(g.open)
	s := cql.NewSession(g)
	err := s.Work(t.Context(), func(ctx context.Context) error {
		s.Close()
		require.ErrorIs(t, context.Cause(ctx), cql.ErrClosed)
		require.EqualValues(t, 1, g.closes.Load())
		return s.Execute(ctx, statement)
	})
	require.ErrorIs(t, err, cql.ErrClosed)
	require.Zero(t, g.calls.Load())
}

func TestWorkEndsWhenItsFunctionPanics(t *testing.T) {
	s := cql.NewSession(newGate())
	require.PanicsWithValue(t, "boom", func() {
		_ = s.Work(t.Context(), func(context.Context) error { panic("boom") })
	})
	require.NoError(t, s.Shutdown(t.Context()), "nothing is left to wait for")
}

func TestTimeoutsAreToldApartFromCancels(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		s := cql.NewSession(newGate())
		defer s.Close()
		start := time.Now()
		err := s.Execute(t.Context(), statement)
		require.ErrorIs(t, err, cql.ClientTimeout)
		require.NotErrorIs(t, err, context.DeadlineExceeded, "the caller's context has not ended")
		require.Equal(t, cql.DefaultTimeout, time.Since(start))

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err = s.Execute(ctx, statement)
		require.ErrorIs(t, err, cql.Canceled)
		require.ErrorIs(t, err, context.DeadlineExceeded)

		cause := errors.New("the user pressed a key")
		ctx2, cancel2 := context.WithCancelCause(t.Context())
		go func() { time.Sleep(time.Second); cancel2(cause) }()
		err = s.Execute(ctx2, statement)
		require.ErrorIs(t, err, cql.Canceled)
		require.ErrorIs(t, err, cause)
		require.ErrorIs(t, err, context.Canceled)
	})
}

// nosy is a context that looks into the session when it is asked for a value.
type nosy struct {
	context.Context
	s *cql.Session
}

func (c nosy) Value(key any) any {
	if err := c.s.Work(context.Background(), func(context.Context) error { return nil }); err != nil {
		return err
	}
	return c.Context.Value(key)
}

func TestNoLockIsHeldWhileAContextIsAsked(t *testing.T) {
	g := newGate()
	close(g.open)
	s := cql.NewSession(g)
	defer s.Close()
	require.NoError(t, s.Execute(nosy{t.Context(), s}, statement))
}

func TestShuttingDownAnIdleSessionSucceedsWhateverTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 20 {
		require.NoError(t, cql.NewSession(newGate()).Shutdown(ctx))
	}
}

func TestTimestampsGrow(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) { // where the clock stands still
		s := cql.NewSession(newGate())
		defer s.Close()
		last := s.Timestamp()
		require.Equal(t, time.Now().UnixMicro(), last)
		for range 100 {
			next := s.Timestamp()
			require.Equal(t, last+1, next)
			last = next
		}
	})
}

func TestErrorsShowTheStatementWithoutItsStrings(t *testing.T) {
	s := cql.NewSession(newGate())
	s.Close()
	err := s.Execute(t.Context(), cql.Statement{CQL: "CREATE ROLE r\n WITH PASSWORD = 'it''s secret' AND x = $$ secret $$", Args: []any{"value"}})
	require.EqualError(t, err, "cql: execute: cql: the session is closed: CREATE ROLE r WITH PASSWORD = '…' AND x = '…'")
}
