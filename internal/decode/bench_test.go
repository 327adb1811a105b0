package decode_test

import (
	"testing"
	"time"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/decode"
)

// BenchmarkRow decodes a row of 7 columns into a struct.
func BenchmarkRow(b *testing.B) {
	type event struct {
		Sensor  int
		At      time.Time
		ID      gocql.UUID
		Value   float64
		Note    *string
		Count   int64
		Payload []byte
	}
	cs := columns("sensor", native(gocql.TypeInt), "at", native(gocql.TypeTimestamp), "id", native(gocql.TypeUUID),
		"value", native(gocql.TypeDouble), "note", native(gocql.TypeVarchar), "count", native(gocql.TypeBigInt),
		"payload", native(gocql.TypeBlob))
	values := []any{7, time.UnixMilli(1), gocql.TimeUUID(), 1.5, "a note", 42, []byte{1, 2, 3}}
	row := make([][]byte, len(cs))
	for i, v := range values {
		row[i] = driverType{cs[i].Type}.marshal(b, v)
	}
	var d decode.Decoder[event]
	require.NoError(b, d.Page(cs, 1))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.Row(row); err != nil {
			b.Fatal(err)
		}
	}
}
