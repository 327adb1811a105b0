package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/parquet-go/parquet-go"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/vint"
)

// assembler puts rows together again: the reverse of shredder.
type assembler struct {
	columns [][]parquet.Value // by leaf: those that are left of a row
}

var errLevels = errors.New("the levels of the file's values do not fit its schema")

func (a *assembler) split(row parquet.Row, leaves int) error {
	if a.columns == nil {
		a.columns = make([][]parquet.Value, leaves)
	}
	clear(a.columns)
	for len(row) > 0 {
		c, n := row[0].Column(), 1
		for n < len(row) && row[n].Column() == c {
			n++
		}
		if c < 0 || c >= leaves || a.columns[c] != nil {
			return errLevels
		}
		a.columns[c], row = row[:n], row[n:]
	}
	return nil
}

// peek gives the level to which the next value is defined; -1 if there is none.
func (a *assembler) peek(s *shape) int {
	if c := a.columns[s.first]; len(c) > 0 {
		return c[0].DefinitionLevel()
	}
	return -1
}

// skip passes over a value in all columns of a shape.
func (a *assembler) skip(s *shape) error {
	for i := s.first; i < s.first+s.leaves; i++ {
		if len(a.columns[i]) == 0 {
			return errLevels
		}
		a.columns[i] = a.columns[i][1:]
	}
	return nil
}

// cell appends the next cell of a shape.
func (a *assembler) cell(dst []byte, s *shape, at levels) (_ []byte, null bool, err error) {
	level := a.peek(s)
	if level < at.definition {
		return dst, false, errLevels
	}
	if !s.required {
		if level == at.definition {
			return dst, true, a.skip(s)
		}
		at.definition++
	}
	switch {
	case s.leaf != nil:
		dst, err = s.leaf.cell(dst, a.columns[s.first][0])
		a.columns[s.first] = a.columns[s.first][1:]
	case s.t.Kind == cql.Tuple, s.t.Kind == cql.UDT:
		for _, p := range s.parts {
			if dst, err = a.part(dst, p, at); err != nil {
				break
			}
		}
	case s.t.Kind == cql.Vector:
		dst, err = a.vector(dst, s, at)
	default:
		count := len(dst)
		var n uint32
		dst = append(dst, 0, 0, 0, 0)
		err = a.each(s, at, func(inside levels) (err error) {
			n++
			for _, p := range s.parts {
				if dst, err = a.part(dst, p, inside); err != nil {
					break
				}
			}
			return err
		})
		binary.BigEndian.PutUint32(dst[count:], n)
	}
	return dst, false, err
}

// each calls f for every element of a list or entry of a map.
func (a *assembler) each(s *shape, at levels, f func(levels) error) error {
	if a.peek(s) == at.definition {
		return a.skip(s) // empty
	}
	inside := levels{depth: at.depth + 1, definition: at.definition + 1}
	for {
		before := len(a.columns[s.first])
		if err := f(inside); err != nil {
			return err
		}
		left := a.columns[s.first]
		if len(left) == before {
			return errLevels
		}
		if len(left) == 0 || left[0].RepetitionLevel() < inside.depth {
			return nil
		}
	}
}

// part appends a value with its length in front of it, which is -1 for null.
func (a *assembler) part(dst []byte, s *shape, at levels) ([]byte, error) {
	start := len(dst)
	dst, null, err := a.cell(append(dst, 0xff, 0xff, 0xff, 0xff), s, at)
	if err != nil || null {
		return dst, err
	}
	n := len(dst) - start - 4
	if n > math.MaxInt32 {
		return dst, errors.New("a value of more than 2 GiB")
	}
	binary.BigEndian.PutUint32(dst[start:], uint32(n))
	return dst, nil
}

func (a *assembler) vector(dst []byte, s *shape, at levels) ([]byte, error) {
	width, n := s.parts[0].t.FixedWidth(), 0
	var elem []byte
	err := a.each(s, at, func(inside levels) (err error) {
		n++
		null := false
		if elem, null, err = a.cell(elem[:0], s.parts[0], inside); err == nil && null {
			// The server has no null here; what was written as one had no bytes.
			if elem = elem[:0]; width > 0 {
				err = errors.New("an element of a vector is null")
			}
		}
		if width == 0 {
			dst = vint.Append(dst, uint64(len(elem)))
		}
		dst = append(dst, elem...)
		return err
	})
	if err == nil && n != s.t.Dimensions {
		err = fmt.Errorf("a %v has %d elements", s.t, n)
	}
	return dst, err
}

// assembleRow appends the cells of a row to cells.
func (a *assembler) assembleRow(row parquet.Row, shapes []*shape, columns []cql.Column, cells [][]byte) error {
	last := shapes[len(shapes)-1]
	if err := a.split(row, last.first+last.leaves); err != nil {
		return err
	}
	for i, s := range shapes {
		cell, null, err := a.cell([]byte{}, s, levels{})
		if err != nil {
			return fmt.Errorf("column %q: %w", columns[i].Name, err)
		}
		if cells[i] = cell; null {
			cells[i] = nil
		}
	}
	return nil
}
