// Package lex takes the text of CQL statements apart as the server's lexer does: comments, quoted things and words.
package lex

import (
	"strings"
	"unicode/utf8"
)

// Space is the length of the white space and the comments that s starts with. A comment that is not closed goes to the
// end.
func Space(s string) int {
	n := 0
	for n < len(s) {
		switch rest := s[n:]; {
		case strings.HasPrefix(rest, "--"), strings.HasPrefix(rest, "//"):
			n += line(rest)
		case strings.HasPrefix(rest, "/*"):
			length, _ := through(rest[2:], "*/")
			n += 2 + length
		case White(rest[0]):
			n++
		default:
			return n
		}
	}
	return n
}

// White tells whether a character is white space.
func White(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' }

// Quoted is the length of the string or the quoted name that s starts with, in which a doubled quote is one inside; 0 if
// it starts with neither. One that is not closed goes to the end.
func Quoted(s string) (n int, closed bool) {
	switch {
	case strings.HasPrefix(s, "$$"):
		n, closed = through(s[2:], "$$")
		return 2 + n, closed
	case s == "" || s[0] != '\'' && s[0] != '"':
		return 0, false
	}
	for n < len(s) && s[n] == s[0] {
		var length int
		length, closed = through(s[n+1:], s[:1])
		n += 1 + length
	}
	return n, closed
}

// Word is the length of the word or number that s starts with.
func Word(s string) int {
	for i, r := range s {
		if r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r < utf8.RuneSelf {
			return i
		}
	}
	return len(s)
}

// line is the length of s up to the end of its first line, which the server takes a carriage return for, too.
func line(s string) int {
	if i := strings.IndexAny(s, "\r\n"); i >= 0 {
		return i
	}
	return len(s)
}

// through is the length of s up to and with the first end, or all of it.
func through(s, end string) (n int, found bool) {
	if i := strings.Index(s, end); i >= 0 {
		return i + len(end), true
	}
	return len(s), false
}
