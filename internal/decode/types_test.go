package decode_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/decode"
	"github.com/rxcql/rxcql/internal/typetest"
)

func cell(t *testing.T, ct cql.Type, v any) []byte {
	t.Helper()
	b, err := ct.Marshal(v)
	require.NoError(t, err, "%v: %v", ct, v)
	return b
}

func value(ct cql.Type, cell []byte) (any, error) {
	return decode.Cell[any](cql.Column{Name: "c", Type: ct}, cell)
}

// TestEveryType walks through all types and values, with the driver as the oracle where it knows the type.
func TestEveryType(t *testing.T) {
	for _, c := range typetest.All {
		for _, v := range c.Values {
			name := fmt.Sprintf("%v %.50v", c.Type, v.CQL)
			ours := cell(t, c.Type, v.Go)
			require.NotNil(t, ours, name)
			got, err := value(c.Type, ours)
			require.NoError(t, err, name)
			require.True(t, typetest.Equal(v.Go, got), "%s: %#v", name, got)
			if !c.Driver {
				continue
			}
			theirs, err := gocql.Marshal(c.Type.TypeInfo(), v.Go)
			if err != nil && strings.HasPrefix(err.Error(), "cannot marshal <nil> into ks.") {
				continue // gocql has no null for a user-defined type
			}
			require.NoError(t, err, name)
			require.Equal(t, theirs, ours, name)
			got, err = typetest.DriverValue(c.Type, ours)
			require.NoError(t, err, name)
			require.True(t, typetest.EqualToDriver(v.Go, got), "%s: %#v", name, got)
		}
		null, err := value(c.Type, nil)
		require.NoError(t, err)
		require.Nil(t, null)
		require.Nil(t, cell(t, c.Type, nil))
	}
}

// TestEmptyCells: what a type has no empty value for is no more than null.
func TestEmptyCells(t *testing.T) {
	for _, c := range typetest.All {
		got, err := value(c.Type, []byte{})
		switch c.Type.Kind {
		case cql.List, cql.Set, cql.Map:
			require.Error(t, err, c.Type)
		case cql.Ascii, cql.Varchar, cql.Blob, cql.Tuple, cql.UDT:
			require.NoError(t, err, c.Type)
			require.NotNil(t, got, c.Type)
			if c.Type.Kind != cql.Tuple && c.Type.Kind != cql.UDT {
				require.Equal(t, []byte{}, cell(t, c.Type, got))
			}
		default:
			require.NoError(t, err, c.Type)
			require.Nil(t, got, c.Type)
		}
	}
}

// TestTruncatedAndLongerCells: a part of a value is an error, or a value of which it is the whole.
func TestTruncatedAndLongerCells(t *testing.T) {
	for _, c := range typetest.All {
		for _, v := range c.Values {
			whole := cell(t, c.Type, v.Go)
			if len(whole) > 1000 {
				continue
			}
			for n := range len(whole) {
				sound(t, c.Type, whole[:n])
			}
			sound(t, c.Type, append(whole[:len(whole):len(whole)], 0))
		}
	}
}

// TestCountsThatLieCostNothing: no more is allocated than the bytes are good for.
func TestCountsThatLieCostNothing(t *testing.T) {
	lie := []byte{0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 1, 1}
	negative := []byte{0x80, 0, 0, 1, 0, 0, 0, 1, 1}
	for _, c := range typetest.All {
		for _, hostile := range [][]byte{lie, negative, append([]byte{0, 0, 0, 1}, lie...), append([]byte{0, 0, 0, 1, 0, 0, 0, 9}, lie...)} {
			before := allocated()
			sound(t, c.Type, hostile)
			require.Less(t, allocated()-before, uint64(1<<20), c.Type)
		}
	}
	type large [1 << 20]int64
	list := cql.Type{Kind: cql.List, Elems: []cql.Type{{Kind: cql.List, Elems: []cql.Type{{Kind: cql.Bigint}}}}}
	hostile := cell(t, list, make([][]int64, 5000))
	before := allocated()
	_, err := decode.Cell[[]large](cql.Column{Type: list}, hostile)
	require.ErrorIs(t, err, decode.ErrNull)
	require.Less(t, allocated()-before, uint64(256<<20), "16 places, not 5000")
}

func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

// TestSlicesAreNeverThoseOfTheCell writes over the cell after it was decoded.
func TestSlicesAreNeverThoseOfTheCell(t *testing.T) {
	for _, c := range typetest.All {
		for _, v := range c.Values {
			b := append([]byte{}, cell(t, c.Type, v.Go)...)
			got, err := value(c.Type, b)
			require.NoError(t, err)
			for i := range b {
				b[i] = 0xaa
			}
			require.True(t, typetest.Equal(v.Go, got), c.Type)
		}
	}
}
