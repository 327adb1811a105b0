package decode_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/typetest"
)

// TestGolden: what Cassandra made of a value is what we make of it, and reads as that value. A mistake that encoding and
// decoding have in common is seen here.
func TestGolden(t *testing.T) {
	for _, c := range typetest.InGolden {
		found := 0
		for _, v := range c.Values {
			golden, ok := typetest.Golden(c, v)
			if !ok {
				continue
			}
			found++
			require.Equal(t, golden, cell(t, c.Type, v.Go), "%v %s", c.Type, v.CQL)
			got, err := value(c.Type, golden)
			require.NoError(t, err, "%v %s", c.Type, v.CQL)
			require.True(t, typetest.Equal(v.Go, got), "%v %s: %#v", c.Type, v.CQL, got)
		}
		require.NotZero(t, found, c.CQL)
	}
}
