package source_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/internal/virtualtime"
	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/rxtest"
	"github.com/rxcql/rxcql/source"
)

type (
	numberFound = operators.Match[int, int]
	lookups     = func(rx.Observable[int], int, source.Select[int], func(int) []any, ...operators.OnError[int]) rx.Observable[numberFound]
)

func eachLookup(t *testing.T, f func(t *testing.T, ordered bool, n int, lookup lookups)) {
	for _, n := range []int{1, 5} {
		t.Run(fmt.Sprintf("ordered, n=%d", n), func(t *testing.T) { f(t, true, n, source.Lookup[int, int]) })
		t.Run(fmt.Sprintf("unordered, n=%d", n), func(t *testing.T) { f(t, false, n, source.LookupUnordered[int, int]) })
	}
}

// sizes makes the table lab.parts, whose partition k, of 0 … n-1, has the rows 0 … k-1, and returns the query for one
// partition.
func sizes(server *cqltest.Server, session *cql.Session, n int) source.Select[int] {
	server.MustExec("CREATE TABLE lab.parts (k int, n int, PRIMARY KEY (k, n))")
	for k := range n {
		for i := range k {
			server.MustExec("INSERT INTO lab.parts (k, n) VALUES (?, ?)", k, i)
		}
	}
	return source.Query[int](session, "SELECT n FROM lab.parts WHERE k = ?").Retry(once)
}

func byItself(k int) []any { return []any{k} }

// sizesFound is what looking keys up must give.
func sizesFound(keys []int) []numberFound {
	var want []numberFound
	for _, k := range keys {
		if k <= 0 {
			want = append(want, numberFound{Item: k})
		}
		for i := range k {
			want = append(want, numberFound{Item: k, Value: i, Found: true})
		}
	}
	return want
}

func TestLookupIsALeftJoin(t *testing.T) {
	eachLookup(t, func(t *testing.T, ordered bool, n int, lookup lookups) {
		server, session := serve(t)
		query := sizes(server, session, 10)
		rapid.Check(t, func(rt *rapid.T) {
			keys := rapid.SliceOfN(rapid.IntRange(-2, 9), 0, 20).Draw(rt, "keys")
			query := query.PageSize(rapid.IntRange(1, 10).Draw(rt, "page size"))
			got, err := lookup(rx.From(keys...), n, query, byItself).Collect(t.Context())
			require.NoError(rt, err)
			if ordered {
				require.Equal(rt, sizesFound(keys), got)
			} else {
				require.ElementsMatch(rt, sizesFound(keys), got)
				for len(got) > 0 { // the rows of a key stay together and in their order
					size := max(got[0].Item, 1)
					require.Equal(rt, sizesFound([]int{got[0].Item}), got[:size])
					got = got[size:]
				}
			}
		})
	})
}

func TestLookupGoesOnAfterEmptyPages(t *testing.T) {
	server, session := serve(t)
	numbers(server, 10)
	server.PageSizes("lab.numbers", 0, 0, 3, 0, 7)
	got, err := source.Lookup(rx.From(0), 1, source.Query[int](session, selectNumbers+" WHERE p = ?"), byItself).Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, got, 10)
}

func TestLookupBindsAfterTheQuerysOwnArguments(t *testing.T) {
	server, session := serve(t)
	numbers(server, 10)
	query := source.Query[int](session, selectNumbers+" WHERE p = ? AND n = ?", 0)
	got, err := source.Lookup(rx.From(7, 11, 7), 2, query, byItself).Collect(t.Context())
	require.NoError(t, err)
	seven := numberFound{Item: 7, Value: 7, Found: true}
	require.Equal(t, []numberFound{seven, {Item: 11}, seven}, got)

	_, err = source.Lookup(rx.From(7), 2, query, func(k int) []any { return []any{k, k} }).Collect(t.Context())
	require.ErrorIs(t, err, cql.Invalid)
	require.ErrorContains(t, err, "source: lookup of key 1: source: 3 arguments are given for 2 markers")
}

func TestLookupAsksForNoMoreThanItsPlacesAndTheFirstPages(t *testing.T) {
	server, session := serve(t)
	query := sizes(server, session, 10).PageSize(2).ReadAhead(0)
	asked := 0
	keys := operators.Tap(rx.From(9, 8, 7, 6, 5, 4, 3, 2, 1), operators.Hooks[int]{OnNext: func(int) { asked++ }})
	taken, err := operators.Take(source.Lookup(keys, 3, query, byItself), 6).Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, sizesFound([]int{9})[:6], taken)
	require.LessOrEqual(t, asked, 4)
	pages := server.Pages("lab.parts")
	require.LessOrEqual(t, pages, 3+3, "the three of the first key that were consumed, and one of each other")
}

