package syntax

import (
	"strconv"
	"strings"

	"github.com/rxcql/rxcql/cql/cqltest/internal/types"
)

var literals = map[tokenKind]types.LiteralKind{
	tokString: types.LitString, tokInteger: types.LitInteger, tokFloat: types.LitFloat,
	tokUUID: types.LitUUID, tokBlob: types.LitBlob, tokDuration: types.LitDuration,
}

// term reads a value: a literal, a marker, a collection, a tuple or a call.
func (p *parser) term() (t Term) {
	p.nest(func() { t = p.oneTerm() })
	return t
}

func (p *parser) oneTerm() Term {
	tok := p.take()
	if lit, ok := literals[tok.kind]; ok {
		if _, err := strconv.ParseFloat(tok.text, 64); tok.kind == tokFloat && err != nil {
			p.failAt(tok.pos, "%s is more than a double can be", tok.text)
		}
		return Term{Kind: Literal, Lit: lit, Text: tok.text, Pos: tok.pos}
	}
	switch {
	case tok.is("NULL"):
		return Term{Kind: Null, Pos: tok.pos}
	case tok.is("TRUE"), tok.is("FALSE"):
		return Term{Kind: Literal, Lit: types.LitBoolean, Text: tok.text, Pos: tok.pos}
	case tok.is("NAN"), tok.is("INFINITY"):
		return Term{Kind: Literal, Lit: types.LitFloat, Text: tok.text, Pos: tok.pos}
	case tok.is("-") && (p.peek().is("NAN") || p.peek().is("INFINITY")):
		return Term{Kind: Literal, Lit: types.LitFloat, Text: "-" + p.take().text, Pos: tok.pos}
	case tok.is("?"):
		return p.marker("", tok.pos)
	case tok.is(":"):
		return p.marker(p.name().Name, tok.pos)
	case tok.is("["):
		return Term{Kind: List, Elems: p.terms("]"), Pos: tok.pos}
	case tok.is("("):
		return Term{Kind: Tuple, Elems: p.terms(")"), Pos: tok.pos}
	case tok.is("{"):
		return p.setOrMap(tok.pos)
	case tok.kind == tokIdent && p.accept("("):
		return Term{Kind: Call, Text: strings.ToLower(tok.text), Elems: p.terms(")"), Pos: tok.pos}
	}
	p.failAt(tok.pos, "no viable alternative at input '%s': expected a value", tok.text)
	return Term{}
}

func (p *parser) marker(name string, pos Pos) Term {
	p.markers = append(p.markers, name)
	return Term{Kind: Marker, Text: name, Index: len(p.markers) - 1, Pos: pos}
}

// terms reads values up to the closing bracket.
func (p *parser) terms(end string) []Term {
	var out []Term
	if p.accept(end) {
		return out
	}
	p.commaSeparated(func() { out = append(out, p.term()) })
	p.expect(end)
	return out
}

func (p *parser) setOrMap(pos Pos) Term {
	t := Term{Kind: Set, Pos: pos}
	if p.accept("}") {
		return t
	}
	p.commaSeparated(func() {
		t.Elems = append(t.Elems, p.term())
		if len(t.Elems) == 1 && p.peek().is(":") {
			t.Kind = Map
		}
		if t.Kind == Map {
			p.expect(":")
			t.Elems = append(t.Elems, p.term())
		}
	})
	p.expect("}")
	return t
}

var operators = []string{"=", "<=", ">=", "<", ">", "!="}

func (p *parser) where() []Relation {
	if !p.accept("WHERE") {
		return nil
	}
	return p.relations()
}

func (p *parser) relations() []Relation {
	out := []Relation{p.relation()}
	for p.accept("AND") {
		out = append(out, p.relation())
	}
	return out
}

func (p *parser) relation() Relation {
	r := Relation{Pos: p.peek().pos}
	switch {
	case p.accept("TOKEN"):
		r.Token, r.Columns = true, p.names()
	case p.peek().is("("):
		r.Multi, r.Columns = true, p.names()
	default:
		r.Columns = []Name{p.name()}
		if p.accept("[") {
			k := p.term()
			r.Key = &k
			p.expect("]")
		}
	}
	p.operator(&r)
	return r
}

func (p *parser) operator(r *Relation) {
	t := p.peek()
	for _, op := range operators {
		if p.accept(op) {
			r.Op, r.Terms = op, []Term{p.term()}
			return
		}
	}
	switch {
	case p.accept("IN"):
		r.Op = "IN"
		if p.accept("(") {
			r.InList, r.Terms = true, p.terms(")")
		} else {
			r.Terms = []Term{p.term()}
		}
	case p.accept("CONTAINS"):
		r.Op = "CONTAINS"
		if p.accept("KEY") {
			r.Op = "CONTAINS KEY"
		}
		r.Terms = []Term{p.term()}
	case t.is("LIKE"), t.is("IS"), t.is("NOT"), t.is("BETWEEN"):
		p.unsupported(t.pos, strings.ToUpper(t.text)+" in conditions")
	default:
		p.failAt(t.pos, "no viable alternative at input '%s': expected a comparison", t.text)
	}
}
