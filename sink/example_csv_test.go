package sink_test

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/sink"
)

func ExampleCSV() {
	type Order struct {
		ID    int
		At    time.Time
		Items []string
		Note  *string
	}
	note := ""
	orders := rx.From(
		Order{1, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), []string{"coffee", "cup"}, nil},
		Order{2, time.Date(2026, 1, 2, 3, 4, 6, 0, time.UTC), nil, &note},
	)
	report, err := sink.To(os.Stdout, sink.CSV[Order]()).Write(context.Background(), orders)
	fmt.Println(report.Rows, "rows,", report.Bytes, "bytes,", err)
	// Output:
	// id,at,items,note
	// 1,2026-01-02 03:04:05.000+0000,"['coffee', 'cup']",
	// 2,2026-01-02 03:04:06.000+0000,,""
	// 2 rows, 104 bytes, <nil>
}
