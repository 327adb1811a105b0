package decode_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
)

// Go cannot hash slices, which is seen only when the value is there: any may hold one, also inside an array or struct.
func TestKeysThatGoCannotHash(t *testing.T) {
	lists := set(list(number))
	_, err := decoded[map[any]struct{}](lists, cell(t, lists, [][]int{{1}}))
	require.ErrorContains(t, err, "element 0: a []int cannot be a key in Go")
	pairs := cql.Type{Kind: cql.Map, Elems: []cql.Type{{Kind: cql.Tuple, Elems: []cql.Type{list(number)}}, number}}
	bytes := cell(t, pairs, [][2]any{{[]any{[]int{1}}, 1}})
	_, err = decoded[map[[1]any]int](pairs, bytes)
	require.ErrorContains(t, err, "cannot be a key in Go")
	_, err = decoded[map[struct{ A any }]int](pairs, bytes)
	require.ErrorContains(t, err, "cannot be a key in Go")
}

// P is a type that holds itself.
type P *P

func TestTypesThatHoldThemselves(t *testing.T) {
	_, err := decoded[P](number, cell(t, number, 1))
	require.ErrorContains(t, err, "does it hold itself?")
}
