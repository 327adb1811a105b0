package decode_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/typetest"
)

// fuzz checks the outcome of any bytes for any of the types; which one is a number that fuzzing finds, too. It starts
// from the encodings of all values of typetest, and from halves of them.
func fuzz(f *testing.F, belongs func(cql.Type) bool) {
	var types []cql.Type
	for _, c := range typetest.All {
		if !belongs(c.Type) {
			continue
		}
		for _, v := range c.Values {
			cell, err := c.Type.Marshal(v.Go)
			if err != nil {
				f.Fatal(err)
			}
			if len(cell) < 1000 {
				f.Add(len(types), cell)
				f.Add(len(types), cell[:len(cell)/2])
			}
		}
		types = append(types, c.Type)
	}
	f.Fuzz(func(t *testing.T, which int, cell []byte) {
		if which >= 0 && cell != nil {
			sound(t, types[which%len(types)], cell)
		}
	})
}

func of(kinds ...cql.Kind) func(cql.Type) bool {
	return func(ct cql.Type) bool {
		for _, k := range kinds {
			if ct.Kind == k {
				return true
			}
		}
		return false
	}
}

func FuzzText(f *testing.F) { fuzz(f, of(cql.Ascii, cql.Varchar, cql.Blob)) }
func FuzzFixedWidths(f *testing.F) {
	fuzz(f, of(cql.Boolean, cql.Tinyint, cql.Smallint, cql.Int, cql.Bigint, cql.Counter, cql.Float, cql.Double, cql.UUID, cql.Timeuuid, cql.Inet))
}
func FuzzNumbers(f *testing.F)  { fuzz(f, of(cql.Varint, cql.Decimal)) }
func FuzzTemporal(f *testing.F) { fuzz(f, of(cql.Timestamp, cql.Date, cql.Time, cql.Duration)) }
func FuzzLists(f *testing.F)    { fuzz(f, of(cql.List, cql.Set)) }
func FuzzMaps(f *testing.F)     { fuzz(f, of(cql.Map)) }
func FuzzTuples(f *testing.F)   { fuzz(f, of(cql.Tuple)) }
func FuzzUDTs(f *testing.F)     { fuzz(f, of(cql.UDT)) }
func FuzzVectors(f *testing.F)  { fuzz(f, of(cql.Vector)) }

// FuzzNested takes a type that the bytes themselves describe, up to three deep.
func FuzzNested(f *testing.F) { f.Fuzz(rapid.MakeFuzz(nested)) }

func TestNestedTypes(t *testing.T) { rapid.Check(t, nested) }
