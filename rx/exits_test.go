package rx_test

import (
	"context"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/rx"
)

// watched is a stream of 1..n that ends with err and notes what happens to it.
type watched struct {
	n   int
	err error

	yielded int  // items that it has yielded
	ended   bool // its cleanup was done
}

func (w *watched) stream() rx.Observable[int] {
	return func(ctx context.Context, yield func(int) bool) error {
		w.yielded, w.ended = 0, false
		defer func() { w.ended = true }()
		for i := range w.n {
			if err := rx.Cause(ctx); err != nil {
				return err
			}
			w.yielded++
			if !yield(i + 1) {
				return nil
			}
		}
		return w.err
	}
}

func TestAllYieldsItemsAndNoError(t *testing.T) {
	var got []int
	for v, err := range rx.Range(1, 3).All(t.Context()) {
		require.NoError(t, err)
		got = append(got, v)
	}
	require.Equal(t, []int{1, 2, 3}, got)
}

func TestAllYieldsTheErrorLast(t *testing.T) {
	w := watched{n: 2, err: errBoom}
	type pair struct {
		v   int
		err error
	}
	var got []pair
	for v, err := range w.stream().All(t.Context()) {
		if err != nil {
			require.True(t, w.ended, "the stream has ended when its error is seen")
		}
		got = append(got, pair{v, err})
	}
	require.Equal(t, []pair{{1, nil}, {2, nil}, {0, errBoom}}, got)
}

func TestAllRunsAnew(t *testing.T) {
	w := watched{n: 3}
	loop := w.stream().All(t.Context())
	for range 2 {
		sum := 0
		for v := range loop {
			sum += v
		}
		require.Equal(t, 6, sum)
	}
}

func TestLeavingTheLoop(t *testing.T) {
	for name, leave := range map[string]func(w *watched){
		"break": func(w *watched) {
			for v := range w.stream().All(t.Context()) {
				if v == 2 {
					break
				}
			}
		},
		"return": func(w *watched) {
			for v := range w.stream().All(t.Context()) {
				if v == 2 {
					return
				}
			}
		},
		"goto": func(w *watched) {
			for v := range w.stream().All(t.Context()) {
				if v == 2 {
					goto out
				}
			}
		out:
		},
		"break of an outer loop": func(w *watched) {
		outer:
			for range 3 {
				for v := range w.stream().All(t.Context()) {
					if v == 2 {
						break outer
					}
				}
			}
		},
		"panic": func(w *watched) {
			defer func() { require.Equal(t, errBoom, recover()) }()
			for v := range w.stream().All(t.Context()) {
				if v == 2 {
					panic(errBoom)
				}
			}
		},
		"runtime.Goexit, as t.FailNow does": func(w *watched) {
			exited := make(chan struct{})
			go func() {
				defer close(exited)
				for v := range w.stream().All(t.Context()) {
					if v == 2 {
						runtime.Goexit()
					}
				}
				t.Error("the loop went on")
			}()
			<-exited
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, w := range []watched{{n: 5}, {n: 5, err: errBoom}, {n: 2, err: errBoom}} {
				leave(&w)
				require.Equal(t, 2, w.yielded)
				require.True(t, w.ended)
			}
		})
	}
}

func TestLeavingTheLoopAtTheError(t *testing.T) {
	w := watched{err: errBoom}
	for _, err := range w.stream().All(t.Context()) {
		require.ErrorIs(t, err, errBoom)
		break
	}
	require.True(t, w.ended)
}

// TestLeavingTheLoopOfABrokenStream: a loop that is called again after a break panics, which would hide who is to
// blame.
func TestLeavingTheLoopOfABrokenStream(t *testing.T) {
	broken := rx.Observable[int](func(_ context.Context, yield func(int) bool) error {
		yield(1)
		return errBoom
	})
	for v, err := range broken.All(t.Context()) {
		require.NoError(t, err)
		require.Equal(t, 1, v)
		break
	}
}

func TestRecoveredInTheLoopsBody(t *testing.T) {
	w := watched{n: 4}
	recovered := 0
	for v := range w.stream().All(t.Context()) {
		func() {
			defer func() {
				if recover() != nil {
					recovered++
				}
			}()
			if v%2 == 0 {
				panic(v)
			}
		}()
	}
	require.Equal(t, 2, recovered)
	require.Equal(t, 4, w.yielded)
}

func TestNestedLoops(t *testing.T) {
	src := rx.Range(0, 3)
	var got []int
	for a := range src.All(t.Context()) {
		for b := range src.All(t.Context()) {
			if b > a {
				break
			}
			got = append(got, 10*a+b)
		}
	}
	require.Equal(t, []int{0, 10, 11, 20, 21, 22}, got)
}

func TestCancelInTheLoopsBody(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	w := watched{n: 5}
	var last error
	for v, err := range w.stream().All(ctx) {
		if v == 2 {
			cancel(errBoom)
		}
		last = err
	}
	require.ErrorIs(t, last, errBoom)
	require.ErrorIs(t, last, context.Canceled)
	require.Equal(t, 2, w.yielded)
}

func TestForEach(t *testing.T) {
	var got []int
	require.NoError(t, rx.Range(1, 3).ForEach(t.Context(), func(v int) error {
		got = append(got, v)
		return nil
	}))
	require.Equal(t, []int{1, 2, 3}, got)
}

func TestForEachReturnsTheStreamsError(t *testing.T) {
	w := watched{n: 2, err: errBoom}
	require.True(t, w.stream().ForEach(t.Context(), func(int) error { return nil }) == errBoom)
	require.Equal(t, 2, w.yielded)
}

func TestForEachStopsAtTheFirstError(t *testing.T) {
	w := watched{n: 5}
	err := w.stream().ForEach(t.Context(), func(v int) error {
		if v == 2 {
			return errBoom
		}
		return nil
	})
	require.True(t, err == errBoom)
	require.Equal(t, 2, w.yielded)
}

func TestForEachsOwnErrorOutranks(t *testing.T) {
	// Even that of a stream which fails after it was stopped, against the contract.
	broken := rx.Observable[int](func(_ context.Context, yield func(int) bool) error {
		yield(1)
		return context.Canceled
	})
	require.True(t, broken.ForEach(t.Context(), func(int) error { return errBoom }) == errBoom)
}

func TestCollectReturnsWhatCameBeforeTheError(t *testing.T) {
	w := watched{n: 2, err: errBoom}
	items, err := w.stream().Collect(t.Context())
	require.True(t, err == errBoom)
	require.Equal(t, []int{1, 2}, items)
}

func TestFirst(t *testing.T) {
	w := watched{n: 3, err: errBoom}
	first, err := w.stream().First(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, first)
	require.Equal(t, 1, w.yielded)
	require.True(t, w.ended)
}

func TestFirstOfNone(t *testing.T) {
	_, err := rx.Empty[int]().First(t.Context())
	require.True(t, err == rx.ErrEmpty)
	_, err = rx.Fail[int](errBoom).First(t.Context())
	require.True(t, err == errBoom)
}

func TestFirstThatIsZero(t *testing.T) {
	first, err := rx.From(0, 1).First(t.Context())
	require.NoError(t, err)
	require.Zero(t, first)
}
