package operators

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestBackoffDoublesUpToItsBound(t *testing.T) {
	const ms = time.Millisecond
	tests := []struct {
		name string
		b    Backoff
		want []time.Duration
	}{
		{"default", Backoff{}, []time.Duration{
			100 * ms, 200 * ms, 400 * ms, 800 * ms, 1600 * ms, 3200 * ms, 6400 * ms, 10000 * ms, 10000 * ms,
		}},
		{"given", Backoff{Base: ms, Max: 5 * ms}, []time.Duration{ms, 2 * ms, 4 * ms, 5 * ms, 5 * ms}},
		{"the bound hits a power", Backoff{Base: ms, Max: 4 * ms}, []time.Duration{ms, 2 * ms, 4 * ms, 4 * ms}},
		{"base over the bound", Backoff{Base: time.Minute}, []time.Duration{10000 * ms, 10000 * ms}},
		{"negative is default", Backoff{Base: -1, Max: -1}, []time.Duration{100 * ms, 200 * ms}},
	}
	for _, tt := range tests {
		tt.b.NoJitter = true
		for i, want := range tt.want {
			require.Equal(t, want, tt.b.delay(i+1), "%s, after failure %d", tt.name, i+1)
		}
	}
}

func TestBackoffDoesNotOverflow(t *testing.T) {
	b := Backoff{Base: 3, Max: math.MaxInt64, NoJitter: true}
	require.EqualValues(t, 3<<61, b.delay(62))
	require.EqualValues(t, math.MaxInt64, b.delay(63))
	require.EqualValues(t, math.MaxInt64, b.delay(math.MaxInt))
	require.EqualValues(t, 3, b.delay(0))
	require.EqualValues(t, 3, b.delay(math.MinInt))
}

func TestBackoffJitterStaysBelowTheLongestWait(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := Backoff{
			Base: time.Duration(rapid.Int64().Draw(t, "base")),
			Max:  time.Duration(rapid.Int64().Draw(t, "max")),
		}
		failed := rapid.Int().Draw(t, "failed")
		wait := b.delay(failed)
		b.NoJitter = true
		longest := b.delay(failed)
		if wait < 0 || wait >= longest || longest <= 0 {
			t.Fatalf("%+v waits %v of at most %v after failure %d", b, wait, longest, failed)
		}
	})
}

func TestBackoffJitterIsFull(t *testing.T) {
	b := Backoff{Base: time.Second}
	var low, high int
	for range 1000 { // both halves stay empty once in 2^999 runs
		if b.delay(1) < time.Second/2 {
			low++
		} else {
			high++
		}
	}
	require.NotZero(t, low)
	require.NotZero(t, high)
}

func TestBackoffCountsAttempts(t *testing.T) {
	tests := []struct {
		attempts, failed int
		exhausted        bool
	}{
		{0, 4, false}, {0, 5, true},
		{1, 1, true},
		{2, 1, false}, {2, 2, true}, {2, 3, true},
		{-1, math.MaxInt, false},
	}
	for _, tt := range tests {
		require.Equal(t, !tt.exhausted, Backoff{Attempts: tt.attempts}.Allow(tt.failed), "%+v", tt)
	}
}
