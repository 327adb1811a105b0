package source_test

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/source"
)

// failWith makes requests of a scan of lab.spots fail that are about one of these tokens, or several, and about more
// than so many of the rows numbered 0 … rows-1 of it.
func failWith(server *cqltest.Server, tokens []int64, rows, most int) *cqltest.Injected {
	tokens = slices.Sorted(slices.Values(tokens))
	return server.Inject(cqltest.Fault{Err: cqltest.ReadFailure(0, 1, 1, false), Match: onSpots(func(r cqltest.Request) bool {
		start, end := rangeOf(r)
		i, _ := slices.BinarySearch(tokens, start+1)
		if i == len(tokens) || tokens[i] > end {
			return false
		}
		asked := 0
		for n := range rows {
			if inSlice(r, "n", func(b any) int { return n - b.(int) }) {
				asked++
			}
		}
		return asked > most
	})})
}

// Each of many partitions has to be found by itself, which takes more cuts in all than are made without result.
func TestAnyNumberOfPartitionsInTroubleIsRead(t *testing.T) {
	source.BoundCuts(t, 300)
	server, session := serve(t)
	const partitions, rows = 15, 8
	want := spots(server, partitions, rows)
	tokens, err := source.Query[int64](session, "SELECT DISTINCT token(a, b) FROM lab.spots").Rows().Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, tokens, partitions)
	fault := failWith(server, tokens, rows, 3)
	for _, n := range []int{2} {
		got, err := source.Table[spot](session, "lab.spots").PageSize(3).Parallel(n).SplitInto(4).Retry(impatient).Rows().Collect(t.Context())
		require.NoError(t, err)
		require.ElementsMatch(t, want, got)
	}
	require.Greater(t, fault.Hits(), 2*partitions*40)
}

// When a scan may cut no further, what needs it is told, and another run goes on from there: nothing is taken for read.
func TestAScanThatMayCutNoFurtherSaysWhatIsLeft(t *testing.T) {
	source.BoundCuts(t, 200)
	server, session := serve(t)
	want := spots(server, 3, 8)
	var gone []int64 // tokens of partitions that have nothing but tombstones
	random := rand.New(rand.NewPCG(1, 1))
	for range 12 {
		gone = append(gone, int64(random.Uint64()))
	}
	failWith(server, gone, 8, 3)
	table := source.Table[spot](session, "lab.spots").PageSize(100).Parallel(1).SplitInto(4).Retry(impatient)
	kept := &memory{}
	var got []spot
	runs := 0
	for err := errConsumer; err != nil; runs++ {
		require.Less(t, runs, 20)
		err = table.Resume(kept).Each(t.Context(), 1, func(_ context.Context, p source.TablePage[spot]) error {
			got = append(got, p.Rows...)
			return nil
		})
		if err != nil {
			var failed *source.ScanError
			require.ErrorAs(t, err, &failed)
			require.NotEmpty(t, failed.Left())
			require.ErrorContains(t, err, "in another run")
		}
		kept = kept.through(t)
	}
	require.Greater(t, runs, 1)
	require.ElementsMatch(t, want, got)
}

// The cuts that lead to such values fail one after the other, more in a row than are borne among ranges.
func TestAPartitionOfValuesAtTheEndOfTheirTypeIsReadInSlices(t *testing.T) {
	for _, c := range []struct {
		cqlType, order string
		arg            func(v [16]byte) any
		value          func(any) []byte
	}{
		{"uuid", "ASC", func(v [16]byte) any { return gocql.UUID(v) }, uuidBytes},
		{"uuid", "DESC", func(v [16]byte) any { return gocql.UUID(v) }, uuidBytes},
		{"blob", "ASC", func(v [16]byte) any { return v[:] }, func(v any) []byte { return v.([]byte) }},
	} {
		t.Run(c.cqlType+" "+c.order, func(t *testing.T) {
			server, session := serve(t)
			server.MustExec(fmt.Sprintf(
				"CREATE TABLE lab.deep (p int, c %s, d int, PRIMARY KEY (p, c, d)) WITH CLUSTERING ORDER BY (c %[2]s, d ASC)", c.cqlType, c.order))
			var values [][]byte
			for n := range 12 {
				var v [16]byte
				v[15] = byte(n)
				if c.order == "DESC" { // the first ones are the greatest
					for i := range v {
						v[i] = ^v[i]
					}
				}
				values = append(values, v[:])
				for p := range 3 {
					require.NoError(t, session.Execute(t.Context(), cql.Statement{
						CQL: "INSERT INTO lab.deep (p, c, d) VALUES (?, ?, ?)", Args: []any{p, c.arg(v), n},
					}))
				}
			}
			token := deepToken(t, session, 1)
			on := cqltest.On("lab.deep")
			fault := server.Inject(cqltest.Fault{Err: cqltest.ReadFailure(0, 1, 1, false), Match: func(r cqltest.Request) bool {
				if !on(r) || len(r.Values) < 2 {
					return false
				}
				start, end := rangeOf(r)
				asked := 0
				for _, v := range values {
					if inSlice(r, "c", func(b any) int { return bytes.Compare(v, c.value(b)) }) {
						asked++
					}
				}
				return start < token && token <= end && asked > 3
			}})
			type row struct{ P, D int }
			rows, err := source.Table[row](session, "lab.deep").Parallel(1).SplitInto(1).InTokenOrder().Retry(impatient).Rows().Collect(t.Context())
			require.NoError(t, err)
			require.Len(t, rows, 3*len(values))
			for i, r := range rows {
				require.Equal(t, i%len(values), r.D, "in the order of the partition")
			}
			require.Greater(t, fault.Hits(), 64+100)
		})
	}
}

func uuidBytes(v any) []byte { id := v.(gocql.UUID); return id[:] }

func TestAConditionThatEndsInACommentHoldsInSlices(t *testing.T) {
	for _, where := range []string{"v >= 0 -- all", "v >= 0 // all", "v >= 0 /* all */"} {
		t.Run(where, func(t *testing.T) {
			server, session := serve(t)
			places := grid(10, 1)
			want := deepTable(t, server, session, "int", "c ASC, d ASC", places)
			tooMany(server, deepToken(t, session, 5), places, 3, cqltest.ReadFailure(0, 1, 1, false))
			rows, err := source.Table[deep[int]](session, "lab.deep").Where(where).Retry(impatient).Rows().Collect(t.Context())
			require.NoError(t, err)
			require.ElementsMatch(t, want, rows)
		})
	}
}

func TestARingIsSplitIntoABoundedNumberOfRanges(t *testing.T) {
	server, session := serve(t)
	spots(server, 1, 1)
	table := source.Table[spot](session, "lab.spots")
	for _, n := range []int{math.MinInt, 0, 1_000_001, math.MaxInt} {
		require.Panics(t, func() { table.SplitInto(n) })
	}
	ranges, err := table.SplitInto(1_000_000).Splits(t.Context())
	require.NoError(t, err)
	require.Len(t, ranges, 1_000_000)
}
