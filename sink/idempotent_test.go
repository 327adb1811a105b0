package sink_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/resumable"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/sink"
)

// What adds to what is there is added again each time that it is sent, whatever is said.
func TestNobodyCanSayThatCountersAreIdempotent(t *testing.T) {
	server, session := serve(t)
	server.MustExec("CREATE TABLE shop.hits (page text PRIMARY KEY, n counter)")
	server.MustExec("CREATE TABLE shop.tagged (k int PRIMARY KEY, tags list<text>, names set<text>)")
	type hit struct {
		Page string
		N    int64
	}
	type tagged struct {
		K    int
		Tags []string
	}
	type named struct {
		K     int
		Names []string
	}
	job := resumable.Mark(t.Context())
	update := "UPDATE shop.hits SET n = n + :n WHERE page = :page"
	none := func(_ sink.Report, err error) error { return err }
	for _, write := range []func(context.Context) error{
		func(ctx context.Context) error {
			return none(sink.Update[hit](session, "shop.hits").Idempotent().Write(ctx, rx.From(hit{"a", 1})))
		},
		func(ctx context.Context) error {
			return none(sink.Update[hit](session, "shop.hits").Remove("n").Idempotent().Write(ctx, rx.From(hit{"a", 1})))
		},
		func(ctx context.Context) error {
			return none(sink.Exec[hit](session, update, nil).Idempotent().Write(ctx, rx.From(hit{"a", 1})))
		},
		func(ctx context.Context) error {
			return none(sink.Update[tagged](session, "shop.tagged").Prepend("tags").Idempotent().Write(ctx, rx.From(tagged{1, []string{"a"}})))
		},
	} {
		for _, ctx := range []context.Context{t.Context(), job} {
			err := write(ctx)
			var refused *sink.ColumnError
			require.ErrorAs(t, err, &refused)
			require.ErrorIs(t, err, cql.Invalid)
			require.ErrorContains(t, err, "leave out Idempotent")
		}
	}
	require.Empty(t, writes(server))
	_, err := sink.Update[named](session, "shop.tagged").Append("names").Idempotent().Write(job, rx.From(named{1, []string{"a"}}))
	require.NoError(t, err, "a set")

	err = none(sink.Update[hit](session, "shop.hits").Write(job, rx.From(hit{"a", 1})))
	require.ErrorIs(t, err, sink.ErrNotIdempotent)
	require.NotContains(t, err.Error(), "Idempotent", "which would be refused")
	err = none(sink.Insert[item](session, "shop.items").IfNotExists().Write(job, items(1)))
	require.ErrorIs(t, err, sink.ErrNotIdempotent)
	require.ErrorContains(t, err, "say so by Idempotent")
}

func TestSettingsThatWouldDoNothingPanic(t *testing.T) {
	_, session := serve(t)
	told := func(context.Context, item, *sink.NotAppliedError) error { return nil }
	require.PanicsWithValue(t, "sink: Batch is for Insert, Update and Delete; statements of Exec are sent one by one", func() {
		sink.Exec[item](session, "UPDATE shop.items SET v = :v WHERE k = :k", nil).Batch(50)
	})
	require.Panics(t, func() { sink.Delete[item](session, "shop.items").Nulls() })
	insert := sink.Insert[item](session, "shop.items").NotApplied(told)
	require.PanicsWithValue(t, "sink: NotApplied is for rows with a condition: IfNotExists or IfExists", func() {
		_, _ = insert.Write(t.Context(), items(1))
	})
	require.Panics(t, func() { _ = insert.Check(t.Context()) })
	require.NoError(t, insert.IfNotExists().Check(t.Context()), "in any order")
}
