package decode_test

import (
	"testing"
	"time"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/decode"
)

// refused checks that a pair does not go together, which is said before there is a row, and in writing, too.
func refused[T any](t *testing.T, ct cql.Type, text string) {
	t.Helper()
	err := new(decode.Decoder[struct{ C T }]).Page([]cql.Column{{Name: "c", Type: ct}}, 1)
	var e *decode.Error
	require.ErrorAs(t, err, &e, "%v into %T", ct, *new(T))
	require.Equal(t, "c", e.Column)
	require.Equal(t, ct.String(), e.CQLType)
	require.Equal(t, "C", e.Field)
	require.Equal(t, -1, e.Row)
	require.ErrorContains(t, err, text)
}

func TestPairsThatDoNotGoTogether(t *testing.T) {
	refused[int](t, text, "column \"c\" (text) into int (field C): int cannot hold text; string can, and so can any")
	refused[string](t, number, "string cannot hold int; int can")
	refused[*[]bool](t, list(number), "element: bool cannot hold int")
	refused[float32](t, kind(cql.Double), "float32 cannot hold double")
	refused[time.Duration](t, kind(cql.Timestamp), "time.Duration cannot hold timestamp")
	refused[int64](t, kind(cql.Duration), "int64 cannot hold duration")
	refused[chan int](t, text, "chan int cannot hold text")
	refused[func()](t, number, "func() cannot hold int")
	refused[map[int]struct{}](t, list(number), "map[int]struct {} cannot hold list<int>")
	refused[map[string]int](t, mapping(number, number), "key: string cannot hold int")
	refused[map[int]string](t, mapping(number, number), "value: string cannot hold int")
	refused[[]int](t, mapping(number, number), "[]int cannot hold map<int, int>")
	refused[[3]float32](t, vector(2, kind(cql.Float)), "[3]float32 has 3 elements, and vector<float, 2> has 2")
	refused[[3]any](t, tuple(number, text), "[3]interface {} has 3 elements, and tuple<int, text> has 2")
	refused[struct{ A int }](t, tuple(number, text), "has 1 fields, and tuple<int, text> has 2 elements")
	refused[struct {
		A int
		B bool
	}](t, tuple(number, text), "field B: bool cannot hold text")
	refused[time.Time](t, address, "time.Time cannot hold ks.address")
	refused[struct{ Street string }](t, address, `has no field for field "house_no" of ks.address`)
	refused[struct {
		Street  string
		HouseNo int
		Zip     int
	}](t, address, `ks.address has no field "zip" for Zip`)
	refused[map[string]string](t, address, `field "house_no": string cannot hold int`)
	refused[map[int]any](t, address, "map[int]interface {} cannot hold ks.address")
}

func TestValuesThatDoNotFit(t *testing.T) {
	_, err := decoded[[4]byte](kind(cql.Blob), []byte{1})
	require.ErrorContains(t, err, "the blob has 1 bytes, and the array 4")
	_, err = decoded[[1]int](list(number), cell(t, list(number), []int{1, 2}))
	require.ErrorContains(t, err, "there are 2 elements, and the array has 1")
	_, err = decoded[[]int8](list(number), cell(t, list(number), []int{1, 200}))
	require.ErrorContains(t, err, "element 1: the value is out of range")
	_, err = decoded[time.Duration](kind(cql.Duration), cell(t, kind(cql.Duration), gocql.Duration{Days: 1}))
	require.ErrorContains(t, err, "gocql.Duration can")
	_, err = decoded[map[any]int](mapping(list(number), number), cell(t, mapping(list(number), number), [][2]any{{[]int{1}, 1}}))
	require.ErrorContains(t, err, "cannot be a key in Go; decode into [][2]")
	twice := cell(t, mapping(number, number), [][2]any{{1, 1}, {1, 2}})
	_, err = decoded[map[int]int](mapping(number, number), twice)
	require.ErrorContains(t, err, "key 1: another one reads as the same Go value")
	_, err = decoded[map[int]struct{}](set(number), cell(t, set(number), []int{1, 1}))
	require.ErrorContains(t, err, "element 1: another one reads as the same Go value")
	_, err = decoded[time.Time](kind(cql.Timeuuid), make([]byte, 16))
	require.ErrorContains(t, err, "not one of version 1")
	_, err = decoded[place](address, cell(t, address, map[string]any{"street": nil}))
	require.ErrorIs(t, err, decode.ErrNull)
	require.ErrorContains(t, err, `field "street": null; make it a pointer`)
}

// TestAShorterUDT: the value was written before the type had its last field.
func TestAShorterUDT(t *testing.T) {
	got, err := decoded[place](address, []byte{0, 0, 0, 1, 'x'})
	require.NoError(t, err)
	require.Equal(t, place{Street: "x"}, got)
	m, err := decoded[map[string]any](address, []byte{0, 0, 0, 1, 'x'})
	require.NoError(t, err)
	require.Equal(t, map[string]any{"street": "x", "house_no": nil}, m)
}

func TestLenient(t *testing.T) {
	type home struct {
		Street string
		Zip    int
	}
	type person struct {
		Name string
		Home home
		Age  int
	}
	cs := []cql.Column{{Name: "unknown", Type: text}, {Name: "home", Type: address}, {Name: "name", Type: text}}
	row := [][]byte{nil, cell(t, address, map[string]any{"street": "s", "house_no": 1}), []byte("n")}
	want := person{Name: "n", Home: home{Street: "s"}}

	d := decode.Decoder[person]{Lenient: true}
	require.NoError(t, d.Page(cs, 1))
	got, err := d.Row(row)
	require.NoError(t, err)
	require.Equal(t, want, got)
	p := decode.Decoder[*person]{Lenient: true}
	require.NoError(t, p.Page(cs, 1))
	gotP, err := p.Row(row)
	require.NoError(t, err)
	require.Equal(t, &want, gotP)
	require.Error(t, new(decode.Decoder[person]).Page(cs, 1))

	row[1] = []byte{0}
	_, err = d.Row(row)
	var e *decode.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, "home", e.Column, "the column, not its place in the struct")
}
