package source_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/source"
)

// A stray quote costs its own line, and not those up to the next quote, which may be a thousand lines further on.
func TestAStrayQuoteInCSVCostsOneLine(t *testing.T) {
	var in strings.Builder
	in.WriteString("id,name\n1,\"a\nb\"\n2,\"two\n")
	want := []town{{1, "a\nb"}}
	for i := range 1000 {
		fmt.Fprintf(&in, "%d,x\n", 10+i)
		want = append(want, town{10 + i, "x"})
	}
	in.WriteString("4,\"four\"\n5,\"fi\"ve\n6,six\n")
	want = append(want, town{4, "four"}, town{6, "six"})
	var wrong []*source.TextError
	rows, err := source.CSV[town](source.Reader("towns.csv", strings.NewReader(in.String()))).OnError(func(_ context.Context, e *source.TextError) error {
		wrong = append(wrong, e)
		return nil
	}).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, want, rows)
	require.Len(t, wrong, 2)
	require.ErrorContains(t, wrong[0], "towns.csv:4:3: the quote that the field begins with is closed in another line")
	require.Equal(t, "2,\"two\n", string(wrong[0].Record))
	require.ErrorContains(t, wrong[1], "towns.csv:1006:7: there is neither a delimiter nor the end of the line behind the quote")
	require.Equal(t, "5,\"fi\"ve\n", string(wrong[1].Record))
}
