package source

import (
	"errors"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
)

func TestATextErrorSaysWhereAndNotWhat(t *testing.T) {
	cause := errors.New("it is no integer")
	e := &TextError{File: "orders.csv", Line: 17, Column: 9, ColumnName: "cents", Record: []byte("secret"), Err: cause}
	require.EqualError(t, e, `source: orders.csv:17:9: column "cents": it is no integer`)
	require.ErrorIs(t, e, cql.Malformed)
	require.ErrorIs(t, e, cause)
	require.EqualError(t, &TextError{Line: 1, Column: 1, Err: cause}, "source: 1:1: it is no integer")
	require.NoError(t, SkipText(t.Context(), e))
}

func TestATextsNameIsThatOfItsFile(t *testing.T) {
	require.Equal(t, "/dev/stdin", nameOf(os.Stdin))
	require.Empty(t, nameOf(nil))
}
