package sink

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/packed"
	"github.com/rxcql/rxcql/internal/typetest"
)

// TestBareValuesNeedNoQuotes: they are what they are when it is looked for, whatever the delimiter and the null marker.
func TestBareValuesNeedNoQuotes(t *testing.T) {
	bare := 0
	for _, c := range typetest.All {
		columns := []cql.Column{{Name: "c", Type: c.Type}, {Name: "d", Type: c.Type}}
		for _, v := range c.Values {
			cell, err := c.Type.Marshal(v.Go)
			require.NoError(t, err)
			row := (*packed.Block)(nil).Pack(columns, [][]byte{cell, nil})
			for _, delimiter := range []byte(",;\t-+.: 1eE|") {
				for _, null := range []string{"", "True", "NaN", "0", "\\N", "NULL"} {
					if strings.IndexByte(null, delimiter) >= 0 {
						continue // which is refused
					}
					e := CSV[packed.Row]().Columns(columns).Null(null).Delimiter(delimiter).Encoder().(*csvEncoder[packed.Row])
					_, err := e.Header(nil, &row)
					require.NoError(t, err)
					fast, err := e.Append(nil, row)
					if e.bare[0] {
						bare++
					}
					clear(e.bare)
					slow, slowErr := e.Append(nil, row)
					require.Equal(t, slowErr, err)
					require.Equal(t, string(slow), string(fast), "%v with %q and %q", c.Type, delimiter, null)
				}
			}
		}
	}
	require.Positive(t, bare)
}
