package sink_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/typetest"
	"github.com/rxcql/rxcql/sink"
)

// TestNoAllocationsForRows: an export is bound by the server, not by garbage.
func TestNoAllocationsForRows(t *testing.T) {
	row := cells{}
	for _, c := range typetest.Scalars {
		if c.Type.Kind == cql.Varint || c.Type.Kind == cql.Decimal || c.Type.Kind == cql.Duration {
			continue // of more digits than a machine word has
		}
		cell, err := c.Type.Marshal(c.Values[len(c.Values)-1].Go)
		require.NoError(t, err)
		row.columns, row.values = append(row.columns, cql.Column{Name: c.CQL, Type: c.Type}), append(row.values, cell)
	}
	requireNoAllocations(t, sink.CSV[cells](), row)
	requireNoAllocations(t, sink.JSONL[cells](), row)
	type plain struct {
		K    int
		S    string
		At   time.Time
		F    float64
		Flag bool
	}
	item := plain{S: `say "x"`, At: time.Unix(0, 0)}
	requireNoAllocations(t, sink.CSV[plain](), item)
	requireNoAllocations(t, sink.JSONL[plain]().Columns([]cql.Column{
		{Name: "k", Type: cql.Type{Kind: cql.Int}}, {Name: "s", Type: cql.Type{Kind: cql.Text}},
		{Name: "at", Type: cql.Type{Kind: cql.Timestamp}}, {Name: "f", Type: cql.Type{Kind: cql.Double}},
		{Name: "flag", Type: cql.Type{Kind: cql.Boolean}},
	}), item)
}

func requireNoAllocations[T any](t *testing.T, f sink.Format[T], item T) {
	t.Helper()
	e := f.Encoder()
	buffer, err := e.Header(nil, &item)
	require.NoError(t, err)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		if buffer, err = e.Append(buffer[:0], item); err != nil {
			t.Error(err)
		}
	}))
}
