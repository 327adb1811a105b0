package source_test

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/source"
)

// calls tells how many calls of Each's function are under way at the same time: want of them wait for each other.
func calls(t *testing.T, scan source.Scan[spot], n, want int) {
	t.Helper()
	var now atomic.Int64
	all := make(chan struct{})
	require.NoError(t, scan.Each(t.Context(), n, func(ctx context.Context, _ source.TablePage[spot]) error {
		if now.Add(1) == int64(want) {
			close(all)
		}
		select {
		case <-all:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}))
	require.GreaterOrEqual(t, now.Load(), int64(want))
}

func TestEachHasAsManyCallsUnderWayAsWereAskedFor(t *testing.T) {
	server, session := serve(t)
	spots(server, 200, 5)
	scan := source.Table[spot](session, "lab.spots").PageSize(5)
	calls(t, scan, 32, 32)
	calls(t, scan, 1, 1)
	calls(t, scan.Parallel(4).ReadAhead(7), 40, 32)
	calls(t, scan.SplitInto(1).ReadAhead(7), 32, 8)
}

// What was set is not exceeded.
func TestEachHoldsNoMorePagesThanWereSet(t *testing.T) {
	server, session := serve(t)
	spots(server, 200, 5)
	for _, scan := range []source.Scan[spot]{
		source.Table[spot](session, "lab.spots").Parallel(2),
		source.Table[spot](session, "lab.spots").Parallel(4).ReadAhead(0),
		source.Table[spot](session, "lab.spots").Parallel(1).ReadAhead(3),
	} {
		var now, most atomic.Int64
		require.NoError(t, scan.PageSize(5).Each(t.Context(), 32, func(context.Context, source.TablePage[spot]) error {
			n := now.Add(1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			runtime.Gosched()
			now.Add(-1)
			return nil
		}))
		require.LessOrEqual(t, most.Load(), int64(4))
	}
}
