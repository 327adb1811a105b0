package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/rxcql/rxcql/source"
)

// parts are the files of the export: one for each range that has rows.
type parts struct {
	dir    string
	format format
	log    *pageLog
	byWhat map[int64]*part // by where the range starts
	buffer bytes.Buffer
}

// part is the file of a range.
type part struct {
	Name string `json:"name"`
	source.Range
	Rows  int64 `json:"rows"`
	Bytes int64 `json:"bytes"`
}

// prefix of the names of parts.
const prefix = "part"

// openParts opens what is in a directory and cuts off what the checkpoint does not know of, since it comes again.
func openParts(dir string, f format, saved source.Saved) (*parts, error) {
	p := &parts{dir: dir, format: f, byWhat: map[int64]*part{}}
	written, err := readPageLog(dir)
	if err != nil {
		return nil, err
	}
	kept, err := acknowledged(written, saved)
	if err != nil {
		return nil, err
	}
	for _, e := range kept {
		file := p.part(e.Start)
		file.Rows, file.Bytes, file.End = file.Rows+int64(e.Rows), e.Size, e.End
	}
	if err := p.trim(); err != nil {
		return nil, err
	}
	p.log, err = newPageLog(dir, kept)
	return p, err
}

// trim cuts the files to their lengths, and removes those that should have none.
func (p *parts) trim() error {
	known := map[string]int64{}
	for _, file := range p.byWhat {
		known[file.Name] = file.Bytes
	}
	entries, err := os.ReadDir(p.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := filepath.Join(p.dir, e.Name())
		switch size, ok := known[e.Name()]; {
		case ok:
			err = os.Truncate(name, size)
		case strings.HasPrefix(e.Name(), prefix):
			err = os.Remove(name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *parts) part(start int64) *part {
	file := p.byWhat[start]
	if file == nil {
		file = &part{Name: fmt.Sprintf("%s%+020d%s", prefix, start, p.format.extension), Range: source.Range{Start: start}}
		p.byWhat[start] = file
	}
	return file
}

// write appends a page to its range's file. When it returns, the page is on disk.
func (p *parts) write(page source.TablePage[source.Row]) error {
	file := p.part(page.Range.Start)
	p.buffer.Reset()
	if file.Bytes == 0 {
		p.buffer.Write(p.format.header)
	}
	if err := p.format.encode(&p.buffer, page.Rows); err != nil {
		return err
	}
	if err := appendTo(filepath.Join(p.dir, file.Name), p.buffer.Bytes()); err != nil {
		return err
	}
	file.Rows, file.Bytes, file.End = file.Rows+int64(len(page.Rows)), file.Bytes+int64(p.buffer.Len()), page.Range.End
	return p.log.add(entry{
		Start: file.Start, End: file.End, Cursor: digest(page.Range.Cursor), Rows: len(page.Rows), Size: file.Bytes,
	})
}

// appendTo writes to the end of a file, and waits until that is on disk.
func appendTo(name string, b []byte) error {
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	return err
}

// total is what is in all files.
func (p *parts) total() (rows, size int64) {
	for _, file := range p.byWhat {
		rows, size = rows+file.Rows, size+file.Bytes
	}
	return rows, size
}

func (p *parts) close() { p.log.file.Close() }
