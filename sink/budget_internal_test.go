package sink

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTolerance(t *testing.T) {
	for _, c := range []struct {
		tolerance     Tolerance
		dead, settled int64
		exceeded      bool
	}{
		{Tolerance{}, 100, 100, false}, {Tolerance{}, 101, 1e9, true},
		{Tolerance{Rows: 1}, 1, 1, false}, {Tolerance{Rows: 1}, 2, 1e9, true},
		{Tolerance{Rows: -1}, 1e9, 1e9, false},
		{Tolerance{Share: 0.1}, 999, 999, false}, {Tolerance{Share: 0.1}, 101, 1000, true}, {Tolerance{Share: 0.1}, 100, 1000, false},
		{Tolerance{Share: 0.1, Sample: 10}, 2, 10, true}, {Tolerance{Share: 0.1, Sample: 10}, 1, 10, false},
		{Tolerance{Share: 0.1, Sample: 10}, 9, 9, false},
		{Tolerance{Share: 1}, 1e6, 1e6, false},
		{Tolerance{Rows: 5, Share: 0.5}, 6, 6, true}, {Tolerance{Rows: 5000, Share: 0.5}, 501, 1000, true},
	} {
		require.Equal(t, c.exceeded, c.tolerance.check().exceeded(c.dead, c.settled), "%+v", c)
	}
	require.Panics(t, func() { Tolerance{Share: -0.1}.check() })
	require.Panics(t, func() { Tolerance{Share: 1.1}.check() })
	require.Panics(t, func() { Tolerance{Share: math.NaN()}.check() })
	require.Panics(t, func() { Tolerance{Sample: -1}.check() })
}
