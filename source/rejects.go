package source

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
	"unicode/utf8"

	"github.com/rxcql/rxcql/internal/files"
)

// reject is a line of a file of rejected records.
type reject struct {
	At         time.Time `json:"at"`
	File       string    `json:"file,omitempty"`
	Line       int64     `json:"line"`
	Column     int       `json:"column"`
	ColumnName string    `json:"column_name,omitempty"`
	Reason     string    `json:"reason"`
	Header     *text     `json:"header,omitempty"`
	Record     text      `json:"record"`
}

// text is JSON's string, or, if it is not UTF-8, an object with its bytes in base64.
type text []byte

func (t text) MarshalJSON() ([]byte, error) {
	if !utf8.Valid(t) {
		return json.Marshal(map[string][]byte{"base64": t})
	}
	return readable(string(t))
}

// readable is JSON in which < and such are as they are.
func readable(v any) ([]byte, error) {
	var b bytes.Buffer
	to := json.NewEncoder(&b)
	to.SetEscapeHTML(false)
	err := to.Encode(v)
	return b.Bytes(), err
}

func (t *text) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) == nil {
		*t = text(s)
		return nil
	}
	var raw struct {
		Base64 []byte `json:"base64"`
	}
	err := json.Unmarshal(b, &raw)
	*t = raw.Base64
	return err
}

// RejectFile keeps the records of a text that are no rows in a file, and goes on with the next: the dead letters of
// reading. Each is one JSON object a line, with the time, file, line and column (from 1) of the fault, the name of the
// column if it is one's, the reason, and the record as it is, of CSV with the header.
//
//	readings := source.CSV[Reading](source.File("readings.csv")).OnError(source.RejectFile("rejected.jsonl")).Rows()
//
// [Rejects] reads the records back, once they are corrected.
//
// The file, which holds data, is made with mode 0600 when there is a first record, and otherwise gone on with. Each record
// is on disk before the next one is read, so a file system that takes a millisecond for that rejects 1,000 a second. A
// function around it may count what is rejected, and give up.
func RejectFile(path string) OnTextError {
	return func(_ context.Context, e *TextError) error {
		r := reject{
			At: time.Now().UTC(), File: e.File, Line: e.Line, Column: e.Column, ColumnName: e.ColumnName, Reason: fmt.Sprint(e.Err), Record: e.Record,
		}
		if e.Header != nil {
			r.Header = (*text)(&e.Header)
		}
		line, err := readable(r)
		if err == nil {
			err = files.AppendLine(path, line)
		}
		if err != nil {
			return fmt.Errorf("source: the file of rejected records: %w", err)
		}
		return nil
	}
}

// Rejects opens the records in a file that [RejectFile] has written, as one text; CSV begins with its header. Correct what
// is wrong with them in the file, and read them as the text they are from:
//
//	readings := source.CSV[Reading](source.Rejects("rejected.jsonl")).Rows()
//
// All records must be from texts with the same header. A line that is cut off is left out: the program that wrote it was
// killed meanwhile, and has not gone on to the next record.
func Rejects(path string) Opener {
	return func(context.Context) (io.ReadCloser, error) {
		f, err := os.Open(path)
		if err != nil {
			return nil, fmt.Errorf("source: the file of rejected records: %w", err)
		}
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, longestLetter)
		return &rejects{file: f, lines: lines}, nil
	}
}

// rejects is the text of rejected records.
type rejects struct {
	file   *os.File
	lines  *bufio.Scanner
	line   int64
	first  *reject
	record []byte // what is left of it
}

// Name says what is read, for errors.
func (r *rejects) Name() string { return "the records of " + r.file.Name() }

// Close closes the file.
func (r *rejects) Close() error { return r.file.Close() }

func (r *rejects) Read(p []byte) (int, error) {
	for len(r.record) == 0 {
		if !r.lines.Scan() {
			if err := r.lines.Err(); err != nil {
				return 0, err
			}
			return 0, io.EOF
		}
		r.line++
		if err := r.next(bytes.TrimSpace(r.lines.Bytes())); err != nil {
			return 0, fmt.Errorf("%s:%d: %w", r.file.Name(), r.line, err)
		}
	}
	n := copy(p, r.record)
	r.record = r.record[n:]
	return n, nil
}

var errOtherHeader = errors.New("the record is from a text with another header than those before it; read them apart")

func (r *rejects) next(line []byte) error {
	var next reject
	err := json.Unmarshal(line, &next)
	if cut := (*json.SyntaxError)(nil); len(line) == 0 || errors.As(err, &cut) && cut.Offset >= int64(len(line)) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("the line is no rejected record: %w", err)
	}
	r.record = endLine(next.Record)
	switch first := r.first; {
	case first == nil:
		r.first = &next
		if next.Header != nil {
			r.record = append(endLine(*next.Header), r.record...)
		}
	case (first.Header == nil) != (next.Header == nil) || first.Header != nil && !bytes.Equal(endLine(*first.Header), endLine(*next.Header)):
		return errOtherHeader
	}
	return nil
}

// endLine gives the record with the end of its line.
func endLine(record []byte) []byte {
	if !bytes.HasSuffix(record, []byte("\n")) {
		record = append(bytes.Clone(record), '\n')
	}
	return record
}
