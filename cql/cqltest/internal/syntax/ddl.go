package syntax

import (
	"strconv"
	"strings"

	"github.com/rxcql/rxcql/cql/cqltest/internal/types"
)

func (p *parser) create() Statement {
	t := p.peek()
	switch {
	case p.accept("KEYSPACE"), p.accept("SCHEMA"):
		return p.createKeyspace()
	case p.accept("TABLE"), p.accept("COLUMNFAMILY"):
		return p.createTable()
	}
	p.unsupported(t.pos, "CREATE "+strings.ToUpper(t.text))
	return nil
}

func (p *parser) drop() Statement {
	t := p.peek()
	switch {
	case p.accept("KEYSPACE"), p.accept("SCHEMA"):
		exists := p.accept("IF", "EXISTS")
		return &DropKeyspace{p.name(), exists}
	case p.accept("TABLE"), p.accept("COLUMNFAMILY"):
		exists := p.accept("IF", "EXISTS")
		return &DropTable{p.table(), exists}
	}
	p.unsupported(t.pos, "DROP "+strings.ToUpper(t.text))
	return nil
}

func (p *parser) createKeyspace() *CreateKeyspace {
	s := &CreateKeyspace{IfNotExists: p.accept("IF", "NOT", "EXISTS"), DurableWrites: true}
	s.Name = p.name()
	p.expect("WITH")
	for {
		opt := p.name()
		p.expect("=")
		v := p.term()
		switch opt.Name {
		case "replication":
			if v.Kind != Map {
				p.failAt(v.Pos, "replication must be a map")
			}
			s.Replication = map[string]string{}
			for i := 0; i < len(v.Elems); i += 2 {
				s.Replication[v.Elems[i].Text] = v.Elems[i+1].Text
			}
		case "durable_writes":
			s.DurableWrites = strings.EqualFold(v.Text, "true")
		default:
			p.failAt(opt.Pos, "Unknown property '%s'", opt.Name)
		}
		if !p.accept("AND") {
			break
		}
	}
	if s.Replication["class"] == "" {
		p.failAt(s.Name.Pos, "Missing mandatory replication strategy class")
	}
	return s
}

func (p *parser) createTable() *CreateTable {
	s := &CreateTable{IfNotExists: p.accept("IF", "NOT", "EXISTS")}
	s.Table = p.table()
	p.expect("(")
	p.commaSeparated(func() {
		if p.peek().is("PRIMARY") {
			p.primaryKey(s)
			return
		}
		c := p.columnDef()
		s.Columns = append(s.Columns, c)
		if p.accept("PRIMARY", "KEY") {
			p.onePrimaryKey(s, c.Name.Pos)
			s.PartitionKey = []Name{c.Name}
		}
	})
	p.expect(")")
	if p.accept("WITH") {
		p.tableOption(s)
		for p.accept("AND") {
			p.tableOption(s)
		}
	}
	if s.PartitionKey == nil {
		p.failAt(s.Table.Pos, "No PRIMARY KEY specified for table '%s' (exactly one required)", s.Table.Name)
	}
	return s
}

func (p *parser) onePrimaryKey(s *CreateTable, pos Pos) {
	if s.PartitionKey != nil {
		p.failAt(pos, "Multiple PRIMARY KEYs specified for table '%s' (exactly one required)", s.Table.Name)
	}
}

func (p *parser) primaryKey(s *CreateTable) {
	pos := p.peek().pos
	p.expect("PRIMARY", "KEY")
	p.onePrimaryKey(s, pos)
	p.expect("(")
	if p.peek().is("(") {
		s.PartitionKey = p.names()
	} else {
		s.PartitionKey = []Name{p.name()}
	}
	for p.accept(",") {
		s.Clustering = append(s.Clustering, p.name())
	}
	p.expect(")")
}

func (p *parser) columnDef() ColumnDef {
	c := ColumnDef{Name: p.name()}
	pos := p.peek().pos
	c.Type = p.dataType()
	for _, e := range c.Type.Elems {
		if c.Type.IsMulticell() && e.IsMulticell() {
			p.failAt(pos, "Non-frozen collections are not allowed inside collections: %s", c.Type)
		}
	}
	c.Static = p.accept("STATIC")
	return c
}

// tableOption keeps the clustering order; other options change nothing here and are read over.
func (p *parser) tableOption(s *CreateTable) {
	if p.accept("CLUSTERING", "ORDER", "BY") {
		p.expect("(")
		s.Order = p.order()
		p.expect(")")
		return
	}
	opt := p.name()
	if opt.Name == "compact" {
		p.unsupported(opt.Pos, "COMPACT STORAGE")
	}
	if opt.Name == "default_time_to_live" {
		p.unsupported(opt.Pos, "default_time_to_live")
	}
	p.expect("=")
	p.term()
}

func (p *parser) alter() Statement {
	t := p.peek()
	if !p.accept("TABLE") && !p.accept("COLUMNFAMILY") {
		p.unsupported(t.pos, "ALTER "+strings.ToUpper(t.text))
	}
	s := &AlterTable{Table: p.table()}
	t = p.peek()
	switch {
	case p.accept("ADD"):
		p.listed(func() { s.Add = append(s.Add, p.columnDef()) })
	case p.accept("DROP"):
		p.listed(func() { s.Drop = append(s.Drop, p.name()) })
	case p.accept("RENAME"):
		for {
			from := p.name()
			p.expect("TO")
			s.Rename = append(s.Rename, Rename{from, p.name()})
			if !p.accept("AND") {
				break
			}
		}
	default:
		p.unsupported(t.pos, "ALTER TABLE … "+strings.ToUpper(t.text))
	}
	return s
}

// listed reads one element, or several in brackets.
func (p *parser) listed(one func()) {
	if !p.accept("(") {
		one()
		return
	}
	p.commaSeparated(one)
	p.expect(")")
}

func (p *parser) dataType() (t *types.Type) {
	p.nest(func() { t = p.oneType() })
	return t
}

func (p *parser) oneType() *types.Type {
	tok := p.take()
	if tok.kind != tokIdent {
		p.failAt(tok.pos, "no viable alternative at input '%s': expected a type", tok.text)
	}
	name := strings.ToLower(tok.text)
	if t, ok := types.Native(name); ok {
		return t
	}
	counts := map[string]int{"list": 1, "set": 1, "map": 2, "frozen": 1, "tuple": -1}
	kinds := map[string]types.Kind{"list": types.List, "set": types.Set, "map": types.Map, "tuple": types.Tuple}
	n, ok := counts[name]
	if name == "vector" {
		return p.vector()
	}
	if !ok {
		p.unsupported(tok.pos, "the type "+tok.text)
	}
	t := &types.Type{Kind: kinds[name]}
	p.expect("<")
	p.commaSeparated(func() { t.Elems = append(t.Elems, p.dataType()) })
	p.expect(">")
	if n > 0 && len(t.Elems) != n {
		p.failAt(tok.pos, "%s takes %d types, not %d", name, n, len(t.Elems))
	}
	switch name {
	case "frozen":
		return t.Elems[0].Freeze()
	case "tuple":
		return t.Freeze()
	}
	return t
}

func (p *parser) vector() *types.Type {
	p.expect("<")
	e := p.dataType()
	p.expect(",")
	n := p.take()
	dim, err := strconv.Atoi(n.text)
	if err != nil {
		p.failAt(n.pos, "mismatched input '%s' expecting the vector's length", n.text)
	}
	p.expect(">")
	t, err := types.VectorOf(e, dim)
	if err != nil {
		p.failAt(n.pos, "%s", err)
	}
	return t
}