func TestLookupNamesThePositionOfTheKeyThatFails(t *testing.T) {
	eachLookup(t, func(t *testing.T, ordered bool, n int, lookup lookups) {
		for _, page := range []int{1, 2} {
			server, session := serve(t)
			query := sizes(server, session, 10).PageSize(3)
			fault := server.Inject(cqltest.Fault{
				Match: func(r cqltest.Request) bool { return onPage(page)(r) && len(r.Values) == 1 && r.Values[0] == 5 },
				Err:   cqltest.ReadFailure(0, 1, 1, false),
			})
			got, err := lookup(rx.From(1, 2, 5, 3, 4), n, query, byItself).Collect(t.Context())
			var failed *source.LookupError
			require.ErrorAs(t, err, &failed)
			require.EqualValues(t, 3, failed.Position)
			require.ErrorIs(t, err, cql.ReadFailure)
			require.EqualError(t, err, "source: lookup of key 3: "+failed.Err.Error())
			require.Equal(t, 1, fault.Hits())
			if ordered {
				require.Equal(t, append(sizesFound([]int{1, 2}), sizesFound([]int{5})[:3*(page-1)]...), got)
			}
		}
	})
}

func TestLookupAsksWhatToDoWithAKeyThatFails(t *testing.T) {
	eachLookup(t, func(t *testing.T, ordered bool, n int, lookup lookups) {
		server, session := serve(t)
		query := sizes(server, session, 10)
		key := func(k int) func(cqltest.Request) bool {
			return func(r cqltest.Request) bool { return cqltest.On("parts")(r) && len(r.Values) == 1 && r.Values[0] == k }
		}
		server.Inject(cqltest.Fault{Match: key(5), Err: cqltest.ReadFailure(0, 1, 1, false)})
		server.Inject(cqltest.Fault{Match: key(2), Times: 2, Err: cqltest.Overloaded("busy")})
		decide := func(_ context.Context, f *operators.Failure[int]) operators.Decision {
			if f.Item == 2 {
				return operators.Again
			}
			var failed *source.LookupError
			if !errors.As(f.Err, &failed) || failed.Position != 3 || f.Item != 5 {
				return operators.Stop
			}
			return operators.Resume
		}
		got, err := lookup(rx.From(1, 2, 5, 3), n, query, byItself, decide).Collect(t.Context())
		require.NoError(t, err)
		if !ordered {
			slices.SortStableFunc(got, func(a, b numberFound) int { return a.Item - b.Item })
		}
		require.Equal(t, sizesFound([]int{1, 2, 3}), got)

		_, err = lookup(rx.From(5), n, query, byItself, func(_ context.Context, f *operators.Failure[int]) operators.Decision {
			f.Err = errConsumer
			return operators.Stop
		}).Collect(t.Context())
		require.Equal(t, errConsumer, err)
	})
}

func TestLookupKeepsTheContract(t *testing.T) {
	server, session := serve(t)
	query := sizes(server, session, 4).PageSize(2)
	keys := []int{3, 0, 1}
	for _, n := range []int{1, 3} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			rxtest.Source(t, rxtest.Case[numberFound]{
				New:     func() rx.Observable[numberFound] { return source.Lookup(rx.From(keys...), n, query, byItself) },
				Want:    sizesFound(keys),
				Foreign: []string{"github.com/gocql/gocql", "github.com/rxcql/rxcql/cql/cqltest"},
			})
		})
	}
	require.NoError(t, session.Shutdown(t.Context()), "no run counts as open")
}

func TestLookupIsDrainedAsAWhole(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, session := serveInBubble(t)
		query := sizes(server, session, 4)
		shut := make(chan error, 1)
		var got []numberFound
		require.NoError(t, source.Lookup(rx.From(1, 2, 3), 1, query, byItself).ForEach(t.Context(), func(f numberFound) error {
			if got = append(got, f); len(got) == 1 {
				go func() { shut <- session.Shutdown(context.Background()) }()
				synctest.Wait()
			}
			return nil
		}))
		require.Equal(t, sizesFound([]int{1, 2, 3}), got)
		require.NoError(t, <-shut)
	})
}

func TestLookupRefusesLessThanOneKey(t *testing.T) {
	require.PanicsWithValue(t, "source.Lookup: 0 keys at a time; there must be at least 1", func() {
		source.Lookup(rx.From(1), 0, source.Select[int]{}, byItself)
	})
	require.PanicsWithValue(t, "source.LookupUnordered: -1 keys at a time; there must be at least 1", func() {
		source.LookupUnordered(rx.From(1), -1, source.Select[int]{}, byItself)
	})
}
