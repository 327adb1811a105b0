package source

import (
	"encoding/binary"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/rxcql/rxcql/cql"
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
	l.skipSpace()
	switch s := l.rest; {
	case s == "":
		return ""
	case strings.HasPrefix(s, "$$"):
		return l.take(2 + through(s[2:], "$$"))
	case s[0] == '\'' || s[0] == '"':
		return l.take(quotedLen(s))
	case s[0] == ':':
		l.rest = s[1:]
		return ":" + l.markerName()
	default:
		return l.take(max(wordLen(s), 1))
	}
}

// markerName takes the name of the marker whose colon was taken; empty if the colon is none: it stands between key and
// value of a map, name and value of a user-defined type, or inside a duration.
func (l *lexer) markerName() string {
	inBraces := len(l.brackets) > 0 && l.brackets[len(l.brackets)-1] == '{'
	if inBraces && (len(l.before) > 1 || !strings.Contains("{,:+-*/%", l.before)) {
		return "" // a key or a field's name came before
	}
	after := lexer{rest: l.rest}
	after.skipSpace()
	switch s := after.rest; {
	case s == "":
	case s[0] == '"':
		if n := quotedLen(s); n > 2 {
			l.rest = s[n:]
			return strings.ReplaceAll(s[1:n-1], `""`, `"`)
		}
	case 'a' <= s[0]|0x20 && s[0]|0x20 <= 'z':
		n := wordLen(s)
		l.rest = s[n:]
		return strings.ToLower(s[:n])
	}
	return ""
}

// skipSpace skips comments too.
func (l *lexer) skipSpace() {
	for l.rest != "" {
		switch s := l.rest; {
		case strings.HasPrefix(s, "--"), strings.HasPrefix(s, "//"):
			l.rest = l.rest[lineLen(l.rest):]
		case strings.HasPrefix(s, "/*"):
			l.rest = s[2:]
			l.skipTo("*/")
		case s[0] == ' ' || s[0] == '\t' || s[0] == '\n' || s[0] == '\r' || s[0] == '\f':
			l.rest = s[1:]
		default:
			return
		}
	}
}

func (l *lexer) take(n int) string {
	token := l.rest[:n]
	l.rest = l.rest[n:]
	return token
}

func (l *lexer) skipTo(end string) { l.rest = l.rest[through(l.rest, end):] }

// lineLen is the length of s up to the end of its first line, which the server takes a carriage return for, too.
func lineLen(s string) int {
	if i := strings.IndexAny(s, "\r\n"); i >= 0 {
		return i
	}
	return len(s)
}

// through is the length of s up to and with the first end, or all of it.
func through(s, end string) int {
	if i := strings.Index(s, end); i >= 0 {
		return i + len(end)
	}
	return len(s)
}

// quotedLen is the length of the quoted thing that s starts with; a doubled quote is one inside.
func quotedLen(s string) int {
	n := 0
	for n < len(s) && s[n] == s[0] {
		n += 1 + through(s[n+1:], s[:1])
	}
	return n
}

// wordLen is the length of the word or number that s starts with.
func wordLen(s string) int {
	for i, r := range s {
		if r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r < utf8.RuneSelf {
			return i
		}
	}
	return len(s)
}
