package cqltext

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/vint"
)

// reader goes through the text of a value with others inside.
type reader struct {
	text string
	at   int
	null string
}

func parseNested(dst []byte, t *cql.Type, text, null string) ([]byte, error) {
	r := reader{text: text, null: null}
	dst, err := r.nested(dst, t)
	if r.space(); err == nil && r.at < len(text) {
		err = fmt.Errorf("there is more behind the end of the %v", t.Kind)
	}
	return dst, err
}

func (r *reader) space() {
	for r.at < len(r.text) && strings.IndexByte(" \t\r\n", r.text[r.at]) >= 0 {
		r.at++
	}
}

// take goes on behind a character, if that is the next one.
func (r *reader) take(c byte) bool {
	r.space()
	if r.at < len(r.text) && r.text[r.at] == c {
		r.at++
		return true
	}
	return false
}

// nested reads a value with others inside.
func (r *reader) nested(dst []byte, t *cql.Type) ([]byte, error) {
	switch t.Kind {
	case cql.Vector:
		return r.vector(dst, t)
	case cql.Tuple:
		return r.tuple(dst, t)
	case cql.UDT:
		return r.udt(dst, t)
	case cql.Map:
		return r.counted(dst, t, '{', '}', func(dst []byte, i int) (_ []byte, err error) {
			if dst, err = r.part(dst, &t.Elems[0], ":"); err != nil {
				return dst, err
			}
			if !r.take(':') {
				return dst, errors.New("there is no colon behind the key")
			}
			return r.part(dst, &t.Elems[1], ",}")
		})
	case cql.Set:
		return r.counted(dst, t, '{', '}', func(dst []byte, i int) ([]byte, error) { return r.part(dst, &t.Elems[0], ",}") })
	default:
		return r.counted(dst, t, '[', ']', func(dst []byte, i int) ([]byte, error) { return r.part(dst, &t.Elems[0], ",]") })
	}
}

// each reads what is between brackets, with commas between them, and tells how many there were.
func (r *reader) each(t *cql.Type, open, end byte, one func(i int) error) (n int, err error) {
	if !r.take(open) {
		return 0, fmt.Errorf("a %v begins with %c", t.Kind, open)
	}
	if r.take(end) {
		return 0, nil
	}
	for n = 0; ; n++ {
		if err := one(n); err != nil {
			return n, fmt.Errorf("element %d: %w", n, err)
		}
		if r.take(end) {
			return n + 1, nil
		}
		if !r.take(',') {
			return n, fmt.Errorf("element %d: there is neither a comma nor %c behind it", n, end)
		}
	}
}

// counted reads the elements or entries of a collection, whose number stands in front of them.
func (r *reader) counted(dst []byte, t *cql.Type, open, end byte, one func(dst []byte, i int) ([]byte, error)) ([]byte, error) {
	at := len(dst)
	dst = append(dst, 0, 0, 0, 0)
	n, err := r.each(t, open, end, func(i int) (err error) {
		dst, err = one(dst, i)
		return err
	})
	if err == nil && n > math.MaxInt32 {
		err = errRange
	}
	binary.BigEndian.PutUint32(dst[at:], uint32(n))
	return dst, err
}

// part reads a part, which ends in front of one of some characters, and appends it with its length in front of it.
func (r *reader) part(dst []byte, t *cql.Type, ends string) ([]byte, error) {
	at := len(dst)
	dst, null, err := r.value(append(dst, 0xff, 0xff, 0xff, 0xff), t, ends) // the length of null is -1
	if err != nil || null {
		return dst, err
	}
	n := len(dst) - at - 4
	if n > math.MaxInt32 {
		return dst, errRange
	}
	binary.BigEndian.PutUint32(dst[at:], uint32(n))
	return dst, nil
}

// value reads a value inside of another.
func (r *reader) value(dst []byte, t *cql.Type, ends string) (_ []byte, null bool, err error) {
	r.space()
	if isNested(t.Kind) && r.at < len(r.text) && strings.IndexByte("[{(", r.text[r.at]) >= 0 {
		dst, err = r.nested(dst, t)
		return dst, false, err
	}
	text, quoted, err := r.word(ends)
	switch {
	case err != nil:
	case !quoted && isNullWord(text, r.null):
		return dst, true, nil
	case isNested(t.Kind):
		err = fmt.Errorf("it is no %v", t.Kind)
	default:
		dst, err = parseScalar(dst, t, text)
	}
	return dst, false, err
}

var (
	errOpenQuote    = errors.New("a quote is not closed")
	errNullInVector = errors.New("an element of a vector cannot be null")
)

