package bridge_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"testing"

	"github.com/reactivex/rxgo/v2"
	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/bridge"
)

func TestAnItemOfTheWrongTypeIsAnError(t *testing.T) {
	items, err := bridge.From[int](rxgo.Just(1, "two", 3)()).Collect(t.Context())
	require.Equal(t, []int{1}, items)
	var wrong *bridge.TypeError
	require.ErrorAs(t, err, &wrong)
	require.Equal(t, 2, wrong.Position)
	require.EqualError(t, err, "bridge: item 2 from rxgo is of type string, not int: convert it with rxgo's Map, or ask for another type")

	_, err = bridge.Via[int, fmt.Stringer](rx.From(1), same).Collect(t.Context())
	require.ErrorContains(t, err, "is of type int, not fmt.Stringer")
}

func TestANilIsAnItemOfInterfaceTypesOnly(t *testing.T) {
	nothing := rxgo.Defer([]rxgo.Producer{func(ctx context.Context, next chan<- rxgo.Item) { rxgo.Of(nil).SendContext(ctx, next) }})

	items, err := bridge.From[any](nothing).Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, []any{nil}, items)

	_, err = bridge.From[*int](nothing).Collect(t.Context())
	require.ErrorContains(t, err, "is of type nil, not *int")

	pointers, err := bridge.Via[*int, *int](rx.From[*int](nil), same).Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, []*int{nil}, pointers, "a nil pointer has a type")
}

// An item that is an error is not the end of the stream.
func TestErrorsMayBeItems(t *testing.T) {
	items, err := bridge.Via[error, error](rx.From(io.EOF, nil, errOurs), same).Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, []error{io.EOF, nil, errOurs}, items)
}

func TestToIsColdAndTakesOptions(t *testing.T) {
	opts := append(make([]rxgo.Option, 0, 8), rxgo.WithBufferedChannel(3))
	src := bridge.To(rx.Range(0, 100), opts...)
	var observers sync.WaitGroup
	for range 8 { // at once: rxgo appends to the options
		observers.Go(func() {
			items, err := src.ToSlice(0)
			require.NoError(t, err)
			require.Len(t, items, 100)
		})
	}
	observers.Wait()
	require.Equal(t, 3, cap(src.Observe(rxgo.WithContext(canceled()))))
}

func canceled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

func TestToGoesWhereRxgoTakesAnIterable(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	add := func(_ context.Context, a, b any) (any, error) { return a.(int) + b.(int), nil }
	got, err := bridge.From[int](
		bridge.To(rx.Range(0, 3)).
			StartWith(bridge.To(rx.From(-1)), rxgo.WithContext(ctx)).
			ZipFromIterable(bridge.To(rx.From(10, 20, 30, 40)), add, rxgo.WithContext(ctx)),
	).Collect(ctx)
	require.NoError(t, err)
	require.Equal(t, []int{9, 20, 31, 42}, got)
}

func TestRxgoSeesOurErrorsAndPanicsAsErrors(t *testing.T) {
	require.Equal(t, errOurs, bridge.To(rx.Fail[int](errOurs)).Error())

	boom := rx.New(func(context.Context, func(int) bool) error { panic(errOurs) })
	err := bridge.To(boom).Error()
	var crossed *rx.PanicError
	require.ErrorAs(t, err, &crossed)
	require.ErrorIs(t, err, errOurs)

	exits := rx.New(func(context.Context, func(int) bool) error { runtime.Goexit(); return nil })
	require.ErrorContains(t, bridge.To(exits).Error(), "runtime.Goexit")
}

// Somebody may have observed with a context of their own: then the panic comes as an item.
func TestFromRaisesAPanicThatCrossedRxgoAsAnItem(t *testing.T) {
	boom := rx.New(func(context.Context, func(int) bool) error { panic("boom") })
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	merged := rxgo.Merge([]rxgo.Observable{bridge.To(boom)}, rxgo.WithContext(ctx))
	defer func() {
		p, ok := recover().(*rx.PanicError)
		require.True(t, ok)
		require.Equal(t, "boom", p.Value)
	}()
	_, err := bridge.From[int](merged).Collect(t.Context())
	t.Error("did not panic, but", err)
}

// A PanicError that somebody has recovered is an error like any other.
func TestARecoveredPanicIsNotRaisedAgain(t *testing.T) {
	recovered := &rx.PanicError{Value: "boom"}
	_, err := bridge.Via[int, int](rx.Fail[int](recovered), same).Collect(t.Context())
	require.True(t, errors.Is(err, recovered))
}
