package source

import (
	"bytes"
	"errors"
	"io"
	"unsafe"
)

// csvRecords takes a text apart into records and these into fields. Unlike encoding/csv it tells "" from nothing, keeps
// a CR in front of an LF inside of quotes, bounds what it holds, and goes on behind a record that is none.
type csvRecords struct {
	text io.Reader // never gives nothing without an error, as a textReader
	max  int       // bytes of a record

	delimiter, quote, escape byte

	held   []byte // of the text: what was read of it and not yet taken
	from   int    // in held: where the record starts
	failed error  // of reading: io.EOF at the end

	at, end Position // of the record
	size    int      // of the record in held
	fields  []csvSpan
	scratch []byte // a value in which characters stood for others
}

// csvSpan is a field, by its place in the record.
type csvSpan struct {
	from, to int // of the value, without quotes
	quoted   bool
	escaped  bool // characters in it stand for others
}

// csvFault is what is wrong with a record, at a byte of it.
type csvFault struct {
	at  int
	err error
}

func (f *csvFault) Error() string { return f.err.Error() }

var (
	errBareQuote  = errors.New("there is a quote in a field that does not begin with one; it belongs in quotes, and doubled")
	errAfterQuote = errors.New("there is neither a delimiter nor the end of the line behind the quote that closes the field")
	errUnclosed   = errors.New("the quote that the field begins with is not closed")
	errStray      = errors.New("the quote that the field begins with is closed in another line, in the midst of a field; is it a stray one?")
	errLong       = errors.New("the record is longer than MaxLine")
)

var byteOrderMark = []byte("\ufeff")

// record is the text of the record, with its end; of one that is too long, the start.
func (c *csvRecords) record() []byte { return c.held[c.from:][:min(c.size, c.max)] }

// next takes the next record: io.EOF if there is none; a *csvFault if it is none, behind which it goes on.
func (c *csvRecords) next() error {
	c.from += c.size
	c.at, c.size, c.fields = c.end, 0, c.fields[:0]
	if c.at.Offset == 0 && c.has(2) && bytes.HasPrefix(c.held[c.from:], byteOrderMark) {
		c.from += len(byteOrderMark)
		c.at.Offset += int64(len(byteOrderMark))
		c.end = c.at
	}
	if !c.has(0) {
		return c.failed
	}
	for i := 0; ; i++ {
		var fault *csvFault
		i, fault = c.field(i)
		more := c.has(i)
		switch {
		case !more && c.failed != nil && c.failed != io.EOF:
			return c.failed // so what is held may be half a record
		case i > c.max:
			return c.long()
		case fault != nil:
			c.cut(fault.at) // what follows may be sound
			return fault
		case more && c.held[c.from+i] != '\n':
			continue
		case more:
			c.take(i+1, 0)
		default: // the last line lacks its end
			c.take(i, 0)
		}
		if c.size > c.max {
			return c.long()
		}
		return nil
	}
}

// long ends a record that is too long with its first line.
func (c *csvRecords) long() error {
	c.cut(0)
	return &csvFault{0, errLong}
}

// has tells whether there is an i-th byte of the record, which then is held.
func (c *csvRecords) has(i int) bool {
	for c.from+i >= len(c.held) {
		if !c.fill() {
			return false
		}
	}
	return true
}

// fill reads more of the text; false if there is none, or no room for it.
func (c *csvRecords) fill() bool {
	if c.failed != nil || len(c.held)-c.from > c.max {
		return false
	}
	if c.from > 0 && len(c.held) == cap(c.held) {
		c.held = c.held[:copy(c.held, c.held[c.from:])]
		c.from = 0
	}
	if len(c.held) == cap(c.held) {
		c.held = append(make([]byte, 0, max(64<<10, 2*cap(c.held))), c.held...)
	}
	n, err := c.text.Read(c.held[len(c.held):cap(c.held)])
	c.held, c.failed = c.held[:len(c.held)+n], err
	return n > 0
}

