package types

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSuccessors: all pairs of native types as Cassandra 5.0.6 has them.
func TestSuccessors(t *testing.T) {
	allowed := map[Kind][]Kind{
		Bigint: {Timestamp}, Timestamp: {Bigint}, Text: {Ascii}, UUID: {Timeuuid},
		Blob: {Ascii, Date, Decimal, Duration, Inet, Smallint, Text, Time, Tinyint, Varint},
	}
	for _, typ := range natives {
		for _, old := range natives {
			want := typ.Kind == old.Kind
			for _, k := range allowed[typ.Kind] {
				want = want || k == old.Kind
			}
			require.Equal(t, want, typ.CanSucceed(old), "%s after %s", typ, old)
		}
	}
	vector, err := VectorOf(Of(Float), 3)
	require.NoError(t, err)
	longer, err := VectorOf(Of(Float), 4)
	require.NoError(t, err)
	require.True(t, vector.CanSucceed(vector))
	require.False(t, longer.CanSucceed(vector))
	require.False(t, Of(Blob).CanSucceed(vector))
	set := &Type{Kind: Set, Elems: []*Type{Of(Int)}}
	require.False(t, set.CanSucceed(set.Freeze()))
	require.False(t, Of(Blob).CanSucceed(set))
	require.True(t, Of(Blob).CanSucceed(set.Freeze()))
	pair := &Type{Kind: Tuple, Elems: []*Type{Of(Int), Of(Text)}, Frozen: true}
	one := &Type{Kind: Tuple, Elems: []*Type{Of(Int)}, Frozen: true}
	require.True(t, pair.CanSucceed(one))
	require.False(t, one.CanSucceed(pair))
}
