package cqljson

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/cqltext"
	"github.com/rxcql/rxcql/internal/vint"
)

// Parse appends the cell of type t that a JSON text stands for; null tells that there is none. What is wrong is an
// [*Error].
func Parse(dst []byte, t *cql.Type, text []byte) (_ []byte, null bool, err error) {
	r := reader{text: text}
	if dst, null, err = r.value(dst, t); err == nil {
		err = r.end()
	}
	return dst, null, err
}

// value appends the cell of the next value.
func (r *reader) value(dst []byte, t *cql.Type) (_ []byte, null bool, err error) {
	c := r.peek()
	start := r.at
	switch c {
	case '"':
		var s []byte
		if s, err = r.string(); err == nil {
			dst, err = r.fromText(dst, t, string(s))
		}
	case '[', '{':
		dst, err = r.nested(dst, t, c)
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		var s []byte
		if s, err = r.number(); err == nil {
			dst, err = fromNumber(dst, t, string(s))
		}
	default:
		var w string
		if w, err = r.word(); err == nil && w == "null" {
			return dst, true, nil
		}
		if err == nil && t.Kind != cql.Boolean {
			err = unfit(w, t)
		}
		if err == nil {
			dst = append(dst, w[0]&^0x20/'T') // 1 for true, 0 for false
		}
	}
	if err != nil {
		err = r.fail(start, err)
	}
	return dst, false, err
}

func unfit(what string, t *cql.Type) error { return fmt.Errorf("%s is no %v", what, t) }

func fromNumber(dst []byte, t *cql.Type, s string) ([]byte, error) {
	switch t.Kind {
	case cql.Tinyint, cql.Smallint, cql.Int, cql.Bigint, cql.Counter, cql.Varint, cql.Decimal, cql.Float, cql.Double, cql.Timestamp:
		return cqltext.AppendCell(dst, t, s, "")
	}
	return dst, unfit("a number", t)
}

// fromText reads what is in quotes: a text, or the text of anything else.
func (r *reader) fromText(dst []byte, t *cql.Type, s string) ([]byte, error) {
	switch {
	case s != "":
	case hasEmpty(t.Kind):
		return dst, nil
	case t.Kind == cql.Duration: // of zero, as SELECT JSON has it
		return append(dst, 0, 0, 0), nil
	}
	switch t.Kind {
	case cql.List, cql.Set, cql.Map, cql.Tuple, cql.UDT, cql.Vector:
		in := reader{text: []byte(s)}
		c := in.peek()
		dst, err := in.nested(dst, t, c)
		if err == nil {
			err = in.end()
		}
		if err != nil {
			return dst, fmt.Errorf("the JSON in quotes: %s", err) // its offset is not the text's
		}
		return dst, nil
	case cql.Date:
		if day, err := strconv.ParseUint(s, 10, 32); err == nil { // as the server counts them
			return binary.BigEndian.AppendUint32(dst, uint32(day)), nil
		}
	}
	return cqltext.AppendCell(dst, t, s, "")
}

var (
	errMany  = errors.New("a value of more than 2 GiB")
	errNulls = errors.New("an element of a vector is null")
)

// nested reads a value with others inside, of which c is the first character.
func (r *reader) nested(dst []byte, t *cql.Type, c byte) ([]byte, error) {
	want := byte('[')
	switch t.Kind {
	case cql.Map, cql.UDT:
		want = '{'
	case cql.List, cql.Set, cql.Tuple, cql.Vector:
	default:
		return dst, unfit(map[byte]string{'[': "an array", '{': "an object"}[c], t)
	}
	if c != want {
		return dst, fmt.Errorf("a %v begins with %c", t.Kind, want)
	}
	switch t.Kind {
	case cql.Tuple:
		return r.tuple(dst, t)
	case cql.UDT:
		return r.udt(dst, t)
	case cql.Vector:
		return r.vector(dst, t)
	}
	return r.collection(dst, t, want)
}

func (r *reader) collection(dst []byte, t *cql.Type, open byte) ([]byte, error) {
	count, n := len(dst), uint32(0)
	dst = append(dst, 0, 0, 0, 0)
	elem := &t.Elems[len(t.Elems)-1]
	err := r.each(open, func(key []byte) (err error) {
		n++
		if open == '{' {
			at := len(dst)
			dst = append(dst, 0, 0, 0, 0)
			if dst, err = r.fromText(dst, &t.Elems[0], string(key)); err != nil {
				return r.fail(r.at, fmt.Errorf("a key: %w", err))
			}
			if err = patch(dst, at); err != nil {
				return err
			}
		}
		dst, err = r.part(dst, elem)
		return err
	})
	binary.BigEndian.PutUint32(dst[count:], n)
	return dst, err
}

// part appends a value with its length in front of it, which is -1 for null.
func (r *reader) part(dst []byte, t *cql.Type) ([]byte, error) {
	at := len(dst)
	dst, null, err := r.value(append(dst, 0xff, 0xff, 0xff, 0xff), t)
	if err != nil || null {
		return dst, err
	}
	return dst, patch(dst, at)
}

// patch writes the length of what is behind it.
func patch(dst []byte, at int) error {
	n := len(dst) - at - 4
	if n > math.MaxInt32 {
		return errMany
	}
	binary.BigEndian.PutUint32(dst[at:], uint32(n))
	return nil
}

func (r *reader) vector(dst []byte, t *cql.Type) ([]byte, error) {
	elem := &t.Elems[0]
	width, n := elem.FixedWidth(), 0
	var scratch []byte
	err := r.each('[', func([]byte) (err error) {
		r.peek()
		if n++; n > t.Dimensions {
			return r.failf("a %v has more than %d elements", t, t.Dimensions)
		}
		start, null := r.at, false
		if scratch, null, err = r.value(scratch[:0], elem); err == nil && null {
			err = r.fail(start, errNulls)
		}
		if err == nil && width > 0 && len(scratch) != width {
			err = r.fail(start, errors.New("an element of a vector is empty"))
		}
		if width == 0 {
			dst = vint.Append(dst, uint64(len(scratch)))
		}
		dst = append(dst, scratch...)
		return err
	})
	if err == nil && n < t.Dimensions {
		err = fmt.Errorf("a %v has %d elements", t, n)
	}
	return dst, err
}

func (r *reader) tuple(dst []byte, t *cql.Type) ([]byte, error) {
	i := 0
	err := r.each('[', func([]byte) (err error) {
		if r.peek(); i == len(t.Elems) {
			return r.failf("a %v has more than %d elements", t, i)
		}
		dst, err = r.part(dst, &t.Elems[i])
		i++
		return err
	})
	return dst, err
}

// udt reads the fields in any order. One that is left out is null, or, if none of those behind it is there, not there.
func (r *reader) udt(dst []byte, t *cql.Type) ([]byte, error) {
	var block []byte
	ends := make([][2]int, len(t.Fields)) // where in block a field is, with its length
	last := -1
	err := r.each('{', func(key []byte) (err error) {
		name := nameOf(string(key))
		for i, f := range t.Fields {
			if f != name {
				continue
			}
			if ends[i][1] > 0 {
				return r.failf("field %q comes twice", f)
			}
			start := len(block)
			if block, err = r.part(block, &t.Elems[i]); err != nil {
				return err
			}
			ends[i], last = [2]int{start, len(block)}, max(last, i)
			return nil
		}
		return r.failf("%v has no such field", t)
	})
	for _, e := range ends[:last+1] {
		if e[1] == 0 {
			dst = append(dst, 0xff, 0xff, 0xff, 0xff)
		}
		dst = append(dst, block[e[0]:e[1]]...)
	}
	return dst, err
}
