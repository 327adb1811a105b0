package sink_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"

	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

// Measure is what the examples write to files.
type Measure struct {
	Sensor  int     `json:"sensor"`
	Celsius float64 `json:"celsius"`
}

func ExampleFile() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "measures.jsonl.zst")
	ctx := context.Background()

	report, err := sink.File(path, sink.JSONL[Measure]()).Write(ctx, rx.From(Measure{1, 20.5}, Measure{2, 31}))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(report.Rows, "rows")
	for m, err := range source.JSONL[Measure](source.File(path)).Rows().All(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(m.Sensor, m.Celsius)
	}
	// Output:
	// 2 rows
	// 1 20.5
	// 2 31
}

func ExampleTo() {
	measures := rx.From(Measure{1, 20.5}, Measure{2, 31})
	if _, err := sink.To(os.Stdout, sink.JSONL[Measure]()).Write(context.Background(), measures); err != nil {
		log.Fatal(err)
	}
	// Output:
	// {"sensor":1,"celsius":20.5}
	// {"sensor":2,"celsius":31}
}

func ExampleText_Compress() {
	var pipe bytes.Buffer
	measures := rx.From(Measure{1, 20.5}, Measure{2, 31})
	ctx := context.Background()
	if _, err := sink.To(&pipe, sink.JSONL[Measure]()).Compress(sink.Gzip).Write(ctx, measures); err != nil {
		log.Fatal(err)
	}
	back, err := source.JSONL[Measure](source.Reader("pipe", &pipe)).Rows().Collect(ctx) // finds out what it is
	fmt.Println(back, err)
	// Output: [{1 20.5} {2 31}] <nil>
}

// bucket stands for a store of objects: it has them when they are closed.
type bucket map[string]string

type bucketObject struct {
	bytes.Buffer
	ctx  context.Context
	name string
	to   bucket
}

func (o *bucketObject) Close() error {
	if o.ctx.Err() != nil { // abandoned
		return context.Cause(o.ctx)
	}
	o.to[o.name] = o.String()
	return nil
}

func ExampleShardsTo() {
	backup := bucket{}
	create := func(ctx context.Context, name string) (io.WriteCloser, error) {
		return &bucketObject{ctx: ctx, name: name, to: backup}, nil
	}
	measures := rx.From(Measure{1, 20.5}, Measure{2, 31}, Measure{1, 21})
	bySensor := func(m Measure) string { return fmt.Sprint(m.Sensor) }
	report, err := sink.ShardsTo(create, "sensors/*.csv", sink.CSV[Measure](), bySensor).Write(context.Background(), measures)
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range report.Files {
		fmt.Printf("%s: %q\n", f.Name, backup[f.Name])
	}
	// Output:
	// sensors/1.csv: "sensor,celsius\n1,20.5\n1,21\n"
	// sensors/2.csv: "sensor,celsius\n2,31\n"
}

func ExampleShards() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	measures := rx.From(Measure{1, 20.5}, Measure{2, 31}, Measure{1, 21})
	bySensor := func(m Measure) string { return fmt.Sprint(m.Sensor) }
	report, err := sink.Shards(dir, "sensor-*.jsonl", sink.JSONL[Measure](), bySensor).Write(context.Background(), measures)
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range report.Files {
		fmt.Println(f.Name, f.Rows)
	}
	// Output:
	// sensor-1.jsonl 2
	// sensor-2.jsonl 1
}
