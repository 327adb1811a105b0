package sink

import "github.com/rxcql/rxcql/cql"

// statements is room for those of a request. They are made each time that it is sent, of values that are encoded already,
// so that rows that wait hold no more than these.
type statements[T any] struct {
	all   []cql.Statement
	args  []any
	cells []cql.Cell
}

// of makes the statements of rows. They are valid until clear.
func (s *statements[T]) of(rows []*op[T]) []cql.Statement {
	for _, o := range rows {
		if o.variant == nil {
			s.all = append(s.all, o.statements...)
			continue
		}
		cells := o.cells
		if cells == nil {
			cells = s.cellsOf(o)
		}
		start := len(s.args)
		s.args = o.plan.appendArguments(s.args, o.variant, cells, o.timestamp, o.ttl)
		s.all = append(s.all, cql.Statement{CQL: o.variant.text, Args: s.args[start:len(s.args):len(s.args)]})
	}
	return s.all
}

// cellsOf gives the cells of a row that has them itself.
func (s *statements[T]) cellsOf(o *op[T]) []cql.Cell {
	start := len(s.cells)
	row := cellsOf(&o.item)
	for i := range o.plan.targets {
		t := &o.plan.targets[i]
		bytes := row.Cell(t.in)
		s.cells = append(s.cells, o.plan.cell(t, bytes, bytes == nil))
	}
	return s.cells[start:len(s.cells):len(s.cells)]
}

// clear forgets them, and keeps the room.
func (s *statements[T]) clear() {
	clear(s.all)
	clear(s.args)
	clear(s.cells)
	s.all, s.args, s.cells = s.all[:0], s.args[:0], s.cells[:0]
}
