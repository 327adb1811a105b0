package cql

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/gocql/gocql"
)

// lookUp gives the rows of a query of a system table to f, all from one answer of one node: they are few, and those of
// another node may differ.
func (s *Session) lookUp(ctx context.Context, op string, f func(row cells) error, query string, args ...any) error {
	page, err := s.Fetch(ctx, PageRequest{Statement: Statement{CQL: query, Args: args, Consistency: One}})
	if err != nil {
		return err
	}
	for range page.Len() {
		var row cells
		if row.cells, err = page.Next(); err == nil {
			err = f(row)
		}
		if err != nil {
			return &Error{Op: op, Class: Malformed, Host: page.Host(), Statement: query, Err: err}
		}
	}
	return nil
}

// cells decode a row of a system table, whose types are known. Null reads as nothing. The first that is not what it
// should be is err; the sources' decoder cannot be used here, since it is made of this package.
type cells struct {
	cells [][]byte
	err   error
}

func (c *cells) fail(i int) {
	if c.err == nil {
		c.err = fmt.Errorf("cell %d of the row, % x, is not of its type", i, c.cells[i])
	}
}

func (c *cells) text(i int) string { return string(c.cells[i]) }

func (c *cells) uuid(i int) string {
	id, err := gocql.UUIDFromBytes(c.cells[i])
	if err != nil {
		c.fail(i)
		return ""
	}
	return id.String()
}

// integer reads an int, with size 4, or a bigint, with size 8.
func (c *cells) integer(i, size int) int64 {
	switch cell := c.cells[i]; {
	case cell == nil:
		return 0
	case len(cell) == 4 && size == 4:
		return int64(int32(binary.BigEndian.Uint32(cell)))
	case len(cell) == 8 && size == 8:
		return int64(binary.BigEndian.Uint64(cell))
	}
	c.fail(i)
	return 0
}

// texts reads a set of texts, with one text per element, or a map of text to text, with two.
func (c *cells) texts(i, per int) []string {
	rest := c.cells[i]
	if rest == nil {
		return nil
	}
	// A number of four bytes, then what it counts: elements first, then the bytes of each.
	number := func() (n int, ok bool) {
		if len(rest) < 4 {
			return 0, false
		}
		n = int(int32(binary.BigEndian.Uint32(rest)))
		rest = rest[4:]
		return n, n >= 0 && n <= len(rest)
	}
	n, ok := number()
	var out []string
	for range n * per {
		var size int
		if size, ok = number(); !ok {
			break
		}
		out = append(out, string(rest[:size]))
		rest = rest[size:]
	}
	if !ok || len(rest) > 0 {
		c.fail(i)
		return nil
	}
	return out
}
