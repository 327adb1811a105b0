package cqltext_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/cqltext"
	"github.com/rxcql/rxcql/internal/typetest"
)

// FuzzText reads any text as any type: an error, or a value with a text that reads as the same.
func FuzzText(f *testing.F) {
	for i, c := range typetest.All {
		for _, v := range c.Values {
			if len(v.CQL) < 1000 {
				f.Add(uint(i), v.CQL, "")
			}
		}
	}
	f.Add(uint(12), "[1, , null]", "null")
	f.Fuzz(func(t *testing.T, i uint, text, null string) {
		ct := typetest.All[i%uint(len(typetest.All))].Type
		cell, err := cqltext.AppendCell(nil, &ct, text, null)
		if err != nil || cqltext.IsNull(&ct, cell) {
			return
		}
		again(t, i, cell, null)
	})
}

// FuzzCell writes any bytes as any type: an error, or a text that reads as a value with the same text.
func FuzzCell(f *testing.F) {
	for i, c := range typetest.All {
		for _, v := range c.Values {
			if cell, err := c.Type.Marshal(v.Go); err == nil && len(cell) < 1000 {
				f.Add(uint(i), cell, "")
			}
		}
	}
	f.Fuzz(func(t *testing.T, i uint, cell []byte, null string) {
		ct := typetest.All[i%uint(len(typetest.All))].Type
		text, err := cqltext.AppendText(nil, &ct, cell, null)
		if err != nil || cqltext.IsNull(&ct, cell) {
			return
		}
		back, err := cqltext.AppendCell(nil, &ct, string(text), null)
		if err != nil {
			require.ErrorContains(t, err, "it ", "text that is not UTF-8, %v", ct)
			return
		}
		again(t, i, back, null)
	})
}

// again writes a cell that was read, and reads that: it is the same.
func again(t *testing.T, i uint, cell []byte, null string) {
	ct := typetest.All[i%uint(len(typetest.All))].Type
	text, err := cqltext.AppendText(nil, &ct, cell, null)
	require.NoError(t, err, "%v 0x%x", ct, cell)
	back, err := cqltext.AppendCell(nil, &ct, string(text), null)
	require.NoError(t, err, "%v 0x%x %s", ct, cell, text)
	require.Equal(t, cell, back, "%v %s", ct, text)
}
