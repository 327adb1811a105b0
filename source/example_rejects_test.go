package source_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/rxcql/rxcql/source"
)

// Records that are no rows are kept, corrected and read again. What is rejected again goes to another file.
func ExampleRejectFile() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "rejected.jsonl")

	type Town struct {
		Name   string
		People int
	}
	ctx := context.Background()
	input := source.Reader("towns.csv", strings.NewReader("name,people\nAachen,249070\nBonn,no idea\nCelle,69602\n"))
	rejected := source.RejectFile(path).AtMost(10)
	towns, err := source.CSV[Town](input).OnError(rejected.Keep).Rows().Collect(ctx)
	fmt.Println(towns, rejected.Count(), "rejected,", err)

	kept, err := os.ReadFile(path)
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(path, bytes.ReplaceAll(kept, []byte("no idea"), []byte("335975")), 0o600); err != nil {
		log.Fatal(err)
	}
	again := source.RejectFile(filepath.Join(dir, "rejected-again.jsonl"))
	towns, err = source.CSV[Town](source.Rejects(path)).OnError(again.Keep).Rows().Collect(ctx)
	fmt.Println(towns, again.Count(), "rejected,", err)
	// Output:
	// [{Aachen 249070} {Celle 69602}] 1 rejected, <nil>
	// [{Bonn 335975}] 0 rejected, <nil>
}
