package typetest

import (
	_ "embed"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/rxcql/rxcql/cql"
)

//go:embed golden.txt
var goldenFile string

// golden are the bytes in hexadecimal by type and literal.
var golden = func() map[string]string {
	cells := make(map[string]string)
	for line := range strings.Lines(goldenFile) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		key, bytes, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " = ")
		if !ok {
			panic("typetest: no golden line: " + line)
		}
		cells[key] = bytes
	}
	return cells
}()

// Golden gives the bytes that Cassandra itself made of a value's literal: what encodes and decodes in the same wrong
// way agrees with itself, but not with them. There are such for all scalars, all vectors and [Mixed], but for values
// of more than 200 bytes.
func Golden(c Case, v Value) ([]byte, bool) {
	text, ok := golden[GoldenKey(c, v)]
	if !ok {
		return nil, false
	}
	b, err := hex.DecodeString(strings.TrimPrefix(text, "0x"))
	if err != nil {
		panic("typetest: no bytes: " + text)
	}
	return b, true
}

// GoldenKey is what golden.txt calls a value.
func GoldenKey(c Case, v Value) string { return fmt.Sprintf("%s %+q", c.CQL, v.CQL) }

// InGolden are the cases with golden values.
var InGolden = func() []Case {
	cases := append(slices.Clone(Scalars), Counter)
	for _, c := range Nested {
		if c.Type.Kind == cql.Vector {
			cases = append(cases, c)
		}
	}
	return append(cases, slices.DeleteFunc(slices.Clone(Mixed), func(c Case) bool { return c.Type.Kind == cql.Vector })...)
}()
