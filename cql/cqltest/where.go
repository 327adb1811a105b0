package cqltest

import (
	"strings"

	"github.com/rxcql/rxcql/cql/cqltest/internal/syntax"
	"github.com/rxcql/rxcql/cql/cqltest/internal/types"
)

// condition is one relation of WHERE with its columns found. Its terms are of type typ; for a multi-column relation
// that is a tuple.
type condition struct {
	syntax.Relation
	cols []*column
	typ  *types.Type
}

// where is an analysed WHERE clause.
type where struct {
	key    []*condition // by = or IN, for every column of the partition key; nil without a complete key
	token  []*condition
	rows   []*condition // on clustering columns
	filter []*condition // on anything else, needs ALLOW FILTERING
}

func (b *binder) where(rels []syntax.Relation) (*where, error) {
	w := &where{}
	byColumn := map[*column]*condition{}
	for _, r := range rels {
		c, err := b.condition(r)
		if err != nil {
			return nil, err
		}
		switch {
		case r.Token:
			w.token = append(w.token, c)
		case c.cols[0].kind == partitionKey && !r.Multi:
			if old := byColumn[c.cols[0]]; old != nil {
				return nil, invalidAt(r.Pos, "%s cannot be restricted by more than one relation if it includes an Equal or IN", c.cols[0].name)
			}
			byColumn[c.cols[0]] = c
		case c.cols[0].kind == clusteringCl && !containsOp(r.Op):
			w.rows = append(w.rows, c)
		default:
			w.filter = append(w.filter, c)
		}
	}
	for _, conditions := range [][]*condition{w.token, w.rows} {
		if err := oneOfEachBound(conditions); err != nil {
			return nil, err
		}
	}
	w.partitionKey(b.schema, byColumn)
	if w.token != nil && w.key != nil {
		return nil, invalidAt(w.token[0].Pos, "cqltest does not support token() together with the partition key")
	}
	return w, nil
}

// oneOfEachBound allows the same columns one start and one end, or one equality.
func oneOfEachBound(conditions []*condition) error {
	type bound struct{ columns, side string }
	seen := map[bound]bool{}
	for _, c := range conditions {
		names := make([]string, len(c.cols))
		for i, col := range c.cols {
			names[i] = col.name
		}
		columns := strings.Join(names, ", ")
		side := "equality"
		switch c.Op {
		case ">", ">=":
			side = "start"
		case "<", "<=":
			side = "end"
		}
		equal := side == "equality" && (seen[bound{columns, "start"}] || seen[bound{columns, "end"}])
		switch {
		case equal || seen[bound{columns, "equality"}]:
			return invalidAt(c.Pos, "%s cannot be restricted by more than one relation if it includes an Equal", columns)
		case seen[bound{columns, side}]:
			return invalidAt(c.Pos, "More than one restriction was found for the %s bound on %s", side, columns)
		}
		seen[bound{columns, side}] = true
	}
	return nil
}

func containsOp(op string) bool { return op == "CONTAINS" || op == "CONTAINS KEY" }

// partitionKey sets key if = and IN cover it; else its conditions can only filter.
func (w *where) partitionKey(s *schema, byColumn map[*column]*condition) {
	for _, c := range s.pk {
		if cond := byColumn[c]; cond != nil && (cond.Op == "=" || cond.Op == "IN") {
			w.key = append(w.key, cond)
		}
	}
	if len(w.key) == len(s.pk) {
		return
	}
	w.key = nil
	for _, c := range s.pk {
		if cond := byColumn[c]; cond != nil {
			w.filter = append(w.filter, cond)
		}
	}
}

func (b *binder) condition(r syntax.Relation) (*condition, error) {
	c := &condition{Relation: r}
	for _, n := range r.Columns {
		col, err := b.schema.find(n)
		if err != nil {
			return nil, err
		}
		c.cols = append(c.cols, col)
	}
	if r.Key != nil {
		return nil, invalidAt(r.Pos, "cqltest does not support conditions on elements of a collection")
	}
	if r.Op == "!=" {
		return nil, invalidAt(r.Pos, "Unsupported \"!=\" relation")
	}
	var err error
	switch {
	case r.Token:
		err = b.tokenCondition(c)
	case r.Multi:
		err = b.multiCondition(c)
	default:
		c.typ = c.cols[0].typ
		err = b.checkOperator(c)
	}
	if err != nil {
		return nil, err
	}
	return c, b.terms(c)
}

