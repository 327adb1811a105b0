package main

import (
	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

// format is how rows are written.
type format struct {
	sink.Format[source.Row]
	extension string
	header    []byte // that a file begins with
}

func newFormat(name string, columns []cql.Column) (format, error) {
	if name == "jsonl" {
		return format{Format: sink.JSONL[source.Row](), extension: ".jsonl"}, nil
	}
	csv := sink.CSV[source.Row]().Columns(columns)
	header, err := csv.Encoder().Header(nil, nil)
	return format{Format: csv, extension: ".csv", header: header}, err
}
