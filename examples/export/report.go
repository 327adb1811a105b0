package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"time"

	"github.com/rxcql/rxcql/source"
)

// Exit codes.
const (
	complete = 0
	failed   = 1
	partial  = 2 // some ranges could not be read
	stopped  = 3 // by a signal
)

func codeOf(err error) int {
	var unread *source.RangeError // also those of a ScanError
	switch {
	case err == nil:
		return complete
	case errors.As(err, &unread):
		return partial
	case errors.Is(err, context.Canceled):
		return stopped
	}
	return failed
}

// report is what there is to say in the end.
type report struct {
	Table    string        `json:"table"`
	Complete bool          `json:"complete"`
	Rows     int64         `json:"rows"`  // in the files, with those of earlier runs
	Bytes    int64         `json:"bytes"` // of the files
	Files    int           `json:"files"`
	Ranges   int           `json:"ranges"`
	Done     int           `json:"ranges_done"`
	Share    float64       `json:"share"` // of the ring
	Read     int64         `json:"rows_read"`
	Seconds  float64       `json:"seconds"` // of this run
	Failed   []failedRange `json:"failed,omitempty"`
	Error    string        `json:"error,omitempty"`
	Resume   string        `json:"resume,omitempty"` // the command that goes on
}

type failedRange struct {
	Range string `json:"range"`
	Error string `json:"error"`
}

func newReport(s *settings, files *parts, p source.Progress, took time.Duration, code int, err error) report {
	r := report{
		Table: s.table, Complete: code == complete, Files: len(files.byWhat), Ranges: p.Ranges, Done: p.Done, Share: p.Share,
		Read: p.Rows, Seconds: took.Seconds(),
	}
	r.Rows, r.Bytes = files.total()
	if code != complete {
		r.Resume = s.again()
	}
	var ranges *source.ScanError
	var unread *source.RangeError
	switch {
	case errors.As(err, &ranges):
		for _, f := range ranges.Failed {
			r.Failed = append(r.Failed, failedRange{f.Range.String(), f.Err.Error()})
		}
	case errors.As(err, &unread):
		r.Failed = []failedRange{{unread.Range.String(), unread.Err.Error()}}
	}
	if err != nil && err != error(ranges) && err != error(unread) { // there is more to it, such as a save that failed
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
