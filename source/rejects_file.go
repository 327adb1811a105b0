package source

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/rxcql/rxcql/internal/files"
)

// RejectedRecords is a file that keeps the records of texts that are no rows. Make one with [RejectFile].
type RejectedRecords struct {
	path string
	most int64
	n    atomic.Int64
}

// toleratedRejects is as many as the dead letters of a write are tolerated.
const toleratedRejects = 100

// ErrTooManyRejected is what a stream ends with that has rejected more records than its [RejectFile] tolerates. All of
// them are in the file. Look into it: what fails so often has one cause, such as a wrong delimiter.
var ErrTooManyRejected = errors.New("source: more records are no rows than are tolerated")

// RejectFile keeps the records of a text that are no rows in a file, and goes on with the next: the dead letters of
// reading. Each is one JSON object a line, with the time, file, line and column (from 1) of the fault, the name of the
// column if it is one's, the reason, and the record as it is, of CSV with the header.
//
//	rejected := source.RejectFile("rejected.jsonl")
//	readings := source.CSV[Reading](source.File("readings.csv")).OnError(rejected.Keep).Rows()
//
// It tolerates 100 records, unless [RejectedRecords.AtMost] says otherwise; one more is still kept, and then the stream
// ends with [ErrTooManyRejected]. [Rejects] reads the records back, once they are corrected.
//
// The file, which holds data, is made with mode 0600 when there is a first record, and otherwise gone on with. Each record
// is on disk before the next one is read, so a file system that takes a millisecond for that rejects 1,000 a second.
// Several texts, also at the same time, may have one RejectedRecords, which then counts and tolerates them together.
func RejectFile(path string) *RejectedRecords {
	return &RejectedRecords{path: path, most: toleratedRejects}
}

// AtMost gives one that tolerates n records, any number if n is less than 0, and counts anew.
func (r *RejectedRecords) AtMost(n int64) *RejectedRecords {
	return &RejectedRecords{path: r.path, most: n}
}

// Count tells how many records it has kept: it, not the file, which may have some of earlier times.
func (r *RejectedRecords) Count() int64 { return r.n.Load() }

// Keep is the [OnTextError] that keeps a record. It refuses what is read from the very file that it keeps records in,
// which would never end.
func (r *RejectedRecords) Keep(_ context.Context, e *TextError) error {
	if files.IsSame(r.path, e.of) {
		return fmt.Errorf("source: %s is the file that is read: let what is rejected again go to another one; the record: %w", r.path, bareTextError{e})
	}
	kept := reject{
		At: time.Now().UTC(), File: e.File, Line: e.Line, Column: e.Column, ColumnName: e.ColumnName, Reason: fmt.Sprint(e.Err), Record: e.Record,
	}
	if e.Header != nil {
		kept.Header = (*text)(&e.Header)
	}
	line, err := readable(kept)
	if err == nil {
		err = files.AppendLine(r.path, line)
	}
	if err != nil {
		return fmt.Errorf("source: the file of rejected records: %w", err)
	}
	if n := r.n.Add(1); r.most >= 0 && n > r.most {
		return fmt.Errorf("%w: %d, which are in %s; the last: %w", ErrTooManyRejected, n, r.path, bareTextError{e})
	}
	return nil
}

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
