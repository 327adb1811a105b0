package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"time"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/source"
)

// format is how rows are written.
type format struct {
	extension string
	header    []byte // that a file begins with
	encode    func(to *bytes.Buffer, rows []source.Row) error
}

func newFormat(name string, columns []cql.Column) format {
	if name == "jsonl" {
		return format{extension: ".jsonl", encode: encodeJSON}
	}
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	var header bytes.Buffer
	w := csv.NewWriter(&header)
	_ = w.Write(names) // a Buffer takes everything
	w.Flush()
	return format{extension: ".csv", header: header.Bytes(), encode: encodeCSV}
}

func encodeJSON(to *bytes.Buffer, rows []source.Row) error {
	for _, row := range rows {
		b, err := row.MarshalJSON()
		if err != nil {
			return err
		}
		to.Write(b)
		to.WriteByte('\n')
	}
	return nil
}

func encodeCSV(to *bytes.Buffer, rows []source.Row) error {
	w := csv.NewWriter(to)
	var fields []string
	for _, row := range rows {
		fields = fields[:0]
		for _, c := range row.Columns() {
			v, err := row.Value(c.Name)
			if err != nil {
				return err
			}
			text, err := field(v)
			if err != nil {
				return fmt.Errorf("column %s: %w", c.Name, err)
			}
			fields = append(fields, text)
		}
		if err := w.Write(fields); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// field writes a value as one field of CSV.
func field(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case []byte:
		return fmt.Sprintf("0x%x", v), nil
	case time.Time:
		return v.Format(time.RFC3339Nano), nil
	case fmt.Stringer: // UUIDs, decimals, durations, addresses
		return v.String(), nil
	case bool, int8, int16, int32, int64, int, float32, float64:
		return fmt.Sprint(v), nil
	}
	b, err := json.Marshal(v)
	return string(b), err
}
