//go:build screenshots

package browser

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx/flow"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

type order struct{ Customer, Number, Cents int }

type receipt struct{ Customer, Number, Cents, Tax int }

// demo runs jobs such as people have until the test ends: two go on, one has failed, others have ended.
func demo(t *testing.T, m *flow.Monitor) {
	t.Helper()
	server := cqltest.NewServer(cqltest.LogSize(0))
	t.Cleanup(server.Close)
	for _, statement := range []string{
		"CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
		"CREATE TABLE shop.orders (customer int, number int, cents int, PRIMARY KEY (customer, number))",
		"CREATE TABLE shop.receipts (customer int, number int, cents int, tax int, PRIMARY KEY (customer, number))",
		"CREATE TABLE shop.carts (customer int, number int, cents int, PRIMARY KEY (customer, number))",
	} {
		server.MustExec(statement)
	}
	server.Generate("shop.orders", cqltest.Generator{
		Partitions: 20_000, Rows: 50, Key: func(p int) []any { return []any{p} }, Row: func(p, r int) []any { return []any{r, 100 + (7*p+13*r)%900} },
	})
	for i := range 50 {
		server.MustExec("INSERT INTO shop.carts (customer, number, cents) VALUES (?, 1, 5)", i)
	}
	session, err := cql.Connect(context.Background(), server.Cluster())
	require.NoError(t, err)
	t.Cleanup(session.Close)

	ctx, cancel := context.WithCancel(flow.With(context.Background(), m))
	var all sync.WaitGroup
	t.Cleanup(func() { cancel(); all.Wait() })
	do := func(name string, f func(context.Context) error) { _ = flow.Do(ctx, name, f) }

	do("carts to orders", func(ctx context.Context) error {
		_, err := source.Table[order](session, "shop.carts").Rows().Collect(ctx)
		return err
	})
	do("nightly export", func(ctx context.Context) error {
		return op.Take(source.Table[order](session, "shop.orders").Rows(), 120_000).ForEach(ctx, func(order) error { return nil })
	})
	down := server.Inject(cqltest.Fault{Match: cqltest.On("shop.carts"), After: 30, Err: cqltest.Invalid("unknown column tax")})
	do("carts to receipts", func(ctx context.Context) error {
		_, err := sink.Insert[order](session, "shop.carts").Write(ctx, source.Table[order](session, "shop.orders").Rows())
		return err
	})
	down.Remove()
	begun := make(chan struct{})
	all.Go(func() {
		orders := source.Table[order](session, "shop.orders").Rows()
		large := flow.Named(op.Filter(orders, func(o order) bool { return o.Cents > 200 }), "above 2.00")
		checked := op.MapAsync(large, 16, func(ctx context.Context, o order) (order, error) {
			time.Sleep(5 * time.Millisecond) // a service that is asked
			return o, nil
		})
		receipts := flow.Named(op.Map(checked, func(o order) receipt { return receipt{o.Customer, o.Number, o.Cents, o.Cents * 19 / 119} }), "receipt")
		insert := sink.Insert[receipt](session, "shop.receipts").Throttle(rate.NewLimiter(300, 10))
		do("receipts", func(ctx context.Context) error {
			close(begun)
			_, err := insert.Write(ctx, receipts)
			return err
		})
	})
	<-begun
	all.Go(func() {
		do("audit", func(ctx context.Context) error {
			paced := op.Throttle(source.Table[order](session, "shop.orders").Rows(), rate.NewLimiter(40, 1))
			return flow.Named(paced, "sample").ForEach(ctx, func(order) error { return nil })
		})
	})
}
