package source

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/clustering"
)

// A partition that cannot be read as a whole, because of its tombstones or of a condition that few of its rows fulfil,
// is read in slices of its clustering columns. Its rows come in their order, each once.
//
// What is cut is the rows of a token. There may be several partitions of that token: each slice has rows of all of them,
// in the order of the partitions. So a slice begins where the one that it was cut from had got to, not where the slice
// before it ended: a state is a place in the token's rows, and a statement with other bounds on clustering columns goes
// on from there with the rows that are in its bounds (tried on Cassandra 5.0, with both directions). A cursor has the
// slices that are left beside the state.

// mostCuts is how many slices of one token may turn out to be too large.
const mostCuts = 4000

// errHidden is the cause of a partition that has no rows, as far as can be told. A partition of nothing but static values
// is a row too, but not to a statement that asks for rows between bounds.
var errHidden = errors.New("read in slices it has no rows; whether it has static values cannot be told")

// clusteringColumn is one that the rows of a partition are sorted by.
type clusteringColumn struct {
	name       string // as CQL writes it
	order      clustering.Order
	descending bool
}

// depth is how many cuts in a row lead, at most, from all rows of a partition to the one that is sought.
func depth(columns []clusteringColumn) int {
	n := 0
	for _, c := range columns {
		if c.order == nil {
			break
		}
		n += c.order.Depth()
	}
	return n
}

// clusteringColumns are those of a table; none if a condition is about one of them, since two about the same would be
// refused.
func clusteringColumns(t cql.Table, where string) []clusteringColumn {
	named := map[string]bool{}
	l := lexer{rest: where}
	for token := l.next(); token != ""; token = l.next() {
		named[unquoted(token)] = true
	}
	var columns []clusteringColumn
	for _, c := range t.Columns {
		if c.Kind == cql.Clustering {
			if named[c.Name] {
				return nil
			}
			columns = append(columns, clusteringColumn{cql.Quote(c.Name), clustering.OrderOf(c.Type), c.Descending})
		}
	}
	return columns
}

// slice is the rows, behind a place, whose first clustering columns have the given values and whose next one is in a span.
type slice struct {
	Equal []clustering.Value `json:"equal,omitempty"`
	Span  clustering.Span    `json:"span"`
	From  []byte             `json:"from,omitempty"` // a state; none is the token's start
}

// cut gives the parts of a slice in the order of their rows; nil if it cannot be cut.
func (s slice) cut(columns []clusteringColumn) []slice {
	if len(s.Equal) == len(columns) {
		return nil
	}
	c := columns[len(s.Equal)]
	if c.order == nil {
		return nil
	}
	if single := c.order.Single(s.Span); single != nil { // as large as it was, so it is cut at once
		return slice{Equal: append(slices.Clip(s.Equal), single), From: s.From}.cut(columns)
	}
	middle := c.order.Cut(s.Span)
	if middle == nil {
		return nil
	}
	parts := []slice{
		{s.Equal, clustering.Span{Lo: s.Span.Lo, Hi: middle}, s.From}, {s.Equal, clustering.Span{Lo: middle, Hi: s.Span.Hi}, s.From},
	}
	if c.descending {
		slices.Reverse(parts)
	}
	return parts
}

// conditions are those of the slice's rows.
func (s slice) conditions(columns []clusteringColumn) (texts []string, args []any) {
	add := func(column int, operator string, v clustering.Value) {
		if v != nil {
			texts = append(texts, columns[column].name+operator+"?")
			args = append(args, v)
		}
	}
	for i, v := range s.Equal {
		add(i, " = ", v)
	}
	add(len(s.Equal), " >= ", s.Span.Lo)
	add(len(s.Equal), " < ", s.Span.Hi)
	return texts, args
}

// fits tells whether a table with so many clustering columns has the slice.
func (s slice) fits(columns int) bool {
	if s.Span.Lo == nil && s.Span.Hi == nil {
		return len(s.Equal) <= columns
	}
	return len(s.Equal) < columns
}

