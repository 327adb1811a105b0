package decode_test

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/typetest"
)

// The encoding of vectors once more, from its description alone: Cassandra's VectorType puts the elements of a type
// whose values have a fixed length one after the other, and in front of any others their length as an unsigned vint,
// which the native protocol (v5, section 3) has as: the number of leading ones in the first byte is how many bytes
// follow it, and the bits behind the first zero are the number, the highest first. gocql v1.7 knows no vectors.

// lengths are the types with fixed lengths, by their valueLengthIfFixed in Cassandra.
var lengths = map[cql.Kind]int{
	cql.Boolean: 1, cql.Float: 4, cql.Int: 4, cql.Double: 8, cql.Bigint: 8, cql.Timestamp: 8, cql.UUID: 16, cql.Timeuuid: 16,
}

func lengthOf(ct cql.Type) (n int, fixed bool) {
	if ct.Kind == cql.Vector {
		n, fixed = lengthOf(ct.Elems[0])
		return n * ct.Dimensions, fixed
	}
	n, fixed = lengths[ct.Kind]
	return n, fixed
}

// split gives the bytes of a vector's elements.
func split(ct cql.Type, cell []byte) (parts [][]byte, err error) {
	n, fixed := lengthOf(ct.Elems[0])
	for range ct.Dimensions {
		if !fixed {
			if n, cell, err = vint(cell); err != nil {
				return nil, err
			}
		}
		if n < 0 || n > len(cell) {
			return nil, errors.New("too short")
		}
		parts, cell = append(parts, cell[:n]), cell[n:]
	}
	if len(cell) > 0 {
		return nil, errors.New("too long")
	}
	return parts, nil
}

// vint reads the number as text of its bits.
func vint(cell []byte) (n int, rest []byte, err error) {
	if len(cell) == 0 {
		return 0, nil, errors.New("no vint")
	}
	bits := fmt.Sprintf("%08b", cell[0])
	more := 0
	for more < 8 && bits[more] == '1' {
		more++
	}
	if len(cell) < 1+more {
		return 0, nil, errors.New("half a vint")
	}
	for _, b := range cell[1 : 1+more] {
		bits += fmt.Sprintf("%08b", b)
	}
	v, err := strconv.ParseUint(bits[more:], 2, 64)
	if err != nil || v > 1<<30 {
		return 0, nil, errors.New("too long for any cell")
	}
	return int(v), cell[1+more:], nil
}

// joined puts the bytes of elements together.
func joined(ct cql.Type, parts [][]byte) (cell []byte) {
	_, fixed := lengthOf(ct.Elems[0])
	for _, part := range parts {
		if !fixed {
			bits := strconv.FormatUint(uint64(len(part)), 2)
			more := 0
			for len(bits) > 7*(more+1) {
				more++
			}
			bits = fmt.Sprintf("%0*s", 7*(more+1), bits)
			for range more {
				bits = "1" + bits
			}
			bits = bits[:more] + "0" + bits[more:]
			for ; len(bits) > 0; bits = bits[8:] {
				b, _ := strconv.ParseUint(bits[:8], 2, 8)
				cell = append(cell, byte(b))
			}
		}
		cell = append(cell, part...)
	}
	return cell
}

// vectorSound checks any bytes of a vector against those of its elements, taken apart and put together as above.
func vectorSound(t require.TestingT, ct cql.Type, cell []byte) {
	got, err := value(ct, cell)
	parts, splitErr := split(ct, cell)
	if len(cell) == 0 {
		require.NoError(t, err)
		require.Nil(t, got, "an empty vector is no more than null")
		return
	}
	if splitErr != nil {
		require.Error(t, err, "%v 0x%x: %v", ct, cell, splitErr)
		return
	}
	elems := make([]any, len(parts))
	for i, part := range parts {
		v, partErr := value(ct.Elems[0], part)
		if partErr != nil {
			require.Error(t, err, "%v 0x%x: element %d: %v", ct, cell, i, partErr)
			return
		}
		elems[i] = v
	}
	require.NoError(t, err, "%v 0x%x", ct, cell)
	slice := reflect.ValueOf(got)
	require.Equal(t, len(elems), slice.Len())
	cells, whole := make([][]byte, len(elems)), true
	for i, e := range elems {
		in := slice.Index(i).Interface()
		require.True(t, typetest.Equal(e, in) || e == nil && typetest.EqualToDriver(nil, in), "%v 0x%x: element %d is %#v, not %#v", ct, cell, i, in, e)
		cells[i], err = ct.Elems[0].Marshal(in)
		whole = whole && err == nil && cells[i] != nil
	}
	if whole {
		again, err := ct.Marshal(got)
		require.NoError(t, err)
		require.Equal(t, joined(ct, cells), again, ct)
	}
}

func vectors() (types []cql.Type, cells [][]byte) {
	for _, c := range typetest.Nested {
		for _, v := range c.Values {
			cell, err := c.Type.Marshal(v.Go)
			if err == nil && c.Type.Kind == cql.Vector {
				types, cells = append(types, c.Type), append(cells, cell)
			}
		}
	}
	return types, cells
}

// FuzzVectorEncoding takes elements apart and together as the encoding is described, not as we do it.
func FuzzVectorEncoding(f *testing.F) {
	types, cells := vectors()
	for i, cell := range cells {
		if len(cell) < 1000 {
			f.Add(i, cell)
			f.Add(i, cell[:len(cell)/2])
		}
	}
	f.Fuzz(func(t *testing.T, which int, cell []byte) {
		if which >= 0 && cell != nil {
			vectorSound(t, types[which%len(types)], cell)
		}
	})
}

func TestVectorEncoding(t *testing.T) {
	types, cells := vectors()
	require.NotEmpty(t, types)
	for i, ct := range types {
		parts, err := split(ct, cells[i])
		require.NoError(t, err, ct)
		require.Equal(t, cells[i], joined(ct, parts), ct)
		vectorSound(t, ct, cells[i])
	}
	for _, n := range []int{0, 1, 127, 128, 1<<14 - 1, 1 << 14, 1<<21 - 1, 1 << 21} { // where lengths get longer
		ct := vector(2, text)
		b := cell(t, ct, []string{string(make([]byte, n)), "x"})
		require.Equal(t, joined(ct, [][]byte{make([]byte, n), []byte("x")}), b, n)
		vectorSound(t, ct, b)
	}
}
