package parquet

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/parquet-go/parquet-go"

	"github.com/rxcql/rxcql/cql"
)

// shape is how a type's values are spread over the columns of a file, as Dremel has it: each leaf is a column.
type shape struct {
	t        cql.Type
	required bool // a map's key
	first    int  // of the leaves
	leaves   int
	parts    []*shape // of a list its element, of a map key and value, of a tuple or user-defined type all
	leaf     *leaf    // nil if there are parts
}

// schemaOf finds the shapes of columns, and the schema of a file with them.
func schemaOf(columns []cql.Column) ([]*shape, *parquet.Schema, error) {
	if len(columns) == 0 {
		return nil, nil, errors.New("there are no columns")
	}
	shapes := make([]*shape, len(columns))
	root := newGroup(len(columns))
	leaves := 0
	for i, c := range columns {
		var node parquet.Node
		var err error
		if shapes[i], node, err = newShape(c.Type, &leaves); err != nil {
			return nil, nil, fmt.Errorf("column %q: %w", c.Name, err)
		}
		if err := root.add(c.Name, parquet.Optional(node)); err != nil {
			return nil, nil, err
		}
	}
	return shapes, parquet.NewSchema("row", root), nil
}

func newShape(t cql.Type, leaves *int) (*shape, parquet.Node, error) {
	s := &shape{t: t, first: *leaves}
	node, err := s.build(leaves)
	s.leaves = *leaves - s.first
	return s, node, err
}

func (s *shape) build(leaves *int) (parquet.Node, error) {
	part := func(t cql.Type) (parquet.Node, error) {
		p, node, err := newShape(t, leaves)
		s.parts = append(s.parts, p)
		return node, err
	}
	switch s.t.Kind {
	case cql.List, cql.Set, cql.Vector:
		elem, err := part(s.t.Elems[0])
		if err != nil {
			return nil, err
		}
		return parquet.List(parquet.Optional(elem)), nil
	case cql.Map:
		key, err := part(s.t.Elems[0])
		if err != nil {
			return nil, err
		}
		s.parts[0].required = true
		value, err := part(s.t.Elems[1])
		if err != nil {
			return nil, err
		}
		return parquet.Map(key, parquet.Optional(value)), nil
	case cql.Tuple, cql.UDT:
		g := newGroup(len(s.t.Elems))
		for i, t := range s.t.Elems {
			name := fmt.Sprint("_", i)
			if s.t.Kind == cql.UDT {
				name = s.t.Fields[i]
			}
			node, err := part(t)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			if err := g.add(name, parquet.Optional(node)); err != nil {
				return nil, err
			}
		}
		return g, nil
	}
	s.leaf = leafOf(s.t)
	*leaves++
	return s.leaf.node, nil
}

// group is a group whose fields keep their order; parquet.Group has them by name.
type group struct {
	parquet.Group
	names []string
}

func newGroup(n int) *group { return &group{Group: make(parquet.Group, n)} }

func (g *group) add(name string, n parquet.Node) error {
	if _, twice := g.Group[name]; twice || name == "" {
		return fmt.Errorf("there is a column %q twice, or none of its name", name)
	}
	g.Group[name] = n
	g.names = append(g.names, name)
	return nil
}

// Fields gives the fields in their order.
func (g *group) Fields() []parquet.Field {
	byName := map[string]parquet.Field{}
	for _, f := range g.Group.Fields() {
		byName[f.Name()] = f
	}
	fields := make([]parquet.Field, len(g.names))
	for i, name := range g.names {
		fields[i] = byName[name]
	}
	return fields
}

// GoType is of no use here, and not every name can be a Go field's.
func (g *group) GoType() reflect.Type { return reflect.TypeFor[map[string]any]() }
