package parquet

import (
	"errors"
	"fmt"

	"github.com/parquet-go/parquet-go"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/cqltext"
	"github.com/rxcql/rxcql/internal/decode"
)

// shredder takes rows apart (Melnik et al., "Dremel: Interactive Analysis of Web-Scale Datasets", 2010): each value goes
// to its column with the level down to which it is defined, and the level at which it repeats.
type shredder struct {
	columns [][]parquet.Value // by leaf
	row     parquet.Row
}

// levels are those of what is being taken apart.
type levels struct {
	repetition int // of the next value
	depth      int // how many lists it is in
	definition int
}

var errNullKey = errors.New("a map has a null for a key")

// shred takes a cell apart; rep is the level at which it repeats.
func (d *shredder) shred(s *shape, cell []byte, at levels) error {
	if cqltext.IsNull(&s.t, cell) {
		if s.required {
			return errNullKey
		}
		d.null(s, at)
		return nil
	}
	if !s.required {
		at.definition++
	}
	if s.leaf != nil {
		v, err := s.leaf.of(s.t, cell)
		d.put(s.first, v, at)
		return err
	}
	parts, err := decode.PartsOf(s.t, cell)
	if err != nil {
		return err
	}
	if s.t.Kind == cql.Tuple || s.t.Kind == cql.UDT {
		return d.group(s, parts, at)
	}
	return d.repeated(s, parts, at)
}

func (d *shredder) group(s *shape, parts decode.Parts, at levels) error {
	for i, p := range s.parts {
		part, _, err := parts.Next() // null for those that are missing at the end
		if err == nil {
			err = d.shred(p, part, at)
		}
		if err != nil {
			return fmt.Errorf("part %d: %w", i, err)
		}
	}
	_, _, err := parts.Next()
	return err
}

// repeated takes a list or a map apart.
func (d *shredder) repeated(s *shape, parts decode.Parts, at levels) error {
	inside := levels{repetition: at.repetition, depth: at.depth + 1, definition: at.definition + 1}
	for i := 0; ; i++ {
		part, ok, err := parts.Next()
		if err != nil {
			return fmt.Errorf("part %d: %w", i, err)
		}
		if !ok {
			if i == 0 {
				d.null(s, at) // defined, and empty
			}
			return nil
		}
		if i >= len(s.parts) {
			inside.repetition = inside.depth
		}
		if err := d.shred(s.parts[i%len(s.parts)], part, inside); err != nil {
			return fmt.Errorf("part %d: %w", i, err)
		}
	}
}

// null puts a null in all columns of a shape.
func (d *shredder) null(s *shape, at levels) {
	for i := range s.leaves {
		d.put(s.first+i, parquet.NullValue(), at)
	}
}

func (d *shredder) put(leaf int, v parquet.Value, at levels) {
	d.columns[leaf] = append(d.columns[leaf], v.Level(at.repetition, at.definition, leaf))
}

// shredRow takes a row apart; it is valid until the next call.
func (d *shredder) shredRow(shapes []*shape, columns []cql.Column, cell func(i int) []byte) (parquet.Row, error) {
	for i := range d.columns {
		d.columns[i] = d.columns[i][:0]
	}
	for i, s := range shapes {
		if err := d.shred(s, cell(i), levels{}); err != nil {
			return nil, fmt.Errorf("column %q: %w", columns[i].Name, err)
		}
	}
	d.row = parquet.AppendRow(d.row[:0], d.columns...)
	return d.row, nil
}
