package packed_test

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/packed"
	"github.com/rxcql/rxcql/internal/wire"
)

// TestCellsAreThoseThatWerePacked, of all rows of a block, one after the other, whatever is appended to one.
func TestCellsAreThoseThatWerePacked(t *testing.T) {
	cell := rapid.OneOf(rapid.Just([]byte(nil)), rapid.SliceOfN(rapid.Byte(), 0, 40), rapid.SliceOfN(rapid.Byte(), 400, 700))
	rapid.Check(t, func(t *rapid.T) {
		columns := make([]cql.Column, rapid.IntRange(0, 5).Draw(t, "columns"))
		var (
			block packed.Block
			want  [][][]byte
			got   []packed.Row
			page  []byte
		)
		for range rapid.IntRange(1, 60).Draw(t, "rows") {
			row := make([][]byte, len(columns))
			for i := range row {
				row[i] = cell.Draw(t, "cell")
				n := uint32(len(row[i]))
				if row[i] == nil {
					n = -uint32(rapid.IntRange(1, 2).Draw(t, "null"))
				}
				page = append(binary.BigEndian.AppendUint32(page, n), row[i]...)
			}
			want = append(want, row)
		}
		whole := page
		for _, row := range want {
			if rapid.Bool().Draw(t, "cells") {
				got = append(got, block.Pack(columns, row))
				var err error
				page, err = wire.Row(make([][]byte, len(columns)), page)
				require.NoError(t, err)
				continue
			}
			r, rest, err := block.Take(columns, page)
			require.NoError(t, err)
			got, page = append(got, r), rest
		}
		require.Empty(t, page)
		clear(whole) // which is not theirs
		for _, r := range got {
			for i := range columns {
				_ = append(r.Cell(i), "more"...)
			}
		}
		for at, r := range got {
			require.Len(t, r.Columns(), len(columns))
			for i, c := range want[at] {
				if c == nil {
					require.Nil(t, r.Cell(i))
				} else {
					require.NotNil(t, r.Cell(i))
					require.Equal(t, string(c), string(r.Cell(i)))
				}
			}
		}
	})
}

// FuzzTake is of bytes that may be anything: rows are as a page cut into cells has them.
func FuzzTake(f *testing.F) {
	f.Add(2, []byte{0, 0, 0, 1, 'a', 255, 255, 255, 255, 0, 0, 0, 9})
	f.Fuzz(func(t *testing.T, n int, page []byte) {
		if n < 0 || n > 10 {
			return
		}
		cells := make([][]byte, n)
		want, wantErr := wire.Row(cells, page)
		row, rest, err := new(packed.Block).Take(make([]cql.Column, n), page)
		require.Equal(t, wantErr, err)
		if err != nil {
			return
		}
		require.Equal(t, len(want), len(rest))
		for i, c := range cells {
			require.Equal(t, c == nil, row.Cell(i) == nil)
			require.Equal(t, string(c), string(row.Cell(i)))
		}
	})
}
