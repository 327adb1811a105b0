package syntax

import "strings"

func (p *parser) selectStatement() *Select {
	s := &Select{}
	if t := p.peek(); t.is("JSON") && p.peekAt(1).kind == tokIdent && !p.peekAt(1).is("FROM") {
		p.unsupported(t.pos, "SELECT JSON")
	}
	s.Distinct = p.accept("DISTINCT")
	if !p.accept("*") {
		p.commaSeparated(func() { s.Selectors = append(s.Selectors, p.selector()) })
	}
	p.expect("FROM")
	s.Table = p.table()
	s.Where = p.where()
	if t := p.peek(); t.is("GROUP") {
		p.unsupported(t.pos, "GROUP BY")
	}
	if p.accept("ORDER") {
		p.expect("BY")
		s.Order = p.order()
	}
	if p.accept("PER", "PARTITION", "LIMIT") {
		t := p.term()
		s.PerPartition = &t
	}
	if p.accept("LIMIT") {
		t := p.term()
		s.Limit = &t
	}
	s.AllowFiltering = p.accept("ALLOW", "FILTERING")
	return s
}

func (p *parser) order() []Order {
	var out []Order
	p.commaSeparated(func() {
		o := Order{Column: p.name()}
		if t := p.peek(); t.is("ANN") {
			p.unsupported(t.pos, "ORDER BY … ANN OF")
		}
		if !p.accept("ASC") {
			o.Desc = p.accept("DESC")
		}
		out = append(out, o)
	})
	return out
}

func (p *parser) selector() Selector {
	t := p.peek()
	s := Selector{Pos: t.pos}
	if t.kind == tokIdent && p.peekAt(1).is("(") {
		s.Func = strings.ToLower(p.take().text)
		switch s.Func {
		case "count":
			p.expect("(")
			if one := p.peek(); !p.accept("*") && p.take().text != "1" {
				p.unsupported(one.pos, "COUNT of a column")
			}
			p.expect(")")
		case "token":
			s.Args = p.names()
		case "writetime", "ttl":
			p.expect("(")
			s.Column = p.name()
			p.expect(")")
		default:
			p.unsupported(t.pos, "the function "+s.Func+" in a selection")
		}
	} else {
		s.Column = p.name()
		if n := p.peek(); n.is("[") || n.is(".") {
			p.unsupported(n.pos, "selecting an element or a field")
		}
	}
	if p.accept("AS") {
		s.Alias = p.name().Name
	}
	return s
}

func (p *parser) insert() *Insert {
	p.expect("INTO")
	s := &Insert{Table: p.table()}
	if t := p.peek(); t.is("JSON") {
		p.unsupported(t.pos, "INSERT JSON")
	}
	s.Columns = p.names()
	p.expect("VALUES")
	at := p.peek().pos
	p.expect("(")
	s.Values = p.terms(")")
	if len(s.Columns) != len(s.Values) {
		p.failAt(at, "Unmatched column names/values: %d columns, %d values", len(s.Columns), len(s.Values))
	}
	s.IfNotExists = p.accept("IF", "NOT", "EXISTS")
	s.Using = p.using()
	return s
}

func (p *parser) using() (u Using) {
	if !p.accept("USING") {
		return u
	}
	for {
		t := p.peek()
		switch {
		case p.accept("TTL"):
			v := p.term()
			u.TTL = &v
		case p.accept("TIMESTAMP"):
			v := p.term()
			u.Timestamp = &v
		default:
			p.failAt(t.pos, "mismatched input '%s' expecting TTL or TIMESTAMP", t.text)
		}
		if !p.accept("AND") {
			return u
		}
	}
}

func (p *parser) update() *Update {
	s := &Update{Table: p.table(), Using: p.using()}
	p.expect("SET")
	p.commaSeparated(func() { s.Set = append(s.Set, p.assignment()) })
	s.Where = p.where()
	s.IfExists, s.If = p.conditions()
	return s
}

func (p *parser) conditions() (exists bool, rels []Relation) {
	if !p.accept("IF") {
		return false, nil
	}
	if p.accept("EXISTS") {
		return true, nil
	}
	return false, p.relations()
}

func (p *parser) assignment() Assignment {
	a := Assignment{Column: p.name()}
	switch {
	case p.accept("["):
		k := p.term()
		a.Key = &k
		p.expect("]", "=")
		a.Value = p.term()
		return a
	case p.accept("+="):
		a.Op, a.Value = "+", p.term()
		return a
	case p.accept("-="):
		a.Op, a.Value = "-", p.term()
		return a
	}
	p.expect("=")
	if t := p.peek(); t.kind == tokQuoted || t.kind == tokIdent && strings.EqualFold(t.text, a.Column.Name) {
		self := p.name()
		if self.Name != a.Column.Name {
			p.failAt(self.Pos, "only expressions of the form %s = %s + … are supported", a.Column.Name, a.Column.Name)
		}
		p.arithmetic(&a)
		return a
	}
	a.Value = p.term()
	if p.accept("+") {
		if self := p.name(); self.Name != a.Column.Name {
			p.failAt(self.Pos, "only expressions of the form %s = … + %s are supported", a.Column.Name, a.Column.Name)
		}
		a.Op, a.Prepend = "+", true
	}
	return a
}

// arithmetic reads what follows column = column. The lexer takes "-1" for a number, so a - 1 may come as two tokens.
func (p *parser) arithmetic(a *Assignment) {
	t := p.peek()
	switch {
	case p.accept("+"):
		a.Op, a.Value = "+", p.term()
	case p.accept("-"):
		a.Op, a.Value = "-", p.term()
	case t.kind == tokInteger && strings.HasPrefix(t.text, "-"):
		a.Op, a.Value = "+", p.term()
	default:
		p.failAt(t.pos, "mismatched input '%s' expecting + or -", t.text)
	}
}

func (p *parser) delete() *Delete {
	s := &Delete{}
	if !p.peek().is("FROM") {
		p.commaSeparated(func() {
			d := Deletion{Column: p.name()}
			if p.accept("[") {
				k := p.term()
				d.Key = &k
				p.expect("]")
			}
			s.Columns = append(s.Columns, d)
		})
	}
	p.expect("FROM")
	s.Table = p.table()
	s.Using = p.using()
	s.Where = p.where()
	s.IfExists, s.If = p.conditions()
	return s
}
