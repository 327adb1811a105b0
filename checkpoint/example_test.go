package checkpoint_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/rxcql/rxcql/checkpoint"
	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/source"
)

// lab is a server in this process, with a table of 200 rows in 40 partitions.
func lab() (*cqltest.Server, *cql.Session) {
	server := cqltest.NewServer()
	server.MustExec("CREATE KEYSPACE lab WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
	server.MustExec("CREATE TABLE lab.readings (sensor int, n int, value double, PRIMARY KEY (sensor, n))")
	server.Generate("lab.readings", cqltest.Generator{
		Partitions: 40, Rows: 5,
		Key: func(p int) []any { return []any{p} },
		Row: func(_, r int) []any { return []any{r, float64(r)} },
	})
	session, err := cql.Connect(context.Background(), server.Cluster())
	if err != nil {
		log.Fatal(err)
	}
	return server, session
}

type Reading struct {
	Sensor int
	N      int
	Value  float64
}

// A job that failed goes on where it was.
func ExampleFile() {
	server, session := lab()
	defer server.Close()
	defer session.Close()
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	store, err := checkpoint.File(filepath.Join(dir, "export.checkpoint"))
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()

	readings := source.Table[Reading](session, "lab.readings").PageSize(5).Resume(store)
	rows := 0
	err = readings.Each(context.Background(), 1, func(_ context.Context, page source.TablePage[Reading]) error {
		if rows >= 100 {
			return errors.New("the disk is full")
		}
		rows += len(page.Rows)
		return nil
	})
	fmt.Println(rows, err)
	err = readings.Each(context.Background(), 1, func(_ context.Context, page source.TablePage[Reading]) error {
		rows += len(page.Rows)
		return nil
	})
	fmt.Println(rows, err)
	// Output:
	// 100 the disk is full
	// 200 <nil>
}

// Two processes work at the same job: the second takes over.
func ExampleTable() {
	server, session := lab()
	defer server.Close()
	defer session.Close()
	ctx := context.Background()
	if err := checkpoint.Table(session, "lab.checkpoints", "").Create(ctx); err != nil {
		log.Fatal(err)
	}

	run := func(f func() error) (rows int64, err error) {
		store := checkpoint.Table(session, "lab.checkpoints", "export of May")
		err = source.Table[Reading](session, "lab.readings").PageSize(5).Resume(store).
			Each(ctx, 4, func(_ context.Context, page source.TablePage[Reading]) error {
				atomic.AddInt64(&rows, int64(len(page.Rows)))
				return f()
			})
		return rows, err
	}
	nothing := func() error { return nil }
	var second atomic.Bool
	_, err := run(func() error {
		if second.CompareAndSwap(false, true) {
			_, err := run(nothing)
			fmt.Println("the second:", err)
		}
		return nil
	})
	fmt.Println("the first was taken over:", errors.Is(err, source.ErrFenced))
	rows, err := run(nothing)
	fmt.Println("nothing is left:", rows, err)
	// Output:
	// the second: <nil>
	// the first was taken over: true
	// nothing is left: 0 <nil>
}
