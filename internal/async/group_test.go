package async

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/demand"
	"github.com/rxcql/rxcql/internal/virtualtime"
	"github.com/rxcql/rxcql/rx"
)

var errTest = errors.New("the test's error")

// ends runs body on a goroutine of its own and tells how that ended: exited is for a Goexit.
func ends(body func()) (value any, exited bool) {
	done := make(chan struct{})
	exited = true
	go func() {
		defer close(done)
		defer func() {
			if v := recover(); v != nil {
				value, exited = v, false
			}
		}()
		body()
		exited = false
	}()
	<-done
	return value, exited
}

// hang waits for the end of ctx and counts that it has seen it.
func hang(ended *atomic.Int32) func(context.Context) {
	return func(ctx context.Context) {
		<-ctx.Done()
		ended.Add(1)
	}
}

func TestRunReturnsTheBodysResultWhenAllHasEnded(t *testing.T) {
	var ended atomic.Int32
	err := Run(t.Context(), func(g *Group) error {
		for range 10 {
			g.Go(hang(&ended))
		}
		return errTest
	})
	require.Equal(t, errTest, err)
	require.EqualValues(t, 10, ended.Load())
}

func TestRunWaitsWhenTheBodyPanicsOrExits(t *testing.T) {
	for _, tt := range []struct {
		name   string
		leave  func()
		value  any
		exited bool
	}{
		{"panic", func() { panic(errTest) }, errTest, false},
		{"exit", runtime.Goexit, nil, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var ended atomic.Int32
			value, exited := ends(func() {
				_ = Run(t.Context(), func(g *Group) error {
					g.Go(hang(&ended))
					tt.leave()
					return nil
				})
			})
			require.Equal(t, tt.value, value, "the body's panic passes as it is")
			require.Equal(t, tt.exited, exited)
			require.EqualValues(t, 1, ended.Load())
		})
	}
}

func TestAPanicOnAGoroutineEndsTheRunAndIsRaisedAgain(t *testing.T) {
	var ended atomic.Int32
	value, _ := ends(func() {
		_ = Run(t.Context(), func(g *Group) error {
			g.Go(hang(&ended))
			g.Go(explode)
			<-g.Done()
			return nil
		})
	})
	p, ok := value.(*rx.PanicError)
	require.True(t, ok, "%v", value)
	require.Equal(t, errTest, p.Value)
	require.Contains(t, string(p.Stack), "explode", "the stack shows where the panic began")
	require.ErrorIs(t, p, errTest)
	require.EqualValues(t, 1, ended.Load())
}

func explode(context.Context) { panic(errTest) }

func TestAGoexitOnAGoroutineEndsTheRunsGoroutine(t *testing.T) {
	_, exited := ends(func() {
		_ = Run(t.Context(), func(g *Group) error {
			g.Go(func(context.Context) { runtime.Goexit() })
			<-g.Done()
			return nil
		})
	})
	require.True(t, exited)
}

func TestAPanicOutranksAGoexit(t *testing.T) {
	value, _ := ends(func() {
		_ = Run(t.Context(), func(g *Group) error {
			g.Go(func(context.Context) { runtime.Goexit() })
			g.Go(explode)
			return nil
		})
	})
	require.IsType(t, &rx.PanicError{}, value)
}

func TestAPanicAcrossTwoBoundariesIsOnePanicError(t *testing.T) {
	value, _ := ends(func() {
		_ = Run(t.Context(), func(outer *Group) error {
			outer.Go(func(ctx context.Context) {
				_ = Run(ctx, func(inner *Group) error {
					inner.Go(explode)
					<-inner.Done()
					return nil
				})
			})
			<-outer.Done()
			return nil
		})
	})
	p, ok := value.(*rx.PanicError)
	require.True(t, ok, "%v", value)
	require.Equal(t, errTest, p.Value, "not a PanicError in a PanicError")
}

func TestAGoexitCrossesTwoBoundaries(t *testing.T) {
	_, exited := ends(func() {
		_ = Run(t.Context(), func(outer *Group) error {
			outer.Go(func(ctx context.Context) {
				_ = Run(ctx, func(inner *Group) error {
					inner.Go(func(context.Context) { runtime.Goexit() })
					<-inner.Done()
					return nil
				})
			})
			<-outer.Done()
			return nil
		})
	})
	require.True(t, exited)
}

func TestTheGroupsContextEndsWithTheRunsAndTellsItsCause(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		var cause error
		err := Run(ctx, func(g *Group) error {
			g.Go(func(ctx context.Context) {
				<-ctx.Done()
				cause = context.Cause(ctx)
			})
			synctest.Wait()
			cancel(errTest)
			<-g.Done()
			return rx.Cause(g.Context())
		})
		require.ErrorIs(t, err, errTest)
		require.Equal(t, errTest, cause)
	})
}

func TestAGoroutineMayStartAnother(t *testing.T) {
	var ended atomic.Int32
	_ = Run(t.Context(), func(g *Group) error {
		g.Go(func(context.Context) {
			g.Go(func(context.Context) {
				g.Go(func(context.Context) { ended.Add(1) })
			})
		})
		return nil
	})
	require.EqualValues(t, 1, ended.Load())
}

func TestABorrowedGoroutineIsWaitedForAndItsPanicMoved(t *testing.T) {
	for _, tt := range []struct {
		name   string
		leave  func()
		value  any
		exited bool
	}{
		{"returns", func() {}, nil, false},
		{"panics", func() { panic("borrowed") }, "borrowed", false},
		{"exits", runtime.Goexit, nil, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			virtualtime.Test(t, func(t *testing.T) {
				var (
					ended    atomic.Int32
					survived atomic.Bool
				)
				value, exited := ends(func() {
					_ = Run(t.Context(), func(g *Group) error {
						begun := make(chan struct{})
						go func() {
							g.Borrow(func(ctx context.Context) {
								close(begun)
								hang(&ended)(ctx)
								tt.leave()
							})
							survived.Store(true)
						}()
						<-begun
						return nil
					})
				})
				require.EqualValues(t, 1, ended.Load(), "Run waited")
				require.Equal(t, tt.exited, exited)
				if p, ok := value.(*rx.PanicError); ok {
					value = p.Value
				}
				require.Equal(t, tt.value, value)
				synctest.Wait()
				require.Equal(t, !tt.exited, survived.Load(), "the lender goes on")
			})
		})
	}
}

func TestNothingIsBorrowedOnceTheRunIsOver(t *testing.T) {
	var group *Group
	require.NoError(t, Run(t.Context(), func(g *Group) error { group = g; return nil }))
	require.False(t, group.Borrow(func(context.Context) { t.Error("called") }))
}

type demanding struct{ demand.Demand }

func TestOnlyTheRunsGoroutineSeesTheConsumersDemand(t *testing.T) {
	ctx := demand.With(t.Context(), demanding{})
	_ = Run(ctx, func(g *Group) error {
		require.Equal(t, demanding{}, demand.From(g.Context()))
		seen := make(chan demand.Demand, 1)
		g.Go(func(ctx context.Context) { seen <- demand.From(ctx) })
		require.Nil(t, <-seen)
		require.True(t, g.Borrow(func(ctx context.Context) { seen <- demand.From(ctx) }))
		require.Nil(t, <-seen)
		return nil
	})
}
