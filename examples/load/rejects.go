package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

// rejects is the file of the lines that are no rows, as they are. The reasons are told, and not kept with them, so that
// the file can be corrected and read.
type rejects struct {
	file    *os.File
	name    string
	reasons []error // of the first few

	n, max int64
	size   int64 // of the file
}

// openRejects opens the file and cuts off what was not acknowledged, and so will come again.
func openRejects(j *job, from position) (*rejects, error) {
	name := filepath.Join(j.dir, "rejected."+j.format)
	file, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	r := &rejects{file: file, name: name, n: from.Rejected, max: j.maxDead, size: from.RejectedBytes}
	if err := file.Truncate(r.size); err != nil {
		file.Close()
		return nil, err
	}
	return r, nil
}

// take keeps a line.
func (r *rejects) take(_ context.Context, e *source.TextError) error {
	line := e.Record
	if !bytes.HasSuffix(line, []byte("\n")) {
		line = append(bytes.Clone(line), '\n')
	}
	n, err := r.file.WriteAt(line, r.size)
	r.size += int64(n)
	if err != nil {
		return err
	}
	r.n++
	if len(r.reasons) < told {
		r.reasons = append(r.reasons, e)
	}
	if r.max >= 0 && r.n > r.max {
		return fmt.Errorf("%w: %d lines are no rows; the last: %w", sink.ErrTooManyDead, r.n, e)
	}
	return nil
}

// told is how many reasons are told.
const told = 20

// close tells the reasons, and removes the file if there is nothing in it.
func (r *rejects) close(log io.Writer) error {
	for _, e := range r.reasons {
		fmt.Fprintln(log, "Rejected:", e)
	}
	if r.size == 0 {
		os.Remove(r.name)
	}
	return r.file.Close()
}
