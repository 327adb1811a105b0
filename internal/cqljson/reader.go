package cqljson

import (
	"errors"
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// Error is what is wrong with a JSON text, and where.
type Error struct {
	Offset int    // of the byte
	Name   string // of the column, if it is about one
	Err    error
}

// Error gives the cause; it shows nothing of the text.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// maxDepth bounds how deep values may be nested that are passed over.
const maxDepth = 1000

// reader goes through a JSON text (RFC 8259).
type reader struct {
	text    []byte
	at      int
	scratch []byte // of the last text with escapes
}

func (r *reader) fail(at int, err error) error {
	var e *Error
	if errors.As(err, &e) {
		return err
	}
	return &Error{Offset: at, Err: err}
}

func (r *reader) failf(format string, args ...any) error {
	return &Error{Offset: r.at, Err: fmt.Errorf(format, args...)}
}

// peek passes over white space and gives the byte behind it, 0 at the end.
func (r *reader) peek() byte {
	for ; r.at < len(r.text); r.at++ {
		switch c := r.text[r.at]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c
		}
	}
	return 0
}

// take goes on behind a character if that is the next one.
func (r *reader) take(c byte) bool {
	if r.peek() != c || c == 0 {
		return false
	}
	r.at++
	return true
}

func (r *reader) expect(c byte) error {
	if !r.take(c) {
		return r.failf("there is no %q", c)
	}
	return nil
}

// end is an error if there is more than white space.
func (r *reader) end() error {
	if r.peek(); r.at < len(r.text) {
		return r.failf("there is more behind the value")
	}
	return nil
}

// word takes true, false or null.
func (r *reader) word() (string, error) {
	for _, w := range []string{"null", "true", "false"} {
		if len(r.text)-r.at >= len(w) && string(r.text[r.at:r.at+len(w)]) == w {
			r.at += len(w)
			return w, nil
		}
	}
	return "", r.failf("there is no value of JSON")
}

// number takes a number as it stands.
func (r *reader) number() ([]byte, error) {
	start := r.at
	digits := func() bool {
		from := r.at
		for r.at < len(r.text) && r.text[r.at] >= '0' && r.text[r.at] <= '9' {
			r.at++
		}
		return r.at > from
	}
	next := func(any ...byte) bool {
		for _, c := range any {
			if r.at < len(r.text) && r.text[r.at] == c {
				r.at++
				return true
			}
		}
		return false
	}
	next('-')
	ok := next('0') || digits()
	if ok && next('.') {
		ok = digits()
	}
	if ok && next('e', 'E') {
		next('+', '-')
		ok = digits()
	}
	if !ok {
		return nil, r.failf("a number goes on otherwise")
	}
	return r.text[start:r.at], nil
}

// string takes a text without its quotes, which is valid until the next call.
func (r *reader) string() ([]byte, error) {
	r.at++ // the quote
	start := r.at
	escaped := false
	for ; ; r.at++ {
		if r.at >= len(r.text) {
			return nil, r.failf("a text has no end")
		}
		switch c := r.text[r.at]; {
		case c == '"':
			s := r.text[start:r.at]
			if escaped {
				s = r.scratch
			}
			r.at++
			if !utf8.Valid(s) {
				return nil, r.fail(start, errUTF8)
			}
			return s, nil
		case c < ' ':
			return nil, r.failf("a control character within a text; it must be escaped")
		case c == '\\':
			if !escaped {
				escaped = true
				r.scratch = append(r.scratch[:0], r.text[start:r.at]...)
			}
			if err := r.escape(); err != nil {
				return nil, err
			}
		case escaped:
			r.scratch = append(r.scratch, c)
		}
	}
}

var escapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// escape appends what is escaped to scratch, and stops at its last byte.
func (r *reader) escape() error {
	if r.at+1 >= len(r.text) {
		return r.failf("a text has no end")
	}
	c := r.text[r.at+1]
	if c != 'u' {
		if escapes[c] == 0 {
			return r.failf("JSON has no such escape")
		}
		r.scratch = append(r.scratch, escapes[c])
		r.at++
		return nil
	}
	v, ok := r.unicode(r.at)
	if !ok {
		return r.failf("an escape of \\u without four digits")
	}
	width := 6
	if utf16.IsSurrogate(v) {
		low, _ := r.unicode(r.at + 6)
		if v = utf16.DecodeRune(v, low); v == utf8.RuneError {
			return r.failf("half of a pair of surrogates, which is no character")
		}
		width = 12
	}
	r.scratch = utf8.AppendRune(r.scratch, v)
	r.at += width - 1
	return nil
}

func (r *reader) unicode(at int) (rune, bool) {
	if at+6 > len(r.text) || r.text[at] != '\\' || r.text[at+1] != 'u' {
		return 0, false
	}
	v, err := strconv.ParseUint(string(r.text[at+2:at+6]), 16, 16)
	return rune(v), err == nil
}

// skip passes over a value.
func (r *reader) skip() error { return r.skipAt(0) }

func (r *reader) skipAt(depth int) (err error) {
	if depth > maxDepth {
		return r.failf("values are nested more than %d deep", maxDepth)
	}
	switch c := r.peek(); c {
	case '"':
		_, err = r.string()
	case '[', '{':
		err = r.each(c, func([]byte) error { return r.skipAt(depth + 1) })
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		_, err = r.number()
	default:
		_, err = r.word()
	}
	return err
}

// each takes an array or an object; f takes a value. The key, which an array has none of, is valid until f takes anything.
func (r *reader) each(open byte, f func(key []byte) error) error {
	if err := r.expect(open); err != nil {
		return err
	}
	end := open + 2 // [ and ], { and }
	if r.take(end) {
		return nil
	}
	for {
		var key []byte
		if open == '{' {
			if r.peek() != '"' {
				return r.failf("there is no key in quotes")
			}
			var err error
			if key, err = r.string(); err != nil {
				return err
			}
			if err = r.expect(':'); err != nil {
				return err
			}
		}
		if err := f(key); err != nil {
			return err
		}
		if r.take(end) {
			return nil
		}
		if !r.take(',') {
			return r.failf("there is neither , nor %q", end)
		}
	}
}

// Keys calls f with every key of the object that a text is. What is not JSON is an [*Error].
func Keys(text []byte, f func(key []byte)) error {
	r := reader{text: text}
	err := r.each('{', func(key []byte) error {
		f(key)
		return r.skip()
	})
	if err == nil {
		err = r.end()
	}
	return err
}
