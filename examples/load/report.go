package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/rxcql/rxcql/sink"
)

// Exit codes.
const (
	complete = 0
	failed   = 1
	partial  = 2 // some lines could not be read, or some rows not be written
	stopped  = 3 // by a signal
)

func codeOf(err error) int {
	switch {
	case err == nil:
		return complete
	case errors.Is(err, context.Canceled):
		return stopped
	}
	return failed
}

// report is what there is to say in the end.
type report struct {
	Table    string      `json:"table"`
	File     string      `json:"file,omitempty"`
	Complete bool        `json:"complete"` // the file is read to its end: what is not written is in the files below
	Rows     int64       `json:"rows"`     // that were read and are done with, also in earlier runs
	Rejected int64       `json:"rejected"` // lines that are no rows, also in earlier runs
	Written  sink.Report `json:"written"`  // in this run
	Dead     string      `json:"dead_letters,omitempty"`
	Lines    string      `json:"rejected_lines,omitempty"`
	Error    string      `json:"error,omitempty"`

	code int
}

func (j *job) report(err error) report {
	r := report{Table: j.table, File: j.file, Rows: j.read.Load(), Written: j.written, code: codeOf(err)}
	if j.replay != "" {
		r.File = j.replay
	}
	if r.Rejected = j.lost.lines.Load(); r.Rejected > 0 {
		r.Lines = j.rejects()
	}
	if info, err := os.Stat(j.deadLetters()); j.dir != "" && err == nil && info.Size() > 0 {
		r.Dead = j.deadLetters()
	}
	if r.code == complete && (r.Dead != "" || r.Rejected > 0) {
		r.code = partial
	}
	r.Complete = err == nil
	if err != nil {
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

// tell says what there is left to do.
func (r report) tell(log io.Writer) {
	if strings.Contains(r.Error, "lenient") || strings.Contains(r.Error, "NoHeader") {
		fmt.Fprintln(log, "If the file has other columns than the table: -columns names those to load, -lenient passes over others, and -no-header is for a file without a line of names.")
	}
	if r.Lines != "" {
		fmt.Fprintf(log, "Lines that are no rows: %d, in %s; correct them there, and load them by -rejected and another -dir.\n", r.Rejected, r.Lines)
	}
	if r.Dead != "" {
		fmt.Fprintf(log, "Rows that were not written: in %s; write them again by -replay and another -dir.\n", r.Dead)
	}
}

// progress is how far it has got: the share of the file, or less than 0 if that is not known, and a line.
func (j *job) progress(took time.Duration) (float64, string) {
	rows := j.read.Load()
	text := fmt.Sprintf("%d rows", rows)
	if s := took.Seconds(); s > 0 {
		text += fmt.Sprintf(", %.0f rows/s", float64(rows)/s)
	}
	if j.to.size == 0 {
		return -1, text
	}
	return float64(j.at.Load()) / float64(j.to.size), text
}
