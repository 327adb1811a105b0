package cqltest

import (
	"encoding/binary"
	"slices"
	"strings"

	"github.com/rxcql/rxcql/cql/cqltest/internal/syntax"
	"github.com/rxcql/rxcql/cql/cqltest/internal/types"
)

// output is one column of a result.
type output struct {
	name string
	typ  *types.Type
	fn   string // "", token, writetime, ttl, count
	col  *column
}

// selectPlan is an analysed SELECT.
type selectPlan struct {
	*syntax.Select
	schema  *schema
	where   *where
	outputs []output
	counts  bool
	reverse bool
}

var intType = types.Of(types.Int)

func (b *binder) selectPlan(st *syntax.Select) (*selectPlan, error) {
	p := &selectPlan{Select: st, schema: b.schema}
	var err error
	if p.where, err = b.where(st.Where); err != nil {
		return nil, err
	}
	if err := p.outputsOf(st.Selectors); err != nil {
		return nil, err
	}
	if err := p.orderBy(); err != nil {
		return nil, err
	}
	if st.PerPartition != nil {
		switch {
		case p.counts:
			return nil, invalidAt(st.PerPartition.Pos, "PER PARTITION LIMIT is not allowed with aggregate queries")
		case p.Distinct:
			return nil, invalidAt(st.PerPartition.Pos, "PER PARTITION LIMIT is not allowed with SELECT DISTINCT queries")
		}
		if err := b.expect(st.PerPartition, "[per_partition_limit]", intType, -1); err != nil {
			return nil, err
		}
	}
	if st.Limit != nil {
		if err := b.expect(st.Limit, "[limit]", intType, -1); err != nil {
			return nil, err
		}
	}
	return p, p.check()
}

func (p *selectPlan) outputsOf(sel []syntax.Selector) error {
	if sel == nil {
		for _, c := range p.schema.all() {
			p.outputs = append(p.outputs, output{c.name, c.typ, "", c})
		}
		return nil
	}
	for _, s := range sel {
		o, err := p.output(s)
		if err != nil {
			return err
		}
		if s.Alias != "" {
			o.name = s.Alias
		}
		p.outputs = append(p.outputs, o)
		p.counts = p.counts || o.fn == "count"
	}
	if p.counts && len(sel) > 1 {
		return invalidAt(sel[0].Pos, "cqltest supports COUNT(*) only alone")
	}
	return nil
}

func (p *selectPlan) output(s syntax.Selector) (output, error) {
	switch s.Func {
	case "count":
		return output{"count", types.Of(types.Bigint), "count", nil}, nil
	case "token":
		names := make([]string, len(s.Args))
		for i, a := range s.Args {
			names[i] = a.Name
			if len(s.Args) != len(p.schema.pk) || p.schema.pk[i].name != a.Name {
				return output{}, invalidAt(a.Pos, "token() in a selection takes the columns of the partition key in their order")
			}
		}
		return output{"system.token(" + strings.Join(names, ", ") + ")", types.Of(types.Bigint), "token", nil}, nil
	}
	c, err := p.schema.find(s.Column)
	if err != nil {
		return output{}, err
	}
	if s.Func == "" {
		return output{c.name, c.typ, "", c}, nil
	}
	if c.kind == partitionKey || c.kind == clusteringCl {
		return output{}, invalidAt(s.Pos, "Cannot use selection function %s on PRIMARY KEY part %s", s.Func, c.name)
	}
	if c.typ.IsMulticell() {
		return output{}, invalidAt(s.Pos, "cqltest does not support %s of a collection", s.Func)
	}
	typ := types.Of(types.Bigint)
	if s.Func == "ttl" {
		typ = intType
	}
	return output{s.Func + "(" + c.name + ")", typ, s.Func, c}, nil
}

// orderBy decides the direction; only the clustering order and its reverse exist.
func (p *selectPlan) orderBy() error {
	for i, o := range p.Order {
		if p.where.key == nil {
			return invalidAt(o.Column.Pos, "ORDER BY is only supported when the partition key is restricted by an EQ or an IN.")
		}
		c, err := p.schema.find(o.Column)
		if err != nil {
			return err
		}
		if c.kind != clusteringCl || c.pos != i {
			return invalidAt(o.Column.Pos, "Order by currently only supports the ordering of columns following their declared order in the PRIMARY KEY")
		}
		reverse := o.Desc != c.desc
		if i > 0 && reverse != p.reverse {
			return invalidAt(o.Column.Pos, "Unsupported order by relation")
		}
		p.reverse = reverse
	}
	return nil
}

const needsFiltering = "Cannot execute this query as it might involve data filtering and thus may have unpredictable performance. " +
	"If you want to execute this query despite the performance unpredictability, use ALLOW FILTERING"

func (p *selectPlan) check() error {
	if p.Distinct {
		for _, o := range p.outputs {
			if o.col == nil && o.fn != "token" || o.col != nil && o.col.kind != partitionKey && o.col.kind != staticColumn {
				return invalidAt(p.Table.Pos, "SELECT DISTINCT queries must only request partition key columns and/or static columns (not %s)", o.name)
			}
		}
		if len(p.where.rows) > 0 {
			return invalidAt(p.where.rows[0].Pos, "SELECT DISTINCT with WHERE clause only supports restriction by partition key and/or static columns.")
		}
	}
	if p.AllowFiltering {
		return nil
	}
	if len(p.where.filter) > 0 {
		return invalidAt(p.where.filter[0].Pos, needsFiltering)
	}
	if len(p.where.rows) == 0 {
		return nil
	}
	if p.where.key == nil {
		return invalidAt(p.where.rows[0].Pos, needsFiltering)
	}
	return p.where.checkGaps()
}

// checkGaps: a clustering column can be restricted only if those before it are, by = or IN.
func (w *where) checkGaps() error {
	fixed := 0 // columns restricted by = or IN from the first on
	for again := true; again; {
		again = false
		for _, c := range w.rows {
			if c.cols[0].pos == fixed && (c.Op == "=" || c.Op == "IN") {
				fixed += len(c.cols)
				again = true
			}
		}
	}
	for _, c := range w.rows {
		if c.cols[0].pos > fixed {
			return invalidAt(c.Pos, "PRIMARY KEY column \"%s\" cannot be restricted as preceding column \"%s\" is not restricted (without ALLOW FILTERING)",
				c.cols[0].name, precedingName(c.cols[0], w))
		}
	}
	return nil
}

func precedingName(c *column, w *where) string {
	for _, r := range w.rows {
		if i := slices.IndexFunc(r.cols, func(x *column) bool { return x.pos == c.pos-1 }); i >= 0 {
			return r.cols[i].name
		}
	}
	return "before it"
}

// appendRow appends a row's outputs as [bytes].
func (p *selectPlan) appendRow(b []byte, v *view) []byte {
	for i := range p.outputs {
		o := &p.outputs[i]
		switch o.fn {
		case "":
			b = appendBytes(b, v.vals[o.col.slot])
		case "token":
			b = binary.BigEndian.AppendUint64(appendInt(b, 8), uint64(v.token))
		default:
			b = appendBytes(b, v.meta(o))
		}
	}
	return b
}

// meta is a cell's write time or what is left of its time to live.
func (v *view) meta(o *output) []byte {
	if v.cells == nil || !v.cells[o.col.slot].written {
		return nil
	}
	c := &v.cells[o.col.slot]
	switch {
	case o.fn == "writetime":
		return types.AppendInt(nil, 8, c.at.micros)
	case c.expires == 0:
		return nil
	}
	return types.AppendInt(nil, 4, (c.expires-v.now+1e9-1)/1e9)
}
