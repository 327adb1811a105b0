package source_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/source"
)

func TestCountIsOfTheWholeScan(t *testing.T) {
	server, session := serve(t)
	spots(server, 10, 5)
	scan := source.Table[spot](session, "lab.spots").PageSize(5).SplitInto(1)

	kept := &memory{}
	_, err := scan.Resume(kept).Count(t.Context())
	require.ErrorContains(t, err, "is run by Each", "a count would not take the checkpoint into account")
	_, err = scan.Resume(kept).Rows().Collect(t.Context())
	require.ErrorContains(t, err, "is run by Each", "as with Rows")

	page, err := scan.Pages().First(t.Context())
	require.NoError(t, err)
	n, err := scan.Ranges(page.Left...).Count(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 45, n, "what is left behind the first page")
	n, err = scan.Columns("v").Count(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 50, n)
}

// Of a scan without cursors a count asks for nothing but tokens.
func TestCountAsksForTokensOnly(t *testing.T) {
	server, session := serve(t)
	spots(server, 4, 1)
	n, err := source.Table[spot](session, "lab.spots").Columns("v", "a", "b", "n").Count(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 4, n)
	asked := 0
	for _, r := range server.Requests() {
		if onSpots(func(cqltest.Request) bool { return true })(r) && r.Op == cqltest.OpExecute {
			asked++
			require.Contains(t, r.Statement, "SELECT token(a, b) FROM")
		}
	}
	require.Positive(t, asked)
}

// The order of a struct's fields is no part of what a cursor, or a checkpoint, belongs to.
func TestWorkersMayHaveTheirFieldsInAnotherOrder(t *testing.T) {
	server, session := serve(t)
	spots(server, 10, 5)
	page, err := source.Table[spot](session, "lab.spots").PageSize(5).SplitInto(1).Pages().First(t.Context())
	require.NoError(t, err)
	type other struct {
		V    int
		B    string
		N, A int
	}
	rows, err := source.Table[other](session, "lab.spots").Ranges(page.Left...).Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, rows, 45)

	kept := &memory{}
	seen := 0
	require.NoError(t, source.Table[spot](session, "lab.spots").Resume(kept).
		Each(t.Context(), 1, func(context.Context, source.TablePage[spot]) error { return nil }))
	require.NoError(t, source.Table[other](session, "lab.spots").Resume(kept).
		Each(t.Context(), 1, func(_ context.Context, p source.TablePage[other]) error { seen += len(p.Rows); return nil }))
	require.Zero(t, seen)
}
