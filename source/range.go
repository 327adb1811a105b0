package source

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/ring"
)

// Range is a part of a table: the partitions whose tokens are greater than Start and not greater than End. It never
// wraps around the ring. It can be stored and sent, as JSON for example, and read by whatever worker gets it, with
// [Scan.Ranges]: so another engine can hand the parts of a table out.
//
// A Cursor belongs to its table, the columns that are read (named by [Scan.Columns], in their order; the order of a
// struct's fields is of no account), the condition with its arguments, and Start; used with any other it is refused with
// [ErrBadState]. End may be moved, but not before the cursor; not at all when the cursor stands
// in a partition that could be read only in parts, which is then the last of the range.
type Range struct {
	Start  int64  `json:"start,string"`
	End    int64  `json:"end,string"`
	Cursor []byte `json:"cursor,omitempty"` // where to go on; none is at Start. It holds key values: treat it as data
}

// Share is the part of the ring between Start and End, from 0 to 1. Tokens are spread evenly over the ring, so it tells
// about how much of a table is in the range.
func (r Range) Share() float64 { return r.bounds().Share() }

// String gives the bounds, not the cursor.
func (r Range) String() string { return fmt.Sprintf("(%d, %d]", r.Start, r.End) }

func (r Range) bounds() ring.Range { return ring.Range{Start: r.Start, End: r.End} }

// cursor is a place in a range: behind a row that was read.
type cursor struct {
	state []byte  // the server's; nil at the start of the range, and perhaps of a slice
	token int64   // of that row's partition, or the range's start
	rest  []slice // that are left, if the token is read in slices; the state is in the last of them
}

// cursorVersion is how cursors are written.
const cursorVersion = 2

// cursors makes the marks of a scan's cursors. A table that was made anew is another one.
type cursors struct {
	statement  cql.Statement
	clustering int // how many columns
}

func newCursors(table cql.Table, statement cql.Statement) (cursors, error) {
	if _, err := canonicalArguments(statement.Args); err != nil {
		return cursors{}, err
	}
	statement.Args = append([]any{cursorVersion, table.ID}, statement.Args...)
	c := cursors{statement: statement}
	for _, column := range table.Columns {
		if column.Kind == cql.Clustering {
			c.clustering++
		}
	}
	return c, nil
}

// marks are those of a range that starts at a token. Its end is no part of it: it may be moved. They may be used by
// several goroutines.
func (c cursors) marks(start int64) *marks {
	statement := c.statement
	statement.Args = append([]any{start}, statement.Args...)
	m := &marks{statement: &statement}
	_, _ = m.get() // so that it is only read from now on; that the arguments can be told was seen to before
	return m
}

// showCursor makes the cursor that users see: a token, the slices that are left and a state, with the mark of the scan
// and the range.
func showCursor(m *marks, at cursor) []byte {
	if len(at.state) == 0 && at.rest == nil {
		return nil
	}
	var rest []byte
	if at.rest != nil {
		rest, _ = json.Marshal(at.rest) // has nothing that cannot be
	}
	b := binary.BigEndian.AppendUint64(nil, uint64(at.token))
	b = append(binary.AppendUvarint(b, uint64(len(rest))), rest...)
	return m.show(append(b, at.state...))
}

func readCursor(c cursors, m *marks, r Range) (cursor, error) {
	if r.Start >= r.End {
		return cursor{}, fmt.Errorf("source: the range %v is empty; Start must be less than End", r)
	}
	plain, err := m.read(r.Cursor)
	switch {
	case err != nil:
		return cursor{}, &cursorError{r, "is not of this scan"}
	case plain == nil:
		return cursor{token: r.Start}, nil
	}
	at, ok := parseCursor(plain)
	tooDeep := func(s slice) bool { return !s.fits(c.clustering) }
	switch {
	case !ok || slices.ContainsFunc(at.rest, tooDeep):
		return cursor{}, &cursorError{r, "is damaged"}
	case at.token <= r.Start || at.token > r.End:
		return cursor{}, &cursorError{r, fmt.Sprintf("is at %d, outside of it", at.token)}
	case at.rest != nil && at.token != r.End:
		return cursor{}, &cursorError{r, fmt.Sprintf("is among the rows of token %d, which must be its End", at.token)}
	}
	return at, nil
}

func parseCursor(plain []byte) (at cursor, ok bool) {
	if len(plain) < 8 {
		return at, false
	}
	at.token = int64(binary.BigEndian.Uint64(plain))
	plain = plain[8:]
	size, n := binary.Uvarint(plain)
	if n <= 0 || size > uint64(len(plain)-n) {
		return at, false
	}
	rest, state := plain[n:n+int(size)], plain[n+int(size):]
	if len(state) > 0 {
		at.state = state
	}
	if size == 0 {
		return at, at.state != nil
	}
	return at, json.Unmarshal(rest, &at.rest) == nil && len(at.rest) > 0
}
