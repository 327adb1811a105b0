package parquet_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/rxcql/rxcql/contrib/parquet"
	"github.com/rxcql/rxcql/rx"
)

func ExampleWrite() {
	type Reading struct {
		Sensor  int64
		Celsius float64
	}
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "readings.parquet")
	ctx := context.Background()

	report, err := parquet.Write[Reading](path).Write(ctx, rx.From(Reading{1, 20.5}, Reading{2, 31}))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(report.Rows, "rows")
	for r, err := range parquet.Read[Reading](path).Rows().All(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(r.Sensor, r.Celsius)
	}
	// Output:
	// 2 rows
	// 1 20.5
	// 2 31
}
