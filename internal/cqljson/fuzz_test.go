package cqljson_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/cqljson"
	"github.com/rxcql/rxcql/internal/typetest"
)

// FuzzParse reads any text as any type: that is an error, or a cell whose JSON reads as the same cell.
func FuzzParse(f *testing.F) {
	for i, c := range typetest.All {
		for _, v := range c.Values[:min(2, len(c.Values))] {
			cell, err := c.Type.Marshal(v.Go)
			require.NoError(f, err)
			text, err := cqljson.Append(nil, &c.Type, cell)
			require.NoError(f, err)
			if len(text) < 200 {
				f.Add(uint16(i), text)
			}
		}
	}
	f.Fuzz(func(t *testing.T, i uint16, text []byte) {
		ct := typetest.All[int(i)%len(typetest.All)].Type
		cell, null, err := cqljson.Parse([]byte{}, &ct, text)
		if err != nil || null {
			return
		}
		back, err := cqljson.Append(nil, &ct, cell)
		require.NoError(t, err)
		require.True(t, json.Valid(back))
		again, _, err := cqljson.Parse([]byte{}, &ct, back)
		require.NoError(t, err)
		require.Equal(t, cell, again)
	})
}

// FuzzAppend writes any bytes as a cell of any type: that is an error, or JSON that reads as a cell with the same JSON.
func FuzzAppend(f *testing.F) {
	for i, c := range typetest.All {
		for _, v := range c.Values[:min(2, len(c.Values))] {
			cell, err := c.Type.Marshal(v.Go)
			require.NoError(f, err)
			if len(cell) < 200 {
				f.Add(uint16(i), cell)
			}
		}
	}
	f.Fuzz(func(t *testing.T, i uint16, cell []byte) {
		ct := typetest.All[int(i)%len(typetest.All)].Type
		text, err := cqljson.Append(nil, &ct, cell)
		if err != nil {
			return
		}
		back, null, err := cqljson.Parse([]byte{}, &ct, text)
		require.NoError(t, err, "%s", text)
		require.Equal(t, cell == nil, null)
		if null {
			return
		}
		again, err := cqljson.Append(nil, &ct, back)
		require.NoError(t, err)
		require.Equal(t, string(text), string(again))
	})
}

// FuzzRow reads any text as a row: that is an error, or cells whose JSON reads as the same ones.
func FuzzRow(f *testing.F) {
	c := columns("id", cql.Int, "Name", cql.Text, "at", cql.Timestamp, "n", cql.Decimal, "b", cql.Blob)
	c = append(c, cql.Column{Name: "m", Type: cql.Type{Kind: cql.Map, Elems: []cql.Type{{Kind: cql.Text}, {Kind: cql.Double}}}})
	w, err := cqljson.NewWriter(c)
	require.NoError(f, err)
	for _, text := range []string{
		`{"id": 7, "\"Name\"": "n", "at": "2015-07-01 00:00:00.000Z", "n": "1E+10", "b": "0x01", "m": {"a": 1.5}}`, `{"id": 7}`,
		`{"ID": null, "x": [{}, true, -1e5, "\u0000"]}`,
	} {
		f.Add([]byte(text), true)
		f.Add([]byte(text), false)
	}
	f.Fuzz(func(t *testing.T, text []byte, lenient bool) {
		cells, err := cqljson.NewReader(c, lenient).Row(text)
		if err != nil {
			return
		}
		require.True(t, json.Valid(text))
		back, err := w.Append(nil, row(cells))
		require.NoError(t, err)
		again, err := cqljson.NewReader(c, false).Row(back)
		require.NoError(t, err)
		require.Equal(t, cells, again)
	})
}
