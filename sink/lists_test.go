package sink_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/checkpoint"
	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

type listed struct {
	K int
	L []int
}

// A list that Cassandra overwrites twice with one timestamp has its elements twice.
func TestListsAreNotWrittenTwiceWithOneTimestamp(t *testing.T) {
	server, session := serve(t)
	server.MustExec("CREATE TABLE shop.lists (k int PRIMARY KEY, l list<int>)")
	server.MustExec("CREATE TABLE shop.frozen (k int PRIMARY KEY, l frozen<list<int>>)")
	retry := operators.Backoff{Attempts: 3, Base: 1}
	timestamps := func(table string) (all []int64) {
		for _, r := range server.Requests(cqltest.On(table)) {
			if !r.IsSelect() {
				all = append(all, r.Timestamp)
			}
		}
		return all
	}
	row := rx.From(listed{1, []int{1}})

	server.Inject(cqltest.Fault{Match: cqltest.On("lists"), Times: 2, Err: cqltest.WriteTimeout("SIMPLE", 0, 1), ApplyThenErr: true})
	_, err := sink.Insert[listed](session, "shop.lists").Retry(retry).Write(t.Context(), row)
	require.NoError(t, err)
	sent := timestamps("lists")
	require.Len(t, sent, 3)
	require.Less(t, sent[0], sent[1])
	require.Less(t, sent[1], sent[2])

	stamp := func(listed) int64 { return 1000 }
	server.Inject(cqltest.Fault{Match: cqltest.On("lists"), Times: 1, Err: cqltest.WriteTimeout("SIMPLE", 0, 1), ApplyThenErr: true})
	_, err = sink.Insert[listed](session, "shop.lists").Retry(retry).Timestamp(stamp).Write(t.Context(), row)
	var failed *sink.WriteError
	require.ErrorAs(t, err, &failed)
	require.Equal(t, 1, failed.Attempts)
	require.True(t, failed.Maybe)

	server.Inject(cqltest.Fault{Match: cqltest.On("frozen"), Times: 1, Err: cqltest.WriteTimeout("SIMPLE", 0, 1), ApplyThenErr: true})
	_, err = sink.Insert[listed](session, "shop.frozen").Retry(retry).Timestamp(stamp).Write(t.Context(), row)
	require.NoError(t, err, "a frozen list is one cell")
}

// The first row already is refused.
func TestListsWithTheirTimesAreRefusedInAJobThatIsResumed(t *testing.T) {
	server, session := serve(t)
	for _, table := range []string{"a", "b"} {
		server.MustExec("CREATE TABLE shop." + table + " (k int PRIMARY KEY, l list<int>)")
	}
	server.MustExec("INSERT INTO shop.a (k, l) VALUES (1, [1])")
	store, err := checkpoint.File(filepath.Join(t.TempDir(), "checkpoint"))
	require.NoError(t, err)
	defer store.Close()
	insert := sink.Insert[listed](session, "shop.b").Timestamp(func(listed) int64 { return 1000 })
	_, err = insert.Work(t.Context(), func(ctx context.Context, w *sink.Writer[listed]) error {
		return source.Table[listed](session, "shop.a").Resume(store).Each(ctx, 1, func(ctx context.Context, p source.TablePage[listed]) error {
			return w.Write(ctx, rx.From(p.Rows...))
		})
	})
	require.ErrorIs(t, err, sink.ErrNotIdempotent)
	require.False(t, errors.Is(err, cql.Invalid))
	require.Empty(t, server.Requests(func(r cqltest.Request) bool { return cqltest.On("b")(r) && !r.IsSelect() }))
}
