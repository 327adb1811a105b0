package decode_test

import (
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/typetest"
)

// typed checks the outcome for any bytes in a Go type: it is that of any, converted; it is what the driver has; and what
// is written of it reads as the same.
func typed(t require.TestingT, p pair, cell []byte) {
	says := fmt.Sprintf("%v into %v: 0x%x", p.cql, p.goType, cell)
	got, err := p.decode(cell)
	if !p.opaque && !mapped(p.cql, cell) {
		var x expectation
		want := reflect.New(p.goType).Elem()
		plain, wantErr := value(p.cql, cell)
		if wantErr == nil {
			wantErr = x.of(plain, p.cql, want)
		}
		if !x.unsure {
			require.Equal(t, wantErr == nil, err == nil, "%s: %v, expected %v", says, err, wantErr)
			if err == nil {
				require.True(t, typetest.Equal(want.Interface(), got), "%s became %#v, not %#v", says, got, want)
			}
		}
	}
	if err != nil {
		return
	}
	if !p.read {
		again, err := p.cql.Marshal(got)
		if err != nil {
			require.True(t, contains(p.cql, cql.Time, cql.Duration, cql.Vector), "%s: %v", says, err) // see sound
		} else {
			reread, err := p.decode(again)
			require.NoError(t, err, says)
			require.True(t, typetest.Equal(got, reread), "%s: %#v became %#v", says, got, reread)
		}
	}
	if p.driver && !tooMuchForDriver(p.cql, cell, false) {
		theirs, err := typetest.DriverInto(p.cql, cell, p.goType)
		if err != nil && (len(cell) == 0 || strings.Contains(err.Error(), "out of range for *")) {
			return // an empty decimal; a varint with bytes that say nothing but the sign
		}
		require.NoError(t, err, says)
		require.True(t, typetest.EqualToDriver(got, theirs), "%s: %#v, and gocql has %#v", says, got, theirs)
	}
}

// mapped tells an IPv4 address that is written as an IPv6 one: netip.Addr keeps it so, and the text for an any does not.
func mapped(ct cql.Type, cell []byte) bool {
	a, _ := netip.AddrFromSlice(cell)
	return ct.Kind == cql.Inet && a.Is4In6()
}

func fuzzTyped(f *testing.F, pairs []pair) {
	for i, p := range pairs {
		for _, cell := range p.cells(f) {
			f.Add(i, cell)
			f.Add(i, cell[:len(cell)/2])
		}
	}
	f.Fuzz(func(t *testing.T, which int, cell []byte) {
		if which >= 0 && cell != nil {
			typed(t, pairs[which%len(pairs)], cell)
		}
	})
}

// cells are the encodings of a pair's seeds.
func (p pair) cells(t require.TestingT) [][]byte {
	var cells [][]byte
	for _, v := range p.seeds {
		b, err := p.cql.Marshal(v)
		require.NoError(t, err, "%v: %#v", p.cql, v)
		cells = append(cells, b)
	}
	return cells
}

func FuzzTypedScalars(f *testing.F) { fuzzTyped(f, scalarPairs) }
func FuzzTypedNested(f *testing.F)  { fuzzTyped(f, nestedPairs) }

// TestTypedDestinations takes the seeds, null, no bytes, too many and too few.
func TestTypedDestinations(t *testing.T) {
	for _, p := range append(append([]pair{}, scalarPairs...), nestedPairs...) {
		good := 0
		for _, cell := range append(p.cells(t), nil, []byte{}) {
			typed(t, p, cell)
			if _, err := p.decode(cell); err == nil && len(cell) > 0 {
				good++
			}
			for n := range cell {
				typed(t, p, cell[:n])
			}
			typed(t, p, append(cell[:len(cell):len(cell)], 0))
		}
		require.NotZero(t, good, "%v into %v", p.cql, p.goType)
	}
}
