package typetest

import (
	"reflect"
	"strings"

	"github.com/rxcql/rxcql/cql"
)

// Case is a type with values of it.
type Case struct {
	Type   cql.Type
	CQL    string // the type as a column has it; KS. stands for the keyspace
	Values []Value

	// Driver tells that gocql encodes and decodes the type; it knows no vectors, and panics at maps whose keys Go
	// cannot compare.
	Driver bool
	// Fake tells that cqltest knows the type.
	Fake bool
	// Unfrozen tells that a table keeps the parts one by one, so that an empty value is null to it.
	Unfrozen bool
}

// Value is a value: in Go, of the type that is natural for it, and as CQL writes it.
type Value struct {
	Go  any
	CQL string
}

func native(kind cql.Kind, values ...Value) Case {
	return Case{Type: cql.Type{Kind: kind}, CQL: kind.String(), Values: values, Driver: true, Fake: true}
}

// listOf makes lists and sets of a case's values: none, the first and the last alone, and for a list all of them.
func listOf(kind cql.Kind, c Case) Case {
	open, end := "[", "]"
	if kind == cql.Set {
		open, end = "{", "}"
	}
	l := Case{
		Type: cql.Type{Kind: kind, Elems: []cql.Type{c.Type}}, CQL: kind.String() + "<" + frozen(c) + ">",
		Driver: c.Driver, Fake: c.Fake, Unfrozen: true,
	}
	l.add(sliceOf(c, open, end, nil))
	l.add(sliceOf(c, open, end, c.Values[:1]))
	l.add(sliceOf(c, open, end, c.Values[len(c.Values)-1:]))
	if kind == cql.List {
		l.add(sliceOf(c, open, end, c.Values))
	}
	return l
}

func vectorOf(c Case, values ...Value) Case {
	v := Case{
		Type: cql.Type{Kind: cql.Vector, Elems: []cql.Type{c.Type}, Dimensions: len(values)},
		CQL:  "vector<" + frozen(c) + ", " + itoa(len(values)) + ">",
	}
	v.add(sliceOf(c, "[", "]", values))
	return v
}

func sliceOf(c Case, open, end string, values []Value) Value {
	s := reflect.MakeSlice(reflect.SliceOf(reflect.TypeOf(c.Values[0].Go)), len(values), len(values))
	literals := make([]string, len(values))
	for i, v := range values {
		s.Index(i).Set(reflect.ValueOf(v.Go))
		literals[i] = v.CQL
	}
	return Value{s.Interface(), open + strings.Join(literals, ", ") + end}
}

// mapOf makes maps of one entry each, for the order of more is anybody's, and an empty one.
func mapOf(k, v Case) Case {
	m := Case{
		Type: cql.Type{Kind: cql.Map, Elems: []cql.Type{k.Type, v.Type}}, CQL: "map<" + frozen(k) + ", " + frozen(v) + ">",
		Driver: k.Driver && v.Driver, Fake: k.Fake && v.Fake, Unfrozen: true,
	}
	kt, vt := reflect.TypeOf(k.Values[0].Go), reflect.TypeOf(v.Values[0].Go)
	if !kt.Comparable() {
		m.Driver = false
		m.add(Value{[][2]any{}, "{}"})
		for i, key := range k.Values {
			value := v.Values[i%len(v.Values)]
			m.add(Value{[][2]any{{key.Go, value.Go}}, "{" + key.CQL + ": " + value.CQL + "}"})
		}
		return m
	}
	t := reflect.MapOf(kt, vt)
	m.add(Value{reflect.MakeMap(t).Interface(), "{}"})
	for i := range max(len(k.Values), len(v.Values)) {
		key, value := k.Values[i%len(k.Values)], v.Values[i%len(v.Values)]
		if key.CQL == "NaN" {
			continue // gocql panics at it
		}
		one := reflect.MakeMap(t)
		one.SetMapIndex(reflect.ValueOf(key.Go), reflect.ValueOf(value.Go))
		m.add(Value{one.Interface(), "{" + key.CQL + ": " + value.CQL + "}"})
	}
	return m
}

// tupleOf makes tuples of the cases' values, the last one of nulls but for the first element.
func tupleOf(cases ...Case) Case {
	t := Case{Type: cql.Type{Kind: cql.Tuple}, Driver: true, Fake: true}
	names := make([]string, len(cases))
	for i, c := range cases {
		t.Type.Elems = append(t.Type.Elems, c.Type)
		t.Driver, t.Fake = t.Driver && c.Driver, t.Fake && c.Fake
		names[i] = frozen(c)
	}
	t.CQL = "tuple<" + strings.Join(names, ", ") + ">"
	for _, row := range rowsOf(cases) {
		elems, literals := make([]any, len(row)), make([]string, len(row))
		for i, v := range row {
			elems[i], literals[i] = v.Go, v.CQL
		}
		t.add(Value{elems, "(" + strings.Join(literals, ", ") + ")"})
	}
	return t
}

// udtOf makes values of a user-defined type, the last one of nulls but for the first field.
func udtOf(name string, fields []string, cases ...Case) Case {
	t := tupleOf(cases...)
	u := Case{
		Type: cql.Type{Kind: cql.UDT, Keyspace: "ks", Name: name, Fields: fields, Elems: t.Type.Elems},
		CQL:  "KS." + name, Driver: t.Driver, Unfrozen: true,
	}
	for _, row := range rowsOf(cases) {
		m, literals := make(map[string]any), make([]string, len(row))
		for i, v := range row {
			m[fields[i]], literals[i] = v.Go, fields[i]+": "+v.CQL
		}
		u.add(Value{m, "{" + strings.Join(literals, ", ") + "}"})
	}
	return u
}

func rowsOf(cases []Case) [][]Value {
	n := 0
	for _, c := range cases {
		n = max(n, len(c.Values))
	}
	rows := make([][]Value, n+1)
	for i := range rows {
		for j, c := range cases {
			if i == n && j > 0 {
				rows[i] = append(rows[i], Value{nil, "null"})
			} else {
				rows[i] = append(rows[i], c.Values[i%len(c.Values)])
			}
		}
	}
	return rows
}

func (c *Case) add(v Value) { c.Values = append(c.Values, v) }

// Frozen is the case with its type frozen, as it must be inside another and in keys.
func (c Case) Frozen() Case {
	c.CQL, c.Unfrozen = frozen(c), false
	return c
}

func frozen(c Case) string {
	if c.Unfrozen || c.Type.Kind == cql.Tuple {
		return "frozen<" + c.CQL + ">"
	}
	return c.CQL
}
