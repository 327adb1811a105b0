package cqltest

import (
	"crypto/rand"
	"encoding/binary"
	"strings"
	"time"

	"github.com/gocql/gocql"

	"github.com/rxcql/rxcql/cql/cqltest/internal/murmur3"
	"github.com/rxcql/rxcql/cql/cqltest/internal/syntax"
	"github.com/rxcql/rxcql/cql/cqltest/internal/types"
)

// bindSpec is what a statement says about one of its markers.
type bindSpec struct {
	name string
	typ  *types.Type
	slot int // of the column it is compared with or written to, -1 for none
}

// binder finds out the types of markers while a statement is analysed.
type binder struct {
	schema *schema
	specs  []bindSpec
}

// expect gives every marker in a term its type. The name is used for those that have none of their own.
func (b *binder) expect(t *syntax.Term, name string, typ *types.Type, slot int) error {
	switch t.Kind {
	case syntax.Marker:
		if t.Text != "" {
			name = t.Text
		}
		b.specs[t.Index] = bindSpec{name, typ, slot}
	case syntax.Call:
		if t.Text == "token" {
			return b.expectKey(t)
		}
		if _, ok := functions[t.Text]; !ok {
			return invalidAt(t.Pos, "cqltest does not support the function %s", t.Text)
		}
	case syntax.List, syntax.Set, syntax.Map, syntax.Tuple:
		return b.expectElements(t, name, typ)
	}
	return nil
}

func (b *binder) expectElements(t *syntax.Term, name string, typ *types.Type) error {
	if !literalFits(t, typ) {
		return invalidAt(t.Pos, "Invalid literal for %s of type %s", name, typ)
	}
	for i := range t.Elems {
		if err := b.expect(&t.Elems[i], name, typ.Elem(i), -1); err != nil {
			return err
		}
	}
	return nil
}

func (b *binder) expectKey(t *syntax.Term) error {
	if len(t.Elems) != len(b.schema.pk) {
		return invalidAt(t.Pos, "token() takes the %d columns of the partition key, not %d", len(b.schema.pk), len(t.Elems))
	}
	for i, c := range b.schema.pk {
		if err := b.expect(&t.Elems[i], c.name, c.typ, -1); err != nil {
			return err
		}
	}
	return nil
}

// literalFits says whether a collection or tuple as written can be of the type. {} is both a set and a map.
func literalFits(t *syntax.Term, typ *types.Type) bool {
	switch t.Kind {
	case syntax.List:
		return typ.Kind == types.List || typ.Kind == types.Custom && len(t.Elems) == typ.Dim
	case syntax.Set:
		return typ.Kind == types.Set || typ.Kind == types.Map && len(t.Elems) == 0
	case syntax.Map:
		return typ.Kind == types.Map
	}
	return typ.Kind == types.Tuple && len(t.Elems) <= len(typ.Elems)
}

// evaluation is one execution's bound values.
type evaluation struct {
	schema *schema
	specs  []bindSpec
	values []value
}

// bind checks the values that came with an execution.
func bind(s *schema, specs []bindSpec, p *params) (*evaluation, error) {
	values := p.values
	if p.names != nil {
		var err error
		if values, err = byName(specs, p); err != nil {
			return nil, err
		}
	}
	if len(values) != len(specs) {
		return nil, invalidf("Invalid amount of bind variables: %d values for %d markers", len(values), len(specs))
	}
	for i, v := range values {
		if v.b == nil {
			continue
		}
		if err := types.Validate(specs[i].typ, v.b); err != nil {
			return nil, invalidf("Invalid value for %s (marker %d): %s", specs[i].name, i+1, err)
		}
	}
	return &evaluation{s, specs, values}, nil
}

func byName(specs []bindSpec, p *params) ([]value, error) {
	out := make([]value, len(specs))
	for i, s := range specs {
		found := false
		for j, n := range p.names {
			if strings.EqualFold(n, s.name) {
				out[i], found = p.values[j], true
			}
		}
		if !found {
			return nil, invalidf("Invalid value: there is none for the marker :%s", s.name)
		}
	}
	return out, nil
}

