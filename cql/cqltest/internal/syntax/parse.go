package syntax

import (
	"fmt"
	"strings"
)

// Parsed is a statement and its bind markers: their names in the order of the text, "" for a ?.
type Parsed struct {
	Statement Statement
	Markers   []string
}

// Parse reads one statement. Its errors are of type *Error.
func Parse(text string) (*Parsed, error) {
	toks, err := lex(text)
	if err != nil {
		return nil, err
	}
	p := &parser{toks: toks}
	s, err := p.parse()
	if err != nil {
		return nil, err
	}
	return &Parsed{s, p.markers}, nil
}

// maxDepth bounds how deep types and values may be nested.
const maxDepth = 64

type parser struct {
	toks    []token
	i       int
	depth   int
	markers []string
}

// parse turns the panics of fail into an error, so that the grammar below can be read as a grammar.
func (p *parser) parse() (s Statement, err error) {
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(*Error)
			if !ok {
				panic(r)
			}
			err = e
		}
	}()
	s = p.statement()
	p.accept(";")
	if t := p.peek(); t.kind != tokEOF {
		p.failAt(t.pos, "mismatched input '%s' expecting the end of the statement", t.text)
	}
	return s, nil
}

func (p *parser) statement() Statement {
	start := p.peek()
	switch {
	case p.accept("SELECT"):
		return p.selectStatement()
	case p.accept("INSERT"):
		return p.insert()
	case p.accept("UPDATE"):
		return p.update()
	case p.accept("DELETE"):
		return p.delete()
	case p.accept("USE"):
		return &Use{p.name()}
	case p.accept("CREATE"):
		return p.create()
	case p.accept("DROP"):
		return p.drop()
	case p.accept("ALTER"):
		return p.alter()
	case p.accept("TRUNCATE"):
		p.accept("TABLE")
		return &Truncate{p.table()}
	}
	for _, word := range []string{"BEGIN", "GRANT", "REVOKE", "LIST", "DESCRIBE", "DESC", "APPLY"} {
		if p.accept(word) {
			p.unsupported(start.pos, word+" statements")
		}
	}
	p.failAt(start.pos, "no viable alternative at input '%s'", start.text)
	return nil
}

func (p *parser) peek() token { return p.toks[p.i] }

func (p *parser) peekAt(n int) token { return p.toks[min(p.i+n, len(p.toks)-1)] }

func (p *parser) take() token {
	t := p.toks[p.i]
	if t.kind != tokEOF {
		p.i++
	}
	return t
}

// is says whether the token is that keyword or punctuation.
func (t token) is(s string) bool {
	return t.kind == tokIdent && strings.EqualFold(t.text, s) || t.kind == tokPunct && t.text == s
}

// accept takes these keywords or punctuation if all of them come next.
func (p *parser) accept(words ...string) bool {
	for i, w := range words {
		if !p.peekAt(i).is(w) {
			return false
		}
	}
	p.i += len(words)
	return true
}

func (p *parser) expect(words ...string) {
	for _, w := range words {
		if t := p.peek(); !p.accept(w) {
			p.failAt(t.pos, "mismatched input '%s' expecting %s", t.text, w)
		}
	}
}

func (p *parser) failAt(pos Pos, format string, args ...any) {
	panic(&Error{pos, fmt.Sprintf(format, args...)})
}

func (p *parser) unsupported(pos Pos, what string) {
	p.failAt(pos, "cqltest does not support %s", what)
}

// name reads an identifier; unquoted ones are folded to lower case.
func (p *parser) name() Name {
	t := p.take()
	switch {
	case t.kind == tokQuoted && t.text != "":
		return Name{t.text, t.pos}
	case t.kind == tokIdent && !reserved[strings.ToUpper(t.text)]:
		return Name{strings.ToLower(t.text), t.pos}
	}
	p.failAt(t.pos, "no viable alternative at input '%s': expected a name", t.text)
	return Name{}
}

// reserved words cannot be names unless quoted.
var reserved = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(`ADD ALLOW ALTER AND APPLY ASC AUTHORIZE BATCH BEGIN BY COLUMNFAMILY CREATE DELETE
		DESC DESCRIBE DROP ENTRIES EXECUTE FROM FULL GRANT IF IN INDEX INFINITY INSERT INTO IS KEYSPACE LIMIT MODIFY
		NAN NORECURSIVE NOT NULL OF ON OR ORDER PRIMARY RENAME REPLACE REVOKE SCHEMA SELECT SET TABLE TO TOKEN
		TRUNCATE UNLOGGED UPDATE USE USING VIEW WHERE WITH`) {
		m[w] = true
	}
	return m
}()

func (p *parser) table() Table {
	pos := p.peek().pos
	a := p.name()
	if p.accept(".") {
		return Table{a.Name, p.name().Name, pos}
	}
	return Table{"", a.Name, pos}
}

// commaSeparated calls one for every element.
func (p *parser) commaSeparated(one func()) {
	one()
	for p.accept(",") {
		one()
	}
}

func (p *parser) names() []Name {
	var out []Name
	p.expect("(")
	p.commaSeparated(func() { out = append(out, p.name()) })
	p.expect(")")
	return out
}

func (p *parser) nest(f func()) {
	if p.depth++; p.depth > maxDepth {
		p.failAt(p.peek().pos, "nested more than %d deep", maxDepth)
	}
	f()
	p.depth--
}