// word takes what is next: what is in single quotes, or else what there is up to one of the ends.
func (r *reader) word(ends string) (text string, quoted bool, err error) {
	rest := r.text[r.at:]
	if rest == "" || rest[0] != '\'' {
		if end := strings.IndexAny(rest, ends); end >= 0 {
			rest = rest[:end]
		}
		r.at += len(rest)
		return strings.TrimRight(rest, " \t\r\n"), false, nil
	}
	text, n, ok := unquote(rest)
	if !ok {
		return "", true, errOpenQuote
	}
	r.at += n
	return text, true, nil
}

// unquote reads the quoted text that s starts with, and gives how long that is.
func unquote(s string) (text string, n int, ok bool) {
	doubled := false
	for n = 1; n < len(s); n++ {
		if s[n] != s[0] {
			continue
		}
		if n+1 < len(s) && s[n+1] == s[0] {
			doubled = true
			n++
			continue
		}
		if text = s[1:n]; doubled {
			text = strings.ReplaceAll(text, s[:1]+s[:1], s[:1])
		}
		return text, n + 1, true
	}
	return "", 0, false
}

// vector reads as many elements as the type has: with lengths of variable length, or with none if they are all the same.
func (r *reader) vector(dst []byte, t *cql.Type) ([]byte, error) {
	elem, width := &t.Elems[0], t.Elems[0].FixedWidth()
	var scratch []byte
	n, err := r.each(t, '[', ']', func(i int) error {
		if i == t.Dimensions {
			return fmt.Errorf("%v has no more elements", t)
		}
		var null bool
		var err error
		if width > 0 {
			dst, null, err = r.value(dst, elem, ",]")
		} else if scratch, null, err = r.value(scratch[:0], elem, ",]"); err == nil {
			dst = append(vint.Append(dst, uint64(len(scratch))), scratch...)
		}
		if err == nil && null {
			err = errNullInVector
		}
		return err
	})
	if err == nil && n != t.Dimensions {
		err = fmt.Errorf("%v has %d elements, not %d", t, t.Dimensions, n)
	}
	return dst, err
}

// tuple reads as many elements as there are; those that are missing at the end stay so.
func (r *reader) tuple(dst []byte, t *cql.Type) ([]byte, error) {
	_, err := r.each(t, '(', ')', func(i int) (err error) {
		if i == len(t.Elems) {
			return fmt.Errorf("%v has no more elements", t)
		}
		dst, err = r.part(dst, &t.Elems[i], ",)")
		return err
	})
	return dst, err
}

// udt reads fields by their names. Those that are missing are null, at the end they stay missing.
func (r *reader) udt(dst []byte, t *cql.Type) ([]byte, error) {
	start := len(dst)
	inOrder := true
	var fields [][2]int // where in dst each one is, by the type's order
	_, err := r.each(t, '{', '}', func(i int) error {
		f, err := r.field(t)
		if err != nil {
			return err
		}
		for len(fields) <= f {
			fields = append(fields, [2]int{})
		}
		if fields[f][1] != 0 {
			return errors.New("the field is there twice")
		}
		inOrder = inOrder && f == i
		at := len(dst)
		dst, err = r.part(dst, &t.Elems[f], ",}")
		fields[f] = [2]int{at, len(dst)}
		return err
	})
	if err != nil || inOrder {
		return dst, err
	}
	found := slices.Clone(dst[start:])
	dst = dst[:start]
	for _, f := range fields {
		if f[1] == 0 {
			dst = append(dst, 0xff, 0xff, 0xff, 0xff)
		} else {
			dst = append(dst, found[f[0]-start:f[1]-start]...)
		}
	}
	return dst, nil
}

// field reads the name of a field and the colon behind it.
func (r *reader) field(t *cql.Type) (int, error) {
	r.space()
	var name string
	if rest := r.text[r.at:]; rest != "" && (rest[0] == '"' || rest[0] == '\'') {
		text, n, ok := unquote(rest)
		if !ok {
			return 0, errOpenQuote
		}
		name = text
		r.at += n
	} else {
		name, _, _ = strings.Cut(rest, ":")
		r.at += len(name)
		name = strings.TrimRight(name, " \t\r\n")
	}
	if !r.take(':') {
		return 0, errors.New("there is no colon behind the field's name")
	}
	f := slices.Index(t.Fields, name)
	if f < 0 {
		f = slices.Index(t.Fields, strings.ToLower(name)) // as CQL has it for names without quotes
	}
	if f < 0 {
		return 0, fmt.Errorf("%v has no such field", t)
	}
	return f, nil
}
