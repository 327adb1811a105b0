package sink

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/packed"
)

// BenchmarkCells writes rows as a table scan gives them.
func BenchmarkCells(b *testing.B) {
	var columns []cql.Column
	var cells [][]byte
	for _, v := range []struct {
		kind  cql.Kind
		value any
	}{
		{cql.Int, 123}, {cql.Int, 123456}, {cql.Timestamp, time.UnixMilli(1_700_000_123_456)}, {cql.Text, "view"},
		{cql.Double, 123456.0 / 7}, {cql.UUID, [16]byte{1, 2, 3, 14: 255}}, {cql.Text, "payload of the event number 000123456"},
	} {
		t := cql.Type{Kind: v.kind}
		cell, err := t.Marshal(v.value)
		require.NoError(b, err)
		columns, cells = append(columns, cql.Column{Name: "c", Type: t}), append(cells, cell)
	}
	row := (*packed.Block)(nil).Pack(columns, cells)
	for name, f := range map[string]Format[packed.Row]{"CSV": CSV[packed.Row](), "JSONL": JSONL[packed.Row]()} {
		b.Run(name, func(b *testing.B) {
			e := f.Encoder()
			buffer, err := e.Header(nil, &row)
			require.NoError(b, err)
			b.ReportAllocs()
			for b.Loop() {
				if buffer, err = e.Append(buffer[:0], row); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
