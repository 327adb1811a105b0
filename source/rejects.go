package source

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/rxcql/rxcql/internal/files"
)

// Rejects opens the records in a file that [RejectFile] has written, as one text; CSV begins with its header. Correct what
// is wrong with them in the file, and read them as the text they are from:
//
//	readings := source.CSV[Reading](source.Rejects("rejected.jsonl")).Rows()
//
// What is rejected again goes to another file, as there is no end to a file that its own records are appended to:
//
//	again := source.RejectFile("rejected-again.jsonl")
//	readings := source.CSV[Reading](source.Rejects("rejected.jsonl")).OnError(again.Keep).Rows()
//
// There is no file if nothing was rejected: opening is an error then, of which errors.Is(err, fs.ErrNotExist) holds, as it
// may also be a mistake in the name. All records must be from texts with the same header. A line that is cut off is left
// out: the program that wrote it was killed meanwhile, and has not gone on to the next record. So is what is appended
// after the file was opened.
func Rejects(path string) Opener {
	return func(context.Context) (io.ReadCloser, error) {
		f, err := os.Open(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("source: the file of rejected records: %w; there is none if nothing was rejected", err)
		}
		if err != nil {
			return nil, fmt.Errorf("source: the file of rejected records: %w", err)
		}
		text, err := files.UpToNow(f)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("source: the file of rejected records: %w", err), f.Close())
		}
		lines := bufio.NewScanner(text)
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

// Stat tells which file it is.
func (r *rejects) Stat() (fs.FileInfo, error) { return r.file.Stat() }

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
