package source

import (
	"encoding/binary"
	"strconv"
	"strings"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/lex"
)

// isSelect tells whether a statement is a SELECT.
func isSelect(statement string) bool {
	l := lexer{rest: statement}
	return strings.EqualFold(l.next(), "SELECT")
}

// unknownLimit is the limit of a statement that has one whose value cannot be told.
const unknownLimit = -1

// limitOf finds the n of a statement's LIMIT n, literal or bound; 0 if it has none. PER PARTITION LIMIT is another.
func limitOf(statement string, args []any) int {
	l := lexer{rest: statement}
	before := ""
	for token := l.next(); token != ""; token = l.next() {
		if isLimit(token) && !strings.EqualFold(before, "PARTITION") {
			switch n := l.next(); {
			case n == "":
				return 0 // the server will say so
			case !isMarker(n):
				v, _ := strconv.Atoi(n)
				return positive(v)
			case len(args) == 0:
				return unknownLimit
			default: // no marker can follow it
				return boundLimit(args[len(args)-1])
			}
		}
		before = token
	}
	return 0
}

// isLimit tells whether a token is LIMIT. The server takes it with a number before it, too: WHERE p = 0LIMIT 10.
func isLimit(token string) bool {
	const limit = "LIMIT"
	glued := len(token) - len(limit)
	return glued >= 0 && strings.EqualFold(token[glued:], limit) && (glued == 0 || '0' <= token[0] && token[0] <= '9')
}

// boundLimit gives the value of an argument that is bound to LIMIT, as it will be sent.
func boundLimit(arg any) int {
	cell, err := cql.Type{Kind: cql.Int}.Marshal(arg)
	if err != nil || len(cell) != 4 {
		return unknownLimit // the server, or the run, will refuse it
	}
	return positive(int(int32(binary.BigEndian.Uint32(cell))))
}

func positive(n int) int {
	if n <= 0 {
		return unknownLimit
	}
	return n
}

// markersOf lists the names of a statement's bind markers in their order, "" for a positional one. A name is as CQL
// has it: in lower case unless it is quoted.
func markersOf(statement string) []string {
	var names []string
	l := lexer{rest: statement}
	for token := l.next(); token != ""; token = l.next() {
		if isMarker(token) {
			names = append(names, token[1:])
		}
	}
	return names
}

// isMarker tells whether a token of the lexer is a bind marker: ? or :name, not the colon of a literal.
func isMarker(token string) bool { return token == "?" || token[0] == ':' && token != ":" }

// lexer gives the tokens of a CQL statement that matter for finding clauses: words, numbers, markers and quoted
// things, each as it stands, and other characters one by one. Comments and space are skipped.
type lexer struct {
	rest     string
	before   string // the token before
	brackets []byte // that are open
}

func (l *lexer) next() string {
	token := l.scan()
	switch token {
	case "(", "[", "{":
		l.brackets = append(l.brackets, token[0])
	case ")", "]", "}":
		l.brackets = l.brackets[:max(len(l.brackets)-1, 0)]
	}
	l.before = token
	return token
}

func (l *lexer) scan() string {
	l.take(lex.Space(l.rest))
	quoted, _ := lex.Quoted(l.rest)
	switch s := l.rest; {
	case s == "":
		return ""
	case quoted > 0:
		return l.take(quoted)
	case s[0] == ':':
		l.rest = s[1:]
		return ":" + l.markerName()
	default:
		return l.take(max(lex.Word(s), 1))
	}
}

// markerName takes the name of the marker whose colon was taken; empty if the colon is none: it stands between key and
// value of a map, name and value of a user-defined type, or inside a duration.
func (l *lexer) markerName() string {
	inBraces := len(l.brackets) > 0 && l.brackets[len(l.brackets)-1] == '{'
	if inBraces && (len(l.before) > 1 || !strings.Contains("{,:+-*/%", l.before)) {
		return "" // a key or a field's name came before
	}
	switch s := l.rest[lex.Space(l.rest):]; {
	case s == "":
	case s[0] == '"':
		if n, _ := lex.Quoted(s); n > 2 {
			l.rest = s[n:]
			return strings.ReplaceAll(s[1:n-1], `""`, `"`)
		}
	case 'a' <= s[0]|0x20 && s[0]|0x20 <= 'z':
		n := lex.Word(s)
		l.rest = s[n:]
		return strings.ToLower(s[:n])
	}
	return ""
}

func (l *lexer) take(n int) string {
	token := l.rest[:n]
	l.rest = l.rest[n:]
	return token
}
