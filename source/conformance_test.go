package source_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/rxtest"
	"github.com/rxcql/rxcql/source"
)

// TestRowsKeepTheContract has rxtest stop, cancel and panic at every row, with each way of reading ahead.
func TestRowsKeepTheContract(t *testing.T) {
	server, session := serve(t)
	numbers(server, 10)
	query := source.Query[int](session, selectNumbers).PageSize(3)
	for name, query := range map[string]source.Select[int]{
		"default": query, "ReadAhead(0)": query.ReadAhead(0), "ReadAhead(2)": query.ReadAhead(2),
	} {
		t.Run(name, func(t *testing.T) {
			rxtest.Source(t, rxtest.Case[int]{
				New: query.Rows, Want: upTo(10),
				Foreign: []string{"github.com/gocql/gocql", "github.com/rxcql/rxcql/cql/cqltest"},
			})
		})
	}
}

func TestPagesKeepTheContract(t *testing.T) {
	server, session := serve(t)
	numbers(server, 10)
	sizes := operators.Map(source.Query[int](session, selectNumbers).PageSize(3).Pages(), func(p source.Page[int]) int { return len(p.Rows) })
	rxtest.Source(t, rxtest.Case[int]{
		New: func() rx.Observable[int] { return sizes }, Want: []int{3, 3, 3, 1},
		Foreign: []string{"github.com/gocql/gocql", "github.com/rxcql/rxcql/cql/cqltest"},
	})
}

func TestAFailingQueryKeepsTheContract(t *testing.T) {
	server, session := serve(t)
	numbers(server, 10)
	server.Inject(cqltest.Fault{Match: onPage(3), Err: cqltest.ReadFailure(0, 1, 1, false)})
	rxtest.Source(t, rxtest.Case[int]{
		New: source.Query[int](session, selectNumbers).PageSize(3).Rows, Want: upTo(6), Err: cql.ReadFailure,
		Foreign: []string{"github.com/gocql/gocql", "github.com/rxcql/rxcql/cql/cqltest"},
	})
	require.NoError(t, session.Shutdown(t.Context()), "no run counts as open")
}

// TestQueriesKeepTheRulesOfReactiveStreams has subscribers request rows, and pages, in all ways.
func TestQueriesKeepTheRulesOfReactiveStreams(t *testing.T) {
	server, session := serve(t)
	numbers(server, 6)
	query := source.Query[int](session, selectNumbers).PageSize(3)
	none := source.Query[int](session, selectNumbers+" WHERE p = 7")
	for name, p := range map[string]rxtest.Publication[int]{
		"default":      {New: published(query.Rows()), Want: upTo(6)},
		"ReadAhead(0)": {New: published(query.ReadAhead(0).Rows()), Want: upTo(6)},
		"ReadAhead(2)": {New: published(query.ReadAhead(2).Rows()), Want: upTo(6)},
		"no rows":      {New: published(none.Rows()), LateEnd: true},
		"pages": {
			New:  published(operators.Map(query.Pages(), func(p source.Page[int]) int { return len(p.Rows) })),
			Want: []int{3, 3},
		},
		"a bad statement": {New: published(source.Query[int](session, selectNumbers, 1).Rows()), Err: cql.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			p.Foreign = []string{"github.com/gocql/gocql", "github.com/rxcql/rxcql/cql/cqltest"}
			rxtest.Publisher(t, p)
		})
	}
	t.Run("a page that fails", func(t *testing.T) {
		server.Inject(cqltest.Fault{Match: onPage(2), Err: cqltest.ReadFailure(0, 1, 1, false)})
		rxtest.Publisher(t, rxtest.Publication[int]{
			New: published(query.Rows()), Want: upTo(3), Err: cql.ReadFailure, LateEnd: true,
			Foreign: []string{"github.com/gocql/gocql", "github.com/rxcql/rxcql/cql/cqltest"},
		})
	})
	require.NoError(t, session.Shutdown(t.Context()), "no run counts as open")
}

func published(src rx.Observable[int]) func() rxtest.Subscribable[int] {
	return func() rxtest.Subscribable[int] { return src }
}