func (b *binder) tokenCondition(c *condition) error {
	if len(c.cols) != len(b.schema.pk) {
		return invalidAt(c.Pos, "The token() function must be applied to all partition key components or none of them")
	}
	for i, col := range c.cols {
		if col != b.schema.pk[i] {
			return invalidAt(c.Pos, "The token function arguments must be in the partition key order")
		}
	}
	if c.Op == "IN" || containsOp(c.Op) {
		return invalidAt(c.Pos, "%s cannot be used with the token function", c.Op)
	}
	c.typ = types.Of(types.Bigint)
	return nil
}

func (b *binder) multiCondition(c *condition) error {
	c.typ = &types.Type{Kind: types.Tuple, Frozen: true}
	for i, col := range c.cols {
		if col.kind != clusteringCl || i > 0 && col.pos != c.cols[i-1].pos+1 {
			return invalidAt(c.Pos, "Multi-column relations can only be applied to clustering columns, in their order")
		}
		c.typ.Elems = append(c.typ.Elems, col.typ)
	}
	if containsOp(c.Op) {
		return invalidAt(c.Pos, "%s cannot be used for multi-column relations", c.Op)
	}
	return nil
}

func (b *binder) checkOperator(c *condition) error {
	typ := c.cols[0].typ
	switch {
	case c.Op == "CONTAINS KEY" && typ.Kind != types.Map, c.Op == "CONTAINS" && !typ.IsCollection():
		return invalidAt(c.Pos, "Cannot use %s on column %s of type %s", c.Op, c.cols[0].name, typ)
	case !containsOp(c.Op) && typ.IsMulticell():
		return invalidAt(c.Pos, "Collection column '%s' (%s) cannot be restricted by a '%s' relation", c.cols[0].name, typ, c.Op)
	case c.Op == "CONTAINS KEY":
		c.typ = typ.Elems[0]
	case c.Op == "CONTAINS":
		c.typ = typ.Elems[len(typ.Elems)-1]
	}
	return nil
}

// terms gives the markers their types and names, as Cassandra does.
func (b *binder) terms(c *condition) error {
	name, typ, slot := c.cols[0].name, c.typ, c.cols[0].slot
	switch {
	case c.Token:
		name, slot = "partition key token", -1
	case c.Multi:
		name, slot = "("+name+",…)", -1
	}
	if c.Op == "IN" && !c.InList {
		name, typ, slot = "in("+name+")", types.ListOf(typ), -1
		if k := c.Terms[0].Kind; k != syntax.Marker {
			return invalidAt(c.Terms[0].Pos, "expected IN (…) or IN ?")
		}
	}
	for i := range c.Terms {
		if err := b.expect(&c.Terms[i], name, typ, slot); err != nil {
			return err
		}
	}
	return nil
}

// operands evaluates the terms of a condition: one, or any number for IN.
func (e *evaluation) operands(c *condition) ([][]byte, error) {
	var out [][]byte
	for i := range c.Terms {
		typ := c.typ
		if c.Op == "IN" && !c.InList {
			typ = types.ListOf(typ)
		}
		v, err := e.eval(&c.Terms[i], typ)
		if err != nil {
			return nil, err
		}
		if v.unset {
			return nil, invalidAt(c.Pos, "Invalid unset value for column %s", c.cols[0].name)
		}
		if v.b == nil {
			return nil, invalidAt(c.Pos, "Invalid null value in condition for column %s", c.cols[0].name)
		}
		out = append(out, v.b)
	}
	if c.Op == "IN" && !c.InList {
		return types.Split(types.ListOf(c.typ), out[0])
	}
	return out, nil
}
