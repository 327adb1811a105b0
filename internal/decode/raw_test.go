package decode_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/decode"
	"github.com/rxcql/rxcql/internal/typetest"
	"github.com/rxcql/rxcql/internal/wire"
)

// framed is a page of rows as they came. It cuts them into cells, all of them, or only the first: the others are shown
// whole.
type framed struct {
	cql.Page
	columns []cql.Column
	rows    []byte
	cut     bool
	given   int
}

func (p *framed) Columns() []cql.Column { return p.columns }

func (p *framed) Next() ([][]byte, error) {
	cells := make([][]byte, len(p.columns))
	rest, err := wire.Row(cells, p.rows)
	if err == nil {
		p.rows = rest
	}
	p.given++
	return cells, err
}

func (p *framed) Rest() ([]byte, bool) { return p.rows, !p.cut && p.given > 0 }

func frame(rows ...[][]byte) (page []byte) {
	for _, row := range rows {
		for _, cell := range row {
			n := uint32(len(cell))
			if cell == nil {
				n = 1<<32 - 1
			}
			page = append(binary.BigEndian.AppendUint32(page, n), cell...)
		}
	}
	return page
}

// again decodes a cell to where another was decoded.
func again[T any](ct cql.Type, before, cell []byte) (T, error) {
	type holder struct{ C T }
	var (
		d   decode.Decoder[holder]
		row holder
	)
	page := &framed{columns: []cql.Column{{Name: "c", Type: ct}}, rows: frame([][]byte{before}, [][]byte{cell})}
	if err := d.Page(page.columns, 2); err != nil {
		return row.C, err
	}
	if _, err := d.Take(page, &row); err != nil {
		return row.C, errBefore
	}
	d.Clear(&row)
	_, err := d.Take(page, &row)
	return row.C, err
}

var errBefore = errors.New("the cell before could not be decoded")

// TestNothingOfTheRowBeforeIsLeft, whatever the types.
func TestNothingOfTheRowBeforeIsLeft(t *testing.T) {
	for _, p := range slices.Concat(scalarPairs, nestedPairs) {
		cells := append(p.cells(t), nil, []byte{})
		for _, before := range cells {
			for _, cell := range cells {
				want, wantErr := p.decode(cell)
				got, err := p.again(before, cell)
				if errors.Is(err, errBefore) {
					continue
				}
				says := fmt.Sprintf("%v into %v: 0x%x after 0x%x", p.cql, p.goType, cell, before)
				require.Equal(t, wantErr == nil, err == nil, "%s: %v, not %v", says, err, wantErr)
				if err == nil {
					require.True(t, typetest.Equal(want, got), "%s: %#v, not %#v", says, got, want)
				}
			}
		}
	}
}

// grows is written to in part: what it has it keeps.
type grows struct{ cells []string }

func (g *grows) UnmarshalCQL(_ gocql.TypeInfo, cell []byte) error {
	g.cells = append(g.cells, string(cell))
	return nil
}

type udt struct {
	A, B *string
	G    grows
}

// TestWhatIsWrittenInPartIsCleared before.
func TestWhatIsWrittenInPartIsCleared(t *testing.T) {
	text := native(gocql.TypeVarchar).Type
	got, err := again[grows](text, []byte("before"), []byte("after"))
	require.NoError(t, err)
	require.Equal(t, grows{[]string{"after"}}, got)

	short := cql.Type{Kind: cql.UDT, Name: "u", Elems: []cql.Type{text, text, text}, Fields: []string{"a", "b", "g"}}
	before, after := frame([][]byte{[]byte("a"), []byte("b"), []byte("g")}), frame([][]byte{[]byte("c")})
	fields, err := again[udt](short, before, after)
	require.NoError(t, err)
	require.Equal(t, "c", *fields.A)
	require.Nil(t, fields.B)
	require.Equal(t, []string{""}, fields.G.cells, "null")
}

// fullName is written to field by field.
type fullName string

func (n *fullName) UnmarshalUDT(_ string, _ gocql.TypeInfo, cell []byte) error {
	*n += fullName(cell)
	return nil
}

// grade leaves itself alone for null.
type grade uint8

