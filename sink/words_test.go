package sink_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

type teapot int

func (teapot) Error() string     { return "no coffee" }
func (s teapot) StatusCode() int { return int(s) }

func TestTheStatusOfErrors(t *testing.T) {
	for err, want := range map[error]int{
		source.ErrBadToken:                        http.StatusBadRequest,
		source.ErrTokenExpired:                    http.StatusBadRequest,
		fmt.Errorf("x: %w", source.ErrBadToken):   http.StatusBadRequest,
		fmt.Errorf("x: %w", &cql.ArgumentError{}): http.StatusBadRequest,
		teapot(http.StatusTeapot):                 http.StatusTeapot,
		teapot(http.StatusOK):                     http.StatusInternalServerError,
		cql.Overloaded:                            http.StatusServiceUnavailable,
		errors.New("oops"):                        http.StatusInternalServerError,
	} {
		require.Equal(t, want, sink.StatusOf(err), "%v", err)
	}
}

func TestReportsAreForPeople(t *testing.T) {
	require.Equal(t, "1 row written, 12 bytes", sink.TextReport{Rows: 1, Bytes: 12}.String())
	require.Equal(t, "3 rows written, 2.0 KiB, in 2 files", sink.TextReport{Rows: 3, Bytes: 2048, Files: make([]sink.TextFile, 2)}.String())
	require.Equal(t, "status 200, 3 rows, 2.0 KiB, of text/csv", sink.HTTPReport{MediaType: sink.TextCSV, Status: 200, Rows: 3, Bytes: 2048}.String())
	require.Equal(t, "status 406, 0 rows, 9 bytes, of no media type", sink.HTTPReport{Status: 406, Bytes: 9}.String())
}

// The package and the table are named once.
func TestAnErrorWithinAnErrorIsShort(t *testing.T) {
	column := &sink.ColumnError{Table: "lab.readings", Column: "at", CQLType: "timestamp", GoType: "string", Err: errors.New("oops")}
	require.EqualError(t, column, `sink: lab.readings: column "at" (timestamp) from string: oops`)
	failed := &sink.WriteError{Table: "lab.readings", Row: 3, Class: cql.Malformed, Err: column}
	require.EqualError(t, failed, `sink: lab.readings: row 3 of the stream: column "at" (timestamp) from string: oops`)
	require.ErrorIs(t, failed, column)
}
