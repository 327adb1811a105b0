package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"

	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

// Exit codes.
const (
	complete = 0
	failed   = 1
	partial  = 2 // some ranges could not be read, or some rows not be written
	stopped  = 3 // by a signal
)

func codeOf(err error) int {
	var ranges *source.ScanError
	switch {
	case err == nil:
		return complete
	case errors.As(err, &ranges):
		return partial
	case errors.Is(err, context.Canceled):
		return stopped
	}
	return failed
}

// report is what there is to say in the end.
type report struct {
	From     string        `json:"from"`
	To       string        `json:"to"`
	Complete bool          `json:"complete"`  // all was read: what is not written is among the dead letters
	Read     int64         `json:"rows_read"` // in this run, as is what was written
	Written  sink.Report   `json:"written"`
	Ranges   int           `json:"ranges"`
	Done     int           `json:"ranges_done"`
	Share    float64       `json:"share"` // of the ring
	Failed   []failedRange `json:"failed,omitempty"`
	Dead     string        `json:"dead_letters,omitempty"` // the file of them
	Error    string        `json:"error,omitempty"`

	code int
}

type failedRange struct {
	Range string `json:"range"`
	Error string `json:"error"`
}

func newReport(s *settings, p source.Progress, written sink.Report, err error) report {
	r := report{
		From: s.tables[0], To: s.tables[1], Read: p.Rows, Written: written, Ranges: p.Ranges, Done: p.Done, Share: p.Share,
		code: codeOf(err),
	}
	if s.hasDead() {
		r.Dead = s.deadLetters()
		if r.code == complete {
			r.code = partial
		}
	}
	r.Complete = err == nil
	var ranges *source.ScanError
	switch {
	case errors.As(err, &ranges):
		for _, f := range ranges.Failed {
			r.Failed = append(r.Failed, failedRange{f.Range.String(), f.Err.Error()})
		}
	case err != nil:
		r.Error = err.Error()
	}
	return r
}

func (r report) write(out io.Writer) error {
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(r)
}