func (g *grade) UnmarshalCQL(_ gocql.TypeInfo, cell []byte) error {
	if cell != nil {
		*g = grade(cell[0])
	}
	return nil
}

type scannedGrade uint8

func (g *scannedGrade) Scan(v any) error {
	if n, ok := v.(int64); ok {
		*g = scannedGrade(n)
	}
	return nil
}

// TestWhatIsWrittenInPartBeginsAnew, also inside of what is written as a whole.
func TestWhatIsWrittenInPartBeginsAnew(t *testing.T) {
	text, tiny := cql.Type{Kind: cql.Text}, cql.Type{Kind: cql.Tinyint}
	person := cql.Type{Kind: cql.UDT, Name: "person", Elems: []cql.Type{text, text}, Fields: []string{"first", "last"}}
	name, err := again[fullName](person, frame([][]byte{[]byte("Ann"), []byte("B")}), frame([][]byte{[]byte("Bob"), []byte("C")}))
	require.NoError(t, err)
	require.Equal(t, fullName("BobC"), name)

	pair := cql.Type{Kind: cql.Tuple, Elems: []cql.Type{tiny, tiny}}
	both, one := frame([][]byte{{7}, {8}}), frame([][]byte{{1}, nil})
	grades, err := again[[2]grade](pair, both, one)
	require.NoError(t, err)
	require.Equal(t, [2]grade{1, 0}, grades)
	scanned, err := again[[2]scannedGrade](pair, both, one)
	require.NoError(t, err)
	require.Equal(t, [2]scannedGrade{1, 0}, scanned)
	list := cql.Type{Kind: cql.List, Elems: []cql.Type{tiny}}
	two := []byte{0, 0, 0, 2}
	grades, err = again[[2]grade](list, append(slices.Clone(two), both...), append(slices.Clone(two), one...))
	require.NoError(t, err)
	require.Equal(t, [2]grade{1, 0}, grades)
}

type everyShape struct {
	A int
	B *string
	C string
	D []int
	E map[string]any
}

type kept struct{ cells [][]byte }

func (k *kept) UnmarshalRow(_ []cql.Column, cells [][]byte) error {
	for _, c := range cells {
		k.cells = append(k.cells, slices.Clone(c))
	}
	return nil
}

// takes decodes a page with its columns but for the last, which goes beyond, and tells what came of it.
func takes[T any](page *framed, lenient bool) (rows []T, widths []int, beyond [][]byte, err error) {
	d := &decode.Decoder[T]{Lenient: lenient}
	d.Beyond = func(cell []byte) error { beyond = append(beyond, slices.Clone(cell)); return nil }
	last := len(page.columns) - 1
	if err := d.Page(page.columns[:last], 3); err != nil {
		return nil, nil, nil, err
	}
	for i := range 3 {
		var row T
		width, err := d.Take(page, &row)
		if err == nil && i == 2 && page.cut && len(page.rows) > 0 { // what only those see who have the page as it came
			err = fmt.Errorf("the page has %d bytes behind the 3 rows that it announced", len(page.rows))
		}
		if err != nil {
			return rows, widths, beyond, err
		}
		rows, widths = append(rows, row), append(widths, width)
	}
	return rows, widths, beyond, nil
}

// sameBothWays checks that rows decode to the same as they came and cut into cells, errors included.
func sameBothWays[T any](t require.TestingT, columns []cql.Column, rows []byte, lenient bool) {
	whole, widths, beyond, err := takes[T](&framed{columns: columns, rows: slices.Clone(rows)}, lenient)
	want, wantWidths, wantBeyond, wantErr := takes[T](&framed{columns: columns, rows: slices.Clone(rows), cut: true}, lenient)
	require.Equal(t, wantErr == nil, err == nil, "%v, not %v", err, wantErr)
	if !errors.Is(wantErr, wire.ErrShort) { // of a row that ends early cells may be decoded, and found wrong, before that shows
		require.Equal(t, fmt.Sprint(wantErr), fmt.Sprint(err))
	}
	require.Equal(t, fmt.Sprintf("%#v", wantWidths), fmt.Sprintf("%#v", widths))
	require.Equal(t, wantBeyond, beyond)
	require.Equal(t, len(want), len(whole))
	for i := range want {
		require.True(t, typetest.Equal(want[i], whole[i]), "%#v, not %#v", whole[i], want[i])
	}
}

