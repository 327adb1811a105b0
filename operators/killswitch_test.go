package operators_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/virtualtime"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

func TestAKillSwitchEndsAllItsStreams(t *testing.T) {
	for name, tt := range map[string]struct {
		act func(*op.KillSwitch)
		err error
	}{
		"Shutdown":              {(*op.KillSwitch).Shutdown, nil},
		"Abort":                 {func(k *op.KillSwitch) { k.Abort(errReason) }, errReason},
		"Shutdown before Abort": {func(k *op.KillSwitch) { k.Shutdown(); k.Abort(errReason) }, nil},
		"Abort twice":           {func(k *op.KillSwitch) { k.Abort(errReason); k.Abort(errOdd); k.Shutdown() }, errReason},
	} {
		t.Run(name, func(t *testing.T) {
			virtualtime.Test(t, func(t *testing.T) {
				k := op.NewKillSwitch()
				at := clock()
				time.AfterFunc(5500*ms, func() { tt.act(k) })
				ends := make(chan string, 3)
				for _, src := range []rx.Observable[int]{rx.Interval(time.Second), rx.Interval(2 * time.Second), rx.Never[int]()} {
					go func() {
						got, err := op.Buffer(op.Killable(src, k), 100).Collect(context.Background())
						ends <- fmt.Sprint(got, err, at())
					}()
				}
				want := []string{
					fmt.Sprint([][]int{{0, 1, 2, 3, 4}}, tt.err, 5500*ms),
					fmt.Sprint([][]int{{0, 1}}, tt.err, 5500*ms),
					fmt.Sprint([][]int(nil), tt.err, 5500*ms),
				}
				require.ElementsMatch(t, want, []string{<-ends, <-ends, <-ends}, "and what they had is emitted")

				runs, yielded := 0, 0
				_, err := op.Killable(counted(rx.From(1), &runs, &yielded), k).Collect(t.Context())
				require.Equal(t, tt.err, err)
				require.Zero(t, runs, "a stream that is run later ends at once")
			})
		})
	}
}

func TestAKillSwitchInsideYield(t *testing.T) {
	k := op.NewKillSwitch()
	var got []int
	err := op.Killable(rude(errSource, 1, 2, 3), k)(t.Context(), func(v int) bool {
		got = append(got, v)
		k.Abort(errReason)
		return true
	})
	require.Equal(t, errReason, err)
	require.Equal(t, []int{1}, got)
}

func TestTheRunsOwnEndOutranksTheSwitch(t *testing.T) {
	k := op.NewKillSwitch()
	k.Shutdown()
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errReason)
	_, err := op.Killable(rx.From(1), k).Collect(ctx)
	require.ErrorIs(t, err, errReason)
}

func TestAKillSwitchRefusesNonsense(t *testing.T) {
	require.Panics(t, func() { op.Killable(rx.From(1), nil) })
	require.Panics(t, func() { op.NewKillSwitch().Abort(nil) })
}

func BenchmarkKillable(b *testing.B) {
	k := op.NewKillSwitch()
	run(b, func(src rx.Observable[int]) rx.Observable[int] { return op.Killable(src, k) })
}
