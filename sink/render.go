package sink

import (
	"encoding/binary"
	"errors"
	"strings"

	"github.com/rxcql/rxcql/cql"
)

// render writes a variant's statement that sets these of its columns. marker writes what stands for a value; nil: a ?.
func (p *plan) render(v *variant, sets []int, marker func(target int) string) string {
	if marker == nil {
		marker = func(int) string { return "?" }
	}
	var using []string
	if p.stamped {
		using = append(using, "TIMESTAMP ?")
	}
	if p.expires {
		using = append(using, "TTL ?")
	}
	clause := ""
	if len(using) > 0 {
		clause = " USING " + strings.Join(using, " AND ")
	}
	var b strings.Builder
	switch p.verb {
	case insert:
		columns, values := make([]string, 0, len(p.targets)), make([]string, 0, len(p.targets))
		for _, list := range [][]int{v.keys, sets} {
			for _, i := range list {
				columns, values = append(columns, cql.Quote(p.targets[i].name)), append(values, marker(i))
			}
		}
		b.WriteString("INSERT INTO " + p.name + " (" + strings.Join(columns, ", ") + ") VALUES (" + strings.Join(values, ", ") + ")")
		if p.ifHolds {
			b.WriteString(" IF NOT EXISTS")
		}
		b.WriteString(clause)
		return b.String()
	case update:
		b.WriteString("UPDATE " + p.name + clause + " SET ")
		for k, i := range sets {
			if k > 0 {
				b.WriteString(", ")
			}
			c := cql.Quote(p.targets[i].name)
			b.WriteString(c + " = ")
			switch p.targets[i].delta {
			case overwrite:
				b.WriteString(marker(i))
			case appendTo:
				b.WriteString(c + " + " + marker(i))
			case prependTo:
				b.WriteString(marker(i) + " + " + c)
			case removeFrom:
				b.WriteString(c + " - " + marker(i))
			}
		}
	case remove:
		b.WriteString("DELETE FROM " + p.name + clause)
	}
	for k, i := range v.keys {
		if k == 0 {
			b.WriteString(" WHERE ")
		} else {
			b.WriteString(" AND ")
		}
		b.WriteString(cql.Quote(p.targets[i].name) + " = " + marker(i))
	}
	if p.ifHolds {
		b.WriteString(" IF EXISTS")
	}
	return b.String()
}

// oneMarker tells whether a value of the type can be bound to a ?. The driver cannot bind a tuple, unless it has one
// element: each of its elements has a marker, and what is null has none.
func oneMarker(t *cql.Type) bool { return t.Kind != cql.Tuple || len(t.Elems) == 1 }

var errTuple = errors.New("the tuple's encoding is malformed")

// spread writes a tuple as CQL does, (?, ?), and gives the cells for its markers.
func spread(c *cql.Cell, args []any) (string, []any, error) {
	if oneMarker(c.Type) {
		return "?", append(args, c), nil
	}
	if c.Bytes == nil {
		return "null", args, nil
	}
	var b strings.Builder
	rest := c.Bytes
	for i := range c.Type.Elems {
		if len(rest) == 0 && i > 0 {
			break // it has fewer elements than its type; those that miss are null
		}
		elem := cql.Cell{Type: &c.Type.Elems[i]}
		if len(rest) > 0 {
			if len(rest) < 4 {
				return "", nil, errTuple
			}
			n := int(int32(binary.BigEndian.Uint32(rest)))
			rest = rest[4:]
			if n > len(rest) {
				return "", nil, errTuple
			}
			if n >= 0 {
				elem.Bytes, rest = rest[:n:n], rest[n:]
			}
		}
		var text string
		var err error
		if text, args, err = spread(&elem, args); err != nil {
			return "", nil, err
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(text)
	}
	if len(rest) > 0 {
		return "", nil, errTuple
	}
	return "(" + b.String() + ")", args, nil
}
