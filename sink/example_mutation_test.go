package sink_test

import (
	"context"
	"fmt"
	"log"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

// shop is a session to a server with these tables.
func shop(tables ...string) (session *cql.Session, end func()) {
	server := cqltest.NewServer()
	server.MustExec("CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
	for _, t := range tables {
		server.MustExec("CREATE TABLE shop." + t)
	}
	session, err := cql.Connect(context.Background(), server.Cluster())
	if err != nil {
		log.Fatal(err)
	}
	return session, func() { session.Close(); server.Close() }
}

func ExampleUpdate() {
	session, end := shop("visits (page text PRIMARY KEY, n counter)")
	defer end()
	type visits struct {
		Page string
		N    int
	}
	ctx := context.Background()
	report, err := sink.Update[visits](session, "shop.visits").Write(ctx, rx.From(visits{"home", 1}, visits{"about", 1}, visits{"home", 2}))
	fmt.Println(report.Written, err)
	n, err := source.Query[int64](session, "SELECT n FROM shop.visits WHERE page = 'home'").Rows().First(ctx)
	fmt.Println(n, err)
	// Output:
	// 3 <nil>
	// 3 <nil>
}

func ExampleDelete() {
	session, end := shop("items (k int PRIMARY KEY, v int)")
	defer end()
	type key struct{ K int }
	report, err := sink.Delete[key](session, "shop.items").Write(context.Background(), rx.From(key{1}, key{2}))
	fmt.Println(report.Written, err)
	// Output: 2 <nil>
}

func ExampleExec() {
	session, end := shop("events (day int, id int, PRIMARY KEY (day, id))")
	defer end()
	days := rx.From(1, 2, 3)
	forget := sink.Exec(session, "DELETE FROM shop.events WHERE day = ?", func(day int) []any { return []any{day} })
	report, err := forget.Idempotent().Write(context.Background(), days)
	fmt.Println(report.Written, err)
	// Output: 3 <nil>
}

// A copy of a table, page by page: when Write has returned, the page is written, and acknowledged by returning nil.
func ExampleMutation_Work() {
	session, end := shop("a (k int PRIMARY KEY, v text)", "b (k int PRIMARY KEY, v text)")
	defer end()
	ctx := context.Background()
	type row struct {
		K int
		V string
	}
	rows := operators.Map(rx.Range(0, 1000), func(k int) row { return row{k, fmt.Sprint(k)} })
	if _, err := sink.Insert[row](session, "shop.a").Write(ctx, rows); err != nil {
		log.Fatal(err)
	}
	copied := sink.Insert[source.Row](session, "shop.b")
	report, err := copied.Work(ctx, func(ctx context.Context, w *sink.Writer[source.Row]) error {
		return source.Table[source.Row](session, "shop.a").Each(ctx, 4, func(ctx context.Context, page source.TablePage[source.Row]) error {
			return w.Write(ctx, rx.From(page.Rows...))
		})
	})
	fmt.Println(report.Written, err)
	// Output: 1000 <nil>
}
