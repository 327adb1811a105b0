package cqljson

import (
	"errors"
	"fmt"
	"strings"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/decode"
)

// appendNested appends a value with others inside: as many parts as there are.
func appendNested(dst []byte, t *cql.Type, cell []byte) ([]byte, error) {
	parts, err := decode.PartsOf(*t, cell)
	if err != nil {
		return dst, err
	}
	open, end := byte('['), byte(']')
	if t.Kind == cql.Map || t.Kind == cql.UDT {
		open, end = '{', '}'
	}
	dst = append(dst, open)
	for i := 0; ; i++ {
		part, ok, err := parts.Next()
		if err != nil {
			return dst, fmt.Errorf("part %d: %w", i, err)
		}
		if !ok {
			return append(dst, end), nil
		}
		switch {
		case t.Kind == cql.Map && i%2 == 1:
			dst = append(dst, ": "...)
		case i > 0:
			dst = append(dst, ", "...)
		}
		switch t.Kind {
		case cql.Map:
			if i%2 == 0 {
				dst, err = appendKey(dst, &t.Elems[0], part)
			} else {
				dst, err = Append(dst, &t.Elems[1], part)
			}
		case cql.UDT:
			if dst, err = AppendName(dst, t.Fields[i]); err == nil {
				dst, err = Append(append(dst, ": "...), &t.Elems[i], part)
			}
		case cql.Tuple:
			dst, err = Append(dst, &t.Elems[i], part)
		default:
			dst, err = Append(dst, &t.Elems[0], part)
		}
		if err != nil {
			return dst, fmt.Errorf("part %d: %w", i, err)
		}
	}
}

// appendKey appends a map's key: one that is no text in JSON as the text of its JSON.
func appendKey(dst []byte, t *cql.Type, key []byte) ([]byte, error) {
	if key == nil {
		return dst, errors.New("the key is null, which no key can be in JSON")
	}
	start := len(dst)
	dst, err := Append(dst, t, key)
	if err != nil || dst[start] == '"' {
		return dst, err
	}
	return appendText(dst[:start], string(dst[start:]))
}

// AppendName appends the name of a column or field as a key: in quotes of its own if it has capitals, or quotes already.
func AppendName(dst []byte, name string) ([]byte, error) {
	if name != strings.ToLower(name) || quoted(name) {
		name = `"` + name + `"`
	}
	return appendText(dst, name)
}

// nameOf gives the name that a key stands for.
func nameOf(key string) string {
	if quoted(key) {
		return key[1 : len(key)-1]
	}
	return strings.ToLower(key)
}

func quoted(name string) bool {
	return len(name) >= 2 && name[0] == '"' && name[len(name)-1] == '"'
}
