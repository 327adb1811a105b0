package cql_test

import (
	"database/sql/driver"
	"math"
	"math/big"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"
	"gopkg.in/inf.v0"

	"github.com/rxcql/rxcql/cql"
)

// twice is a Valuer whose value is one again.
type twice struct{}

func (twice) Value() (driver.Value, error) { return twice{}, nil }

func TestValuesThatCannotBeWritten(t *testing.T) {
	kind := func(k cql.Kind) cql.Type { return cql.Type{Kind: k} }
	vector := cql.Type{Kind: cql.Vector, Elems: []cql.Type{kind(cql.Float)}, Dimensions: 2}
	udt := cql.Type{Kind: cql.UDT, Name: "address", Fields: []string{"street"}, Elems: []cql.Type{kind(cql.Varchar)}}
	for name, c := range map[string]struct {
		to    cql.Type
		value any
	}{
		"tinyint too large":        {kind(cql.Tinyint), 128},
		"smallint too small":       {kind(cql.Smallint), -32769},
		"int too large":            {kind(cql.Int), int64(math.MaxInt32) + 1},
		"bigint from a uint64":     {kind(cql.Bigint), uint64(math.MaxInt64) + 1},
		"bigint from a big.Int":    {kind(cql.Bigint), new(big.Int).Lsh(big.NewInt(1), 64)},
		"float too large":          {kind(cql.Float), math.MaxFloat64},
		"date too far":             {kind(cql.Date), time.Date(9_000_000, 1, 1, 0, 0, 0, 0, time.UTC)},
		"timestamp too far":        {kind(cql.Timestamp), time.Date(400_000_000, 1, 1, 0, 0, 0, 0, time.UTC)},
		"time beyond a day":        {kind(cql.Time), 25 * time.Hour},
		"time below zero":          {kind(cql.Time), -time.Nanosecond},
		"duration of two signs":    {kind(cql.Duration), gocql.Duration{Months: 1, Days: -1}},
		"decimal that is no text":  {kind(cql.Decimal), "1,5"},
		"decimal of a huge text":   {kind(cql.Decimal), "1e99999999999"},
		"inet with a zone":         {kind(cql.Inet), netip.MustParseAddr("fe80::1%eth0")},
		"vector too short":         {vector, []float32{1}},
		"vector too long":          {vector, []float32{1, 2, 3}},
		"udt with another field":   {udt, map[string]any{"street": "x", "town": "y"}},
		"valuer that gives itself": {kind(cql.Varchar), twice{}},
		"text from an int":         {kind(cql.Varchar), 1},
		"int from a text":          {kind(cql.Int), "1"},
		"list from a text":         {cql.Type{Kind: cql.List, Elems: []cql.Type{kind(cql.Int)}}, "1"},
	} {
		cell, err := c.to.Marshal(c.value)
		require.Error(t, err, "%s: 0x%x", name, cell)
	}
	_, err := kind(cql.Decimal).Marshal(inf.NewDec(1, math.MaxInt32))
	require.NoError(t, err, "a scale is no size")
}

// TestNilSlicesAreNull for whatever they are written, also those that have a text of themselves.
func TestNilSlicesAreNull(t *testing.T) {
	for _, kind := range []cql.Kind{cql.Ascii, cql.Text, cql.Varchar, cql.Inet} {
		cell, err := cql.Type{Kind: kind}.Marshal(net.IP(nil))
		require.NoError(t, err)
		require.Nil(t, cell, kind)
	}
	cell, err := cql.Type{Kind: cql.Varchar}.Marshal(net.IPv4(1, 2, 3, 4))
	require.NoError(t, err)
	require.Equal(t, "1.2.3.4", string(cell))
}