// slicing is the reading of what is left of a token, slice by slice. It is its scanner's.
type slicing struct {
	todo []slice // the last one is being read, those before it follow, the first at the end; cursors share it
	cuts int
	rows bool // some have come
}

// cut makes what is left of the slice that is being read, behind a state, smaller; false if it cannot be.
func (s *slicing) cut(columns []clusteringColumn, state []byte) bool {
	last := len(s.todo) - 1
	left := s.todo[last]
	left.From = state
	parts := left.cut(columns)
	if s.cuts++; parts == nil || s.cuts > mostCuts {
		return false
	}
	slices.Reverse(parts)
	s.todo = append(s.todo[:last:last], parts...)
	return true
}

// more tells whether there are further slices than the one that is being read.
func (s *slicing) more() bool { return s != nil && len(s.todo) > 1 }

// behind is the place behind the slice that is being read, which is not the last.
func (s *slicing) behind(token int64) cursor {
	rest := s.todo[:len(s.todo)-1]
	return cursor{state: rest[len(rest)-1].From, token: token, rest: rest}
}

// next goes on to the next slice; false if there is none.
func (s *slicing) next() bool {
	if !s.more() {
		return false
	}
	s.todo = s.todo[:len(s.todo)-1]
	return true
}

// request is the statement for a piece, and its arguments.
func (p *plan) request(of *piece) (string, []any) {
	args := []any{of.start, of.end}
	if of.slicing == nil {
		return p.statement.CQL, append(args, p.statement.Args...)
	}
	conditions, bounds := of.slicing.todo[len(of.slicing.todo)-1].conditions(p.clustering)
	if p.where != "" {
		conditions = append(conditions, p.where)
	}
	text := p.unfiltered + " AND " + strings.Join(conditions, " AND ") + "\nALLOW FILTERING" // as in write
	return text, append(append(args, bounds...), p.statement.Args...)
}

// slice has what is left of a piece of one token read in slices, or in smaller ones; false if that is not possible.
func (s *scanner) slice(p *piece) bool {
	if !p.ofOneToken() {
		return false
	}
	of := p.slicing
	if of == nil {
		of = &slicing{todo: []slice{{}}, rows: p.good.token == p.end}
	}
	if !of.cut(s.plan.clustering, p.good.state) {
		return false
	}
	if p.slicing == nil {
		p.slicing = of
		p.timeouts, p.failures = 0, 0
	}
	p.state, p.good.rest = p.good.state, of.todo
	return true
}

// missed tells of rows that no slice of a piece that was read shows, though the piece may have them.
func (p *plan) missed(of *piece) error {
	if of.slicing == nil || of.slicing.rows || !p.hasStatic() || restrictsRows(p.table, p.where) {
		return nil
	}
	return errHidden
}

func (p *plan) hasStatic() bool {
	return slices.ContainsFunc(p.table.Columns, func(c cql.TableColumn) bool { return c.Kind == cql.Static })
}

// restrictsRows tells whether a condition is, for certain, one on rows: then a partition of static values is none.
func restrictsRows(t cql.Table, where string) bool {
	l := lexer{rest: where}
	column := ""
	for token := l.next(); token != ""; token = l.next() {
		switch strings.ToUpper(token) {
		case "=", "<", ">", "!", "IN", "CONTAINS", "LIKE":
			is := func(c cql.TableColumn) bool {
				return (c.Kind == cql.Clustering || c.Kind == cql.Regular) && c.Name == column
			}
			if slices.ContainsFunc(t.Columns, is) {
				return true
			}
		}
		column = unquoted(token)
	}
	return false
}

// unquoted is the name that an identifier stands for.
func unquoted(identifier string) string {
	if inside, ok := strings.CutPrefix(identifier, `"`); ok {
		return strings.ReplaceAll(strings.TrimSuffix(inside, `"`), `""`, `"`)
	}
	return strings.ToLower(identifier)
}

// inSlices says of a failure of a piece that slices were tried.
func (p *piece) inSlices(err error) error {
	if p.slicing == nil || p.slicing.cuts < 2 {
		return err
	}
	return fmt.Errorf("also in slices of its clustering columns: %w", err)
}
