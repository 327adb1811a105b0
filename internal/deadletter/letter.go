package deadletter

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"time"

	"github.com/rxcql/rxcql/cql"
)

// Letter is a line without its row.
type Letter struct {
	At        time.Time // when the row was given up
	Table     string    // that it was for, if known
	Row       int64     // its place in the stream, from 0; -1 if not known
	Class     cql.Class
	Malformed bool // the row could not be encoded for the table, or the server called it invalid: it fails again as it is
	Attempts  int  // how often it was sent
	Maybe     bool // it may be written all the same: the outcome of one of the attempts is not known
	Reason    string
	Timestamp int64 // that it was written with, or would have been, in µs since 1970; 0: none
}

// line is a Letter as JSON.
type line struct {
	At        time.Time       `json:"at"`
	Table     string          `json:"table,omitempty"`
	Row       int64           `json:"row"`
	Class     string          `json:"class"`
	Malformed bool            `json:"malformed"`
	Attempts  int             `json:"attempts"`
	Maybe     bool            `json:"maybe_written"`
	Reason    string          `json:"reason"`
	Timestamp int64           `json:"timestamp,omitempty"`
	Item      json.RawMessage `json:"item"`
}

// Append appends a letter with its row, as a line with its end.
func Append[T any](dst []byte, l Letter, item T) ([]byte, error) {
	row, err := Encode(nil, item)
	if err != nil {
		return dst, err
	}
	text, err := json.Marshal(line{
		l.At, l.Table, l.Row, l.Class.Error(), l.Malformed, l.Attempts, l.Maybe, l.Reason, l.Timestamp, row,
	})
	if err != nil {
		return dst, err
	}
	return append(append(dst, text...), '\n'), nil
}

// ErrCutOff is a line of which the end is missing, since the program that wrote it was killed meanwhile: its row was not
// done with.
var ErrCutOff = errors.New("the line is cut off")

// Reader reads letters of the rows of one stream.
type Reader[T any] struct {
	Lenient bool // of structs: fields that are not in the file stay zero, and what there is no field for is passed over
	rows    rowReader
}

// Parse reads a line.
func (r *Reader[T]) Parse(text []byte) (Letter, T, error) {
	var (
		l    line
		item T
	)
	strict := json.NewDecoder(bytes.NewReader(text))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&l); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = ErrCutOff
		}
		return Letter{}, item, err
	}
	if _, err := strict.Token(); err != io.EOF {
		return Letter{}, item, errors.New("there is more than one JSON value in the line")
	}
	class, err := ClassOf(l.Class)
	if err != nil {
		return Letter{}, item, err
	}
	if len(l.Item) == 0 {
		return Letter{}, item, errors.New("there is no row in the line")
	}
	letter := Letter{l.At, l.Table, l.Row, class, l.Malformed, l.Attempts, l.Maybe, l.Reason, l.Timestamp}
	if err := (decoder{&r.rows, r.Lenient}).value(l.Item, reflect.ValueOf(&item).Elem(), 0); err != nil {
		return letter, item, fmt.Errorf("the row: %w", err)
	}
	return letter, item, nil
}

// ClassOf gives the class of a name.
func ClassOf(name string) (cql.Class, error) {
	for c := cql.Unknown; c <= cql.Closed; c++ {
		if c.Error() == name {
			return c, nil
		}
	}
	return 0, fmt.Errorf("%q is not the name of a class of errors", name)
}
