package parquet_test

import (
	"path/filepath"
	"testing"

	pq "github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/contrib/parquet"
	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/source"
)

// Files of other engines have types that Cassandra has not.
func TestWhatWouldBecomeAnotherValueIsRefused(t *testing.T) {
	type foreign struct {
		Long     int64   `parquet:"long"`
		Short    int32   `parquet:"short"`
		Unsigned uint32  `parquet:"unsigned"`
		Double   float64 `parquet:"double"`
		Decimal  int64   `parquet:"decimal,decimal(2:18)"`
		Text     string  `parquet:"text"`
	}
	path := filepath.Join(t.TempDir(), "foreign.parquet")
	require.NoError(t, pq.WriteFile(path, []foreign{{5_000_000_000, 7, 4_000_000_000, 1e300, 12345, "seven"}}))
	read := func(column string, kind cql.Kind) (string, error) {
		columns := []cql.Column{{Name: column, Type: cql.Type{Kind: kind}}}
		row, err := parquet.Read[source.Row](path).Columns(columns).Rows().First(t.Context())
		return row.String(), err
	}
	for column, kind := range map[string]cql.Kind{"long": cql.Bigint, "short": cql.Int, "double": cql.Double, "text": cql.Text} {
		row, err := read(column, kind)
		require.NoError(t, err)
		require.Contains(t, row, map[string]string{"long": "5000000000", "short": "7", "double": "1e+300", "text": "seven"}[column])
	}
	row, err := read("short", cql.Bigint)
	require.NoError(t, err)
	require.Contains(t, row, "7")
	for column, kind := range map[string]cql.Kind{
		"long": cql.Int, "unsigned": cql.Int, "double": cql.Float, "decimal": cql.Decimal, "text": cql.Int,
	} {
		_, err := read(column, kind)
		require.ErrorContains(t, err, column)
	}
}

func TestAPositionBehindTheFileIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.parquet")
	require.NoError(t, pq.WriteFile(path, []struct{ A int64 }{{1}, {2}}))
	read := parquet.Read[source.Row](path).Columns([]cql.Column{{Name: "A", Type: cql.Type{Kind: cql.Bigint}}})
	rows, err := read.From(2).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Empty(t, rows)
	_, err = read.From(3).Rows().Collect(t.Context())
	require.ErrorContains(t, err, "2 rows")
}
