package bar_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/source"
	"github.com/rxcql/rxcql/source/bar"
)

func ExampleShow() {
	server := cqltest.NewServer()
	defer server.Close()
	server.MustExec("CREATE KEYSPACE lab WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
	server.MustExec("CREATE TABLE lab.t (k int PRIMARY KEY)")
	ctx := context.Background()
	session, err := cql.Connect(ctx, server.Cluster())
	if err != nil {
		log.Fatal(err)
	}
	defer session.Close()

	var tracker source.Tracker
	done := bar.Show(os.Stderr, &tracker) // not os.Stdout, which is for results
	n, err := source.Table[source.Row](session, "lab.t").Track(&tracker).Count(ctx)
	done()
	fmt.Println(n, err)
	// Output: 0 <nil>
}

// A job of any kind tells how far it is.
func ExampleFollow() {
	done := bar.Follow(os.Stdout, func(time.Duration) (share float64, text string) { return 1, "12 of 12 files" })
	done()
	// Output: 12 of 12 files
}
