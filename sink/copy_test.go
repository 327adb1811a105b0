package sink_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

// A row that has nothing but its key is written with the time when the write began, or that of a function: so it does not
// bring back what was deleted while it was on its way.
func TestACopyOfABareRowIsNoNewerThanTheCopy(t *testing.T) {
	server, session := serve(t)
	server.MustExec("CREATE TABLE shop.copy (k int PRIMARY KEY, v int)")
	server.MustExec("INSERT INTO shop.items (k) VALUES (1) USING TIMESTAMP 1000")
	scan := source.Table[source.Row](session, "shop.items").Columns("k", "v", "writetime(v)", "ttl(v)")
	page, err := scan.Rows().Collect(t.Context())
	require.NoError(t, err)
	var deleted int64
	late := func(yield func(source.Row) bool) {
		deleted = session.Timestamp()
		for _, r := range page {
			if !yield(r) {
				return
			}
		}
	}
	insert := sink.Insert[source.Row](session, "shop.copy")
	before := time.Now().UnixMicro()
	report, err := insert.Write(t.Context(), rx.FromSeq(late))
	require.NoError(t, err)
	require.EqualValues(t, 1, report.Written)
	at := writes(server)[0].Values[2].(int64)
	require.GreaterOrEqual(t, at, before)
	require.LessOrEqual(t, at, deleted)

	_, err = insert.Timestamp(func(source.Row) int64 { return 1000 }).Write(t.Context(), rx.From(page...))
	require.NoError(t, err)
	require.EqualValues(t, 1000, writes(server)[1].Values[2])

	began := time.UnixMicro(2000)
	_, err = insert.Since(began).Write(t.Context(), rx.From(page...))
	require.NoError(t, err)
	require.EqualValues(t, 2000, writes(server)[2].Values[2])
	require.Panics(t, func() { sink.Delete[source.Row](session, "shop.copy").Since(began) })
}