var shapeColumns = columns("a", native(gocql.TypeInt), "b", native(gocql.TypeVarchar), "c", native(gocql.TypeVarchar),
	"d", listOf(native(gocql.TypeInt)), "e", mapOf(native(gocql.TypeVarchar), native(gocql.TypeInt)), "beyond", native(gocql.TypeBigInt))

// everyWay takes a page of bytes that may be anything.
func everyWay(t require.TestingT, rows []byte) {
	sameBothWays[everyShape](t, shapeColumns, rows, false)
	sameBothWays[*everyShape](t, shapeColumns, rows, false)
	sameBothWays[map[string]any](t, shapeColumns, rows, false)
	sameBothWays[[]any](t, shapeColumns, rows, false)
	sameBothWays[kept](t, shapeColumns, rows, false)
	sameBothWays[struct{}](t, shapeColumns, rows, true)
	sameBothWays[struct{ C string }](t, shapeColumns, rows, true)
	sameBothWays[string](t, shapeColumns[4:], rows, false)
}

// someRows are three rows of shapeColumns, in which some cells are null and some are empty.
func someRows(t *rapid.T) []byte {
	cell := func(of ...[]byte) []byte { return rapid.SampledFrom(of).Draw(t, "cell") }
	var rows [][][]byte
	for range 3 {
		rows = append(rows, [][]byte{
			cell([]byte{0, 0, 0, 7}, []byte{255, 255, 255, 255}),
			cell(nil, []byte{}, []byte("text"), make([]byte, 300)),
			cell([]byte{}, []byte("another text"), make([]byte, 128), make([]byte, 129)),
			cell(nil, []byte{0, 0, 0, 0}, []byte{0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 9}),
			cell(nil, []byte{0, 0, 0, 1, 0, 0, 0, 1, 'k', 0, 0, 0, 4, 0, 0, 0, 9}),
			{0, 0, 0, 0, 0, 0, 0, 1},
		})
	}
	return frame(rows...)
}

func TestRowsAsTheyCameAreThoseOfTheirCells(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { everyWay(t, someRows(t)) })
}

// TestPagesThatEndEarly ends them everywhere.
func TestPagesThatEndEarly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := someRows(t)
		n := rapid.IntRange(0, len(rows)-1).Draw(t, "bytes")
		everyWay(t, rows[:n])
		_, _, _, err := takes[everyShape](&framed{columns: shapeColumns, rows: rows[:n:n]}, false)
		require.ErrorIs(t, err, wire.ErrShort)
	})
}

func FuzzPages(f *testing.F) {
	f.Add(frame([][]byte{{0, 0, 0, 7}, nil, []byte("text"), nil, nil, make([]byte, 8)}))
	f.Add([]byte{127, 255, 255, 255, 0})
	three := bytes.Repeat(frame([][]byte{{0, 0, 0, 7}, nil, []byte("text"), nil, nil, make([]byte, 8)}), 3)
	f.Add(three)
	f.Add(append(three, 0))
	f.Fuzz(func(t *testing.T, rows []byte) { everyWay(t, rows) })
}

// TestShortTextsAreTheirOwn though they share memory: nothing that comes later changes one.
func TestShortTextsAreTheirOwn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOfN(rapid.StringN(0, 300, 300), 1, 200).Draw(t, "texts")
		page := &framed{columns: columns("c", native(gocql.TypeVarchar))}
		for _, text := range texts {
			page.rows = append(page.rows, frame([][]byte{[]byte(text)})...)
		}
		var d decode.Decoder[string]
		require.NoError(t, d.Page(page.columns, len(texts)))
		got := make([]string, len(texts))
		for i := range got {
			_, err := d.Take(page, &got[i])
			require.NoError(t, err)
		}
		clear(page.rows[:cap(page.rows)]) // they are not those of the page
		require.Equal(t, texts, got)
	})
}
