package clustering_test

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math/rand/v2"
	"testing"
	"unicode/utf8"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/internal/clustering"
)

// kind is a type as the tests know it.
type kind struct {
	value   *rapid.Generator[[]byte]
	compare func(a, b []byte) int // as Cassandra's type does
}

var fixed = func(n int) *rapid.Generator[[]byte] {
	return rapid.OneOf(
		rapid.SliceOfN(rapid.Byte(), n, n),
		rapid.Custom(func(t *rapid.T) []byte { // many that are close to one another
			b := bytes.Repeat([]byte{rapid.SampledFrom([]byte{0, 0xff, 0x7f, 0x80}).Draw(t, "fill")}, n)
			b[n-1] = rapid.Byte().Draw(t, "last")
			return b
		}),
	)
}

func integer(b []byte) int64 {
	var wide [8]byte
	if b[0]&0x80 != 0 {
		wide = [8]byte(bytes.Repeat([]byte{0xff}, 8))
	}
	copy(wide[8-len(b):], b)
	return int64(binary.BigEndian.Uint64(wide[:]))
}

func byInteger(a, b []byte) int { return cmp.Compare(integer(a), integer(b)) }

func withVersion(v byte) func([]byte) []byte {
	return func(b []byte) []byte { b = bytes.Clone(b); b[6] = v<<4 | b[6]&0xf; return b }
}

func timestamp(b []byte) int64 { return gocql.UUID(b).Timestamp() }

// byTimeUUID is TimeUUIDType.compareCustom.
func byTimeUUID(a, b []byte) int {
	const signs = 0x0080808080808080
	low := func(b []byte) int64 { return int64(binary.BigEndian.Uint64(b[8:]) ^ signs) }
	return cmp.Or(cmp.Compare(timestamp(a), timestamp(b)), cmp.Compare(low(a), low(b)))
}

// byUUID is UUIDType.compareCustom.
func byUUID(a, b []byte) int {
	if c := cmp.Compare(a[6]>>4, b[6]>>4); c != 0 {
		return c
	}
	if a[6]>>4 == 1 {
		if c := cmp.Compare(timestamp(a), timestamp(b)); c != 0 {
			return c
		}
	}
	return bytes.Compare(a, b)
}

var anyUUID = rapid.Custom(func(t *rapid.T) []byte {
	return withVersion(rapid.SampledFrom([]byte{0, 1, 1, 4, 4, 7, 15}).Draw(t, "version"))(fixed(16).Draw(t, "uuid"))
})

var kinds = map[string]kind{
	"tinyint":   {fixed(1), byInteger},
	"smallint":  {fixed(2), byInteger},
	"int":       {fixed(4), byInteger},
	"bigint":    {fixed(8), byInteger},
	"timestamp": {fixed(8), byInteger},
	"date":      {fixed(4), bytes.Compare},
	"time": {rapid.Map(rapid.Uint64Range(0, 24*60*60*1e9-1), func(n uint64) []byte {
		return binary.BigEndian.AppendUint64(nil, n)
	}), bytes.Compare},
	"uuid":     {anyUUID, byUUID},
	"timeuuid": {rapid.Map(fixed(16), withVersion(1)), byTimeUUID},
	"blob":     {rapid.SliceOfN(rapid.Byte(), 0, 6), bytes.Compare},
	"ascii":    {rapid.SliceOfN(rapid.ByteRange(0, 127), 0, 6), bytes.Compare},
	"text":     {rapid.Map(rapid.StringN(0, 6, -1), func(s string) []byte { return []byte(s) }), bytes.Compare},
}

// within tells whether a value is in a span.
func (k kind) within(v []byte, s clustering.Span) bool {
	return (s.Lo == nil || k.compare(s.Lo, v) <= 0) && (s.Hi == nil || k.compare(v, s.Hi) < 0)
}

