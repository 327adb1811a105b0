package source

import (
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// isSelect tells whether a statement is a SELECT.
func isSelect(statement string) bool {
	l := lexer{rest: statement}
	return strings.EqualFold(l.next(), "SELECT")
}

// limitOf finds the n of a statement's LIMIT n, literal or bound; 0 if it has none. PER PARTITION LIMIT is another.
func limitOf(statement string, args []any) int {
	l := lexer{rest: statement}
	markers := 0
	before := ""
	for token := l.next(); token != ""; token = l.next() {
		if token[0] == '?' || token[0] == ':' {
			markers++
		}
		if strings.EqualFold(token, "LIMIT") && !strings.EqualFold(before, "PARTITION") {
			n := l.next()
			if n == "" {
				return 0
			}
			if n[0] != '?' && n[0] != ':' {
				v, _ := strconv.Atoi(n)
				return max(v, 0)
			}
			if markers < len(args) {
				return integerOf(args[markers])
			}
			return 0
		}
		before = token
	}
	return 0
}

// integerOf gives the value of an argument that is bound to LIMIT; 0 if it is no integer, which the server rejects,
// or unset, which is no limit.
func integerOf(arg any) int {
	v := reflect.ValueOf(arg)
	for v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	switch {
	case v.CanInt():
		return int(max(v.Int(), 0))
	case v.CanUint():
		return int(v.Uint())
	default:
		return 0
	}
}

// lexer gives the tokens of a CQL statement that matter for finding clauses: words, numbers, markers and quoted
// things, each as it stands, and other characters one by one. Comments and space are skipped.
type lexer struct{ rest string }

func (l *lexer) next() string {
	for l.rest != "" {
		switch s := l.rest; {
		case strings.HasPrefix(s, "--"), strings.HasPrefix(s, "//"):
			l.skipTo("\n")
		case strings.HasPrefix(s, "/*"):
			l.rest = s[2:]
			l.skipTo("*/")
		case s[0] == ' ' || s[0] == '\t' || s[0] == '\n' || s[0] == '\r' || s[0] == '\f':
			l.rest = s[1:]
		case strings.HasPrefix(s, "$$"):
			return l.take(2 + through(s[2:], "$$"))
		case s[0] == '\'' || s[0] == '"':
			// A doubled quote is one inside; as two quoted things in a row it reads just the same.
			return l.take(1 + through(s[1:], s[:1]))
		case s[0] == ':':
			return l.take(1 + wordLen(s[1:]))
		default:
			return l.take(max(wordLen(s), 1))
		}
	}
	return ""
}

func (l *lexer) take(n int) string {
	token := l.rest[:n]
	l.rest = l.rest[n:]
	return token
}

func (l *lexer) skipTo(end string) { l.rest = l.rest[through(l.rest, end):] }

// through is the length of s up to and with the first end, or all of it.
func through(s, end string) int {
	if i := strings.Index(s, end); i >= 0 {
		return i + len(end)
	}
	return len(s)
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
