package sink_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

// Rows that cannot be written go to a file, and are written again when the cause is mended.
func ExampleDeadLetterFile() {
	server := cqltest.NewServer()
	defer server.Close()
	server.MustExec("CREATE KEYSPACE lab WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
	server.MustExec("CREATE TABLE lab.squares (n int PRIMARY KEY, square int)")
	ctx := context.Background()
	session, err := cql.Connect(ctx, server.Cluster())
	if err != nil {
		log.Fatal(err)
	}
	defer session.Close()
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "dead.jsonl")

	type Square struct{ N, Square int }
	refused := server.Inject(cqltest.Fault{Err: cqltest.Invalid("not today"), Match: func(r cqltest.Request) bool {
		return len(r.Values) > 0 && r.Values[0] == 7
	}})
	squares := operators.Map(rx.Range(1, 10), func(n int) Square { return Square{n, n * n} })
	insert := sink.Insert[Square](session, "lab.squares")
	report, err := insert.DeadLetters(sink.DeadLetterFile[Square](path), sink.Tolerance{Rows: 5}).Write(ctx, squares)
	fmt.Println(report.Written, "written,", report.Dead, "dead,", err)

	refused.Remove()
	letters := operators.Map(source.DeadLetters[Square](path).Letters(), func(f operators.Failure[Square]) operators.Failure[Square] {
		fmt.Println(f.Item, cql.ClassOf(f.Err))
		return f
	})
	report, err = insert.Replay(ctx, letters)
	fmt.Println(report.Written, "written,", err)
	// Output:
	// 9 written, 1 dead, <nil>
	// {7 49} invalid request
	// 1 written, <nil>
}