// Whoever goes down from the whole to one value gets there, and each cut is one: strictly between the ends.
func TestAnyValueIsFoundByCutting(t *testing.T) {
	for name, k := range kinds {
		t.Run(name, func(t *testing.T) {
			order := clustering.OrderOf(name)
			rapid.Check(t, func(t *rapid.T) {
				wanted := k.value.Draw(t, "wanted")
				var span clustering.Span
				for steps := 0; ; steps++ {
					require.LessOrEqual(t, steps, order.Depth())
					if v := order.Single(span); v != nil {
						require.Equal(t, wanted, []byte(v))
						require.Nil(t, order.Cut(span))
						return
					}
					m := order.Cut(span)
					require.NotNil(t, m, "%v", span)
					if name == "text" {
						require.True(t, utf8.Valid(m))
					}
					require.True(t, span.Lo == nil || k.compare(span.Lo, m) < 0, "%v %v", span, m)
					require.True(t, span.Hi == nil || k.compare(m, span.Hi) < 0, "%v %v", span, m)
					if left := (clustering.Span{Lo: span.Lo, Hi: m}); k.within(wanted, left) {
						span = left
					} else {
						span = clustering.Span{Lo: m, Hi: span.Hi}
					}
				}
			})
		})
	}
}

// Parts that are cut as often as one likes lie side by side.
func TestCutsAreBetweenAnyEnds(t *testing.T) {
	for name, k := range kinds {
		t.Run(name, func(t *testing.T) {
			order := clustering.OrderOf(name)
			rapid.Check(t, func(t *rapid.T) {
				lo, hi := k.value.Draw(t, "lo"), k.value.Draw(t, "hi")
				if c := k.compare(lo, hi); c == 0 {
					return
				} else if c > 0 {
					lo, hi = hi, lo
				}
				span := clustering.Span{Lo: lo, Hi: hi}
				m := order.Cut(span)
				if m == nil {
					require.Equal(t, lo, []byte(order.Single(span)))
					return
				}
				require.Negative(t, k.compare(lo, m))
				require.Negative(t, k.compare(m, hi))
				require.Nil(t, order.Single(span))
			})
		})
	}
}

func TestTheLeastAndTheGreatest(t *testing.T) {
	least := func(o clustering.Order) clustering.Span {
		span := clustering.Span{}
		for m := o.Cut(span); m != nil; m = o.Cut(span) {
			span.Hi = m
		}
		return span
	}
	require.Equal(t, clustering.Span{Hi: []byte{0x80, 0, 0, 0}}, least(clustering.OrderOf("int")), "there may be a value without bytes")
	require.Nil(t, clustering.OrderOf("int").Single(least(clustering.OrderOf("int"))))
	text := least(clustering.OrderOf("text"))
	require.Equal(t, clustering.Span{Hi: []byte{0}}, text)
	require.Equal(t, clustering.Value{}, clustering.OrderOf("text").Single(text))
	cell, err := clustering.OrderOf("text").Single(text).MarshalCQL(nil)
	require.NoError(t, err)
	require.NotNil(t, cell, "empty, not null")
	top := clustering.Span{Lo: []byte{0x7f, 0xff, 0xff, 0xff}}
	require.Equal(t, top.Lo, clustering.OrderOf("int").Single(top))
}

func TestTypesWhoseOrderIsNotKnown(t *testing.T) {
	for _, name := range []string{"", "double", "decimal", "varint", "inet", "frozen<list<int>>", "frozen<address>", "boolean"} {
		require.Nil(t, clustering.OrderOf(name), name)
	}
}

func BenchmarkCut(b *testing.B) {
	order := clustering.OrderOf("timeuuid")
	r := rand.New(rand.NewPCG(1, 2))
	for b.Loop() {
		var span clustering.Span
		for m := order.Cut(span); m != nil; m = order.Cut(span) {
			if r.IntN(2) == 0 {
				span.Lo = m
			} else {
				span.Hi = m
			}
		}
	}
}