// field takes the field that starts at a byte of the record, and gives where it ends: at a delimiter, the end of the line,
// or where there is no more.
func (c *csvRecords) field(i int) (end int, _ *csvFault) {
	if c.has(i) && c.held[c.from+i] == c.quote {
		return c.quoted(i)
	}
	f := csvSpan{from: i}
	for c.has(i) {
		text := c.held[c.from:]
		for ; i < len(text); i++ {
			switch text[i] {
			case c.quote:
				return i, &csvFault{i, errBareQuote}
			case c.escape:
				f.escaped = true
				i++
			case '\n':
				if f.to = i; i > f.from && text[i-1] == '\r' {
					f.to--
				}
				c.fields = append(c.fields, f)
				return i, nil
			case c.delimiter:
				f.to = i
				c.fields = append(c.fields, f)
				return i, nil
			}
		}
	}
	i = min(i, len(c.held)-c.from)
	if f.to = i; i > f.from && c.held[c.from+i-1] == '\r' {
		f.to--
	}
	c.fields = append(c.fields, f)
	return i, nil
}

// quoted takes a field in quotes.
func (c *csvRecords) quoted(open int) (end int, _ *csvFault) {
	f := csvSpan{from: open + 1, quoted: true}
	i := f.from
	for {
		if !c.has(i) {
			return min(i, len(c.held)-c.from), &csvFault{open, errUnclosed}
		}
		b := c.held[c.from+i]
		if b != c.quote && b != c.escape {
			rest := c.held[c.from+i:]
			if n := bytes.IndexByte(rest, c.quote); n >= 0 {
				rest = rest[:n]
			}
			if n := bytes.IndexByte(rest, c.escape); n >= 0 {
				rest = rest[:n]
			}
			i += len(rest)
			continue
		}
		if b == c.escape && (b != c.quote || c.has(i+1) && c.held[c.from+i+1] == c.quote) {
			f.escaped = true
			i += 2
			continue
		}
		break
	}
	f.to = i
	c.fields = append(c.fields, f)
	i++
	if c.has(i) && c.held[c.from+i] == '\r' && (!c.has(i+1) || c.held[c.from+i+1] == '\n') {
		i++
	}
	if c.has(i) && c.held[c.from+i] != '\n' && c.held[c.from+i] != c.delimiter {
		if bytes.IndexByte(c.held[c.from+open:c.from+i], '\n') >= 0 {
			return i, &csvFault{open, errStray}
		}
		return i, &csvFault{i, errAfterQuote}
	}
	return i, nil
}

// value gives the value of a field. It is valid until the next call.
func (c *csvRecords) value(f csvSpan) string {
	b := c.held[c.from+f.from : c.from+f.to]
	if f.escaped {
		c.scratch = c.scratch[:0]
		for i := 0; i < len(b); i++ {
			if b[i] == c.escape && i+1 < len(b) {
				i++
			}
			c.scratch = append(c.scratch, b[i])
		}
		b = c.scratch
	}
	return unsafe.String(unsafe.SliceData(b), len(b))
}

// take ends the record after so many bytes that are held, and some that are not.
func (c *csvRecords) take(size int, dropped int64) {
	c.size = size
	c.end.Offset = c.at.Offset + int64(size) + dropped
	c.end.Line = c.at.Line + int64(bytes.Count(c.held[c.from:c.from+size], []byte{'\n'}))
	if dropped > 0 {
		c.end.Line++
	}
}

// cut ends a record that is none with the line that a byte of it is in. What is too long of that is dropped.
func (c *csvRecords) cut(i int) {
	for c.has(i) {
		if n := bytes.IndexByte(c.held[c.from+i:], '\n'); n >= 0 {
			c.take(i+n+1, 0)
			return
		}
		i = len(c.held) - c.from
	}
	i = len(c.held) - c.from
	dropped := int64(0)
	for room := make([]byte, 64<<10); c.failed == nil; {
		var n int
		n, c.failed = c.text.Read(room)
		if end := bytes.IndexByte(room[:n], '\n'); end >= 0 {
			c.held = append(c.held, room[end+1:n]...)
			dropped += int64(end) + 1
			break
		}
		dropped += int64(n)
	}
	c.take(i, dropped)
}

// skip goes on towards a position, by so many bytes at most, and gives how many are left.
func (c *csvRecords) skip(to Position, most int64) (left int64, err error) {
	if left = to.Offset - c.end.Offset; left <= 0 {
		return 0, nil
	}
	c.from += c.size
	c.size = 0
	if !c.has(0) {
		return left, c.failed
	}
	n := min(left, most, int64(len(c.held)-c.from))
	c.from += int(n)
	c.end.Offset += n
	if left -= n; left == 0 {
		c.end = to
	}
	c.at = c.end
	return left, nil
}
