package syntax

import (
	"fmt"
	"strings"

	"github.com/rxcql/rxcql/cql/cqltest/internal/types"
)

// Pos is a place in the text, both counted from 1.
type Pos struct{ Line, Col int }

func (p Pos) String() string { return fmt.Sprintf("line %d:%d", p.Line, p.Col) }

// Error is text that is not CQL, or CQL that cqltest does not evaluate.
type Error struct {
	Pos Pos
	Msg string
}

func (e *Error) Error() string { return fmt.Sprintf("%s: %s", e.Pos, e.Msg) }

type tokenKind int

const (
	tokEOF tokenKind = iota
	tokIdent
	tokQuoted // "quoted identifier"
	tokString
	tokInteger
	tokFloat
	tokUUID
	tokBlob
	tokDuration
	tokPunct
)

type token struct {
	kind tokenKind
	text string
	pos  Pos
}

type lexer struct {
	src  string
	i    int
	line int
	bol  int // index of the line's first byte
}

func (l *lexer) pos() Pos { return Pos{l.line, l.i - l.bol + 1} }

func (l *lexer) advance(n int) string {
	s := l.src[l.i : l.i+n]
	for k := range len(s) {
		if s[k] == '\n' {
			l.line++
			l.bol = l.i + k + 1
		}
	}
	l.i += n
	return s
}

// lex cuts the text into tokens, of which the last is tokEOF.
func lex(src string) ([]token, error) {
	l := &lexer{src: src, line: 1}
	var out []token
	for {
		if err := l.skipBlank(); err != nil {
			return nil, err
		}
		t, err := l.next()
		if err != nil {
			return nil, err
		}
		out = append(out, t)
		if t.kind == tokEOF {
			return out, nil
		}
	}
}

func (l *lexer) skipBlank() error {
	for l.i < len(l.src) {
		rest := l.src[l.i:]
		switch {
		case strings.ContainsRune(" \t\r\n", rune(rest[0])):
			l.advance(1)
		case strings.HasPrefix(rest, "--"), strings.HasPrefix(rest, "//"):
			n := strings.IndexByte(rest, '\n')
			if n < 0 {
				n = len(rest)
			}
			l.advance(n)
		case strings.HasPrefix(rest, "/*"):
			n := strings.Index(rest[2:], "*/")
			if n < 0 {
				return &Error{l.pos(), "comment without an end"}
			}
			l.advance(n + 4)
		default:
			return nil
		}
	}
	return nil
}

func (l *lexer) next() (token, error) {
	pos := l.pos()
	if l.i == len(l.src) {
		return token{tokEOF, "end of statement", pos}, nil
	}
	rest := l.src[l.i:]
	c := rest[0]
	switch {
	case c == '\'' || c == '"':
		return l.quoted(c)
	case strings.HasPrefix(rest, "$$"):
		return token{}, &Error{pos, "cqltest does not support $$ strings"}
	case isUUID(rest):
		return token{tokUUID, l.advance(36), pos}, nil
	case c == '0' && len(rest) > 1 && (rest[1] == 'x' || rest[1] == 'X'):
		n := 2
		for n < len(rest) && isHex(rest[n]) {
			n++
		}
		return token{tokBlob, l.advance(n), pos}, nil
	case isDigit(c) || c == '-' && len(rest) > 1 && isDigit(rest[1]):
		kind, n := number(rest)
		if kind == tokInteger && n < 8 && n < len(rest) && c != '-' && isHex(rest[n]) {
			// Cassandra takes it for the start of a UUID, so 1AND is no number and a word, as 1LIMIT is.
			return token{}, &Error{pos, fmt.Sprintf("mismatched character %q after %s; put a blank between them", rest[n], rest[:n])}
		}
		return token{kind, l.advance(n), pos}, nil
	case isLetter(c):
		n := 1
		for n < len(rest) && (isLetter(rest[n]) || isDigit(rest[n]) || rest[n] == '_') {
			n++
		}
		return token{tokIdent, l.advance(n), pos}, nil
	}
	for _, p := range []string{"<=", ">=", "!=", "+=", "-="} {
		if strings.HasPrefix(rest, p) {
			return token{tokPunct, l.advance(2), pos}, nil
		}
	}
	if strings.IndexByte("()[]{}<>,;:.=?*+-%", c) >= 0 {
		return token{tokPunct, l.advance(1), pos}, nil
	}
	return token{}, &Error{pos, fmt.Sprintf("no viable alternative at character %q", c)}
}

// quoted reads a string or a quoted identifier, in which the quote itself is written twice.
func (l *lexer) quoted(q byte) (token, error) {
	pos := l.pos()
	kind := tokString
	if q == '"' {
		kind = tokQuoted
	}
	var text strings.Builder
	for i := l.i + 1; i < len(l.src); i++ {
		if l.src[i] != q {
			text.WriteByte(l.src[i])
			continue
		}
		if i+1 < len(l.src) && l.src[i+1] == q {
			text.WriteByte(q)
			i++
			continue
		}
		l.advance(i + 1 - l.i)
		return token{kind, text.String(), pos}, nil
	}
	return token{}, &Error{pos, fmt.Sprintf("%c without its closing %c", q, q)}
}

// number finds what kind of number s starts with, and its length. A word may follow without a blank.
func number(s string) (tokenKind, int) {
	n := digits(s, 1)
	kind := tokInteger
	if n < len(s) && s[n] == '.' {
		kind, n = tokFloat, digits(s, n+1)
	}
	if n < len(s) && (s[n] == 'e' || s[n] == 'E') {
		e := n + 1
		if e < len(s) && (s[e] == '+' || s[e] == '-') {
			e++
		}
		if end := digits(s, e); end > e {
			return tokFloat, end
		}
	}
	if kind == tokInteger {
		if end := duration(s, n); end > n {
			return tokDuration, end
		}
	}
	return kind, n
}

// digits is the index behind the digits that start at i.
func digits(s string, i int) int {
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	return i
}

// duration is the index behind the duration whose first number ends at n, or n if that is followed by no unit.
func duration(s string, n int) int {
	end := n
	for {
		unit := types.DurationUnit(s[n:])
		if unit == "" {
			return end
		}
		end = n + len(unit)
		if n = digits(s, end); n == end {
			return end
		}
	}
}

func isUUID(s string) bool {
	if len(s) < 36 {
		return false
	}
	for i := range 36 {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (s[i] == '-') || !dash && !isHex(s[i]) {
			return false
		}
	}
	return true
}

func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
func isHex(c byte) bool    { return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' }