// eval computes a term as a value of the type, sets and maps in Cassandra's order.
func (e *evaluation) eval(t *syntax.Term, typ *types.Type) (value, error) {
	switch t.Kind {
	case syntax.Marker:
		v := e.values[t.Index]
		v.b = types.Canonical(typ, v.b)
		return v, nil
	case syntax.Literal:
		b, err := types.Encode(typ, t.Lit, t.Text)
		if err != nil {
			return value{}, invalidAt(t.Pos, "%s", err)
		}
		return value{b: b}, nil
	case syntax.Call:
		return e.call(t, typ)
	case syntax.List, syntax.Set, syntax.Map, syntax.Tuple:
		return e.elements(t, typ)
	}
	return value{}, nil
}

func (e *evaluation) elements(t *syntax.Term, typ *types.Type) (value, error) {
	if !literalFits(t, typ) {
		return value{}, invalidAt(t.Pos, "Invalid literal for type %s", typ)
	}
	elems := make([][]byte, len(t.Elems))
	for i := range t.Elems {
		v, err := e.eval(&t.Elems[i], typ.Elem(i))
		if err != nil {
			return value{}, err
		}
		if v.b == nil && typ.Kind != types.Tuple {
			return value{}, invalidAt(t.Pos, "null is not supported inside collections")
		}
		elems[i] = v.b
	}
	return value{b: types.Canonical(typ, types.Join(typ, elems))}, nil
}

// functions are those without arguments, and what they return.
var functions = map[string]types.Kind{"now": types.Timeuuid, "uuid": types.UUID, "currenttimestamp": types.Timestamp,
	"totimestamp": types.Timestamp}

func (e *evaluation) call(t *syntax.Term, typ *types.Type) (value, error) {
	kind, ok := functions[t.Text]
	if t.Text == "token" {
		kind, ok = types.Bigint, true
	}
	if !ok || kind != typ.Kind && !(kind == types.Timeuuid && typ.Kind == types.UUID) {
		return value{}, invalidAt(t.Pos, "Type error: cannot assign result of function %s to type %s", t.Text, typ)
	}
	switch t.Text {
	case "token":
		return e.token(t)
	case "now":
		u := gocql.TimeUUID()
		return value{b: u[:]}, nil
	case "uuid":
		u := make([]byte, 16)
		_, err := rand.Read(u)
		u[6], u[8] = u[6]&0x0f|0x40, u[8]&0x3f|0x80
		return value{b: u}, err
	}
	if t.Text == "totimestamp" && (len(t.Elems) != 1 || t.Elems[0].Kind != syntax.Call || t.Elems[0].Text != "now") {
		return value{}, invalidAt(t.Pos, "cqltest supports toTimestamp only of now()")
	}
	return value{b: types.AppendInt(nil, 8, time.Now().UnixMilli())}, nil
}

func (e *evaluation) token(t *syntax.Term) (value, error) {
	key := make([][]byte, len(e.schema.pk))
	for i, c := range e.schema.pk {
		v, err := e.eval(&t.Elems[i], c.typ)
		if err != nil {
			return value{}, err
		}
		if v.b == nil {
			return value{}, invalidAt(t.Pos, "Invalid null or unset value in token()")
		}
		key[i] = v.b
	}
	return value{b: binary.BigEndian.AppendUint64(nil, uint64(murmur3.Token(murmur3.Key(key))))}, nil
}

// number evaluates a term that must be an integer, such as a limit; ok is false for unset and null.
func (e *evaluation) number(t *syntax.Term, typ *types.Type) (n int64, ok bool, err error) {
	v, err := e.eval(t, typ)
	if err != nil || len(v.b) == 0 {
		return 0, false, err
	}
	if len(v.b) == 4 {
		return int64(int32(binary.BigEndian.Uint32(v.b))), true, nil
	}
	return int64(binary.BigEndian.Uint64(v.b)), true, nil
}
