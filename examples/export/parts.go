package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

// parts are the files of the export: one for each range that has rows.
type parts struct {
	dir    string
	format format
	log    *pageLog
	byWhat map[int64]*part // by where the range starts
}

// part is the file of a range.
type part struct {
	Name  string `json:"name"`
	Start int64  `json:"start,string"` // of the range
	End   int64  `json:"end,string"`
	Rows  int64  `json:"rows"`
	Bytes int64  `json:"bytes"`
}

// prefix of the names of parts; a sign and the number come behind it.
const prefix = "part"

func isPart(name string) bool {
	return strings.HasPrefix(name, prefix+"+") || strings.HasPrefix(name, prefix+"-")
}

// openParts opens what is in a directory and cuts off what the checkpoint does not know of, since it comes again.
func openParts(dir string, f format, saved source.Saved) (*parts, error) {
	p := &parts{dir: dir, format: f, byWhat: map[int64]*part{}}
	written, err := readPageLog(dir, saved.Job != nil)
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
	if err := p.settle(saved); err != nil {
		return nil, err
	}
	p.log, err = newPageLog(dir, kept)
	return p, err
}

// settle makes the files what the log says that they are, for all of which the checkpoint has been told that it is
// there: what is behind that is cut off, and files that are not in the log go, as their rows come again. What is not
// there cannot be made good, so it is an error.
func (p *parts) settle(saved source.Saved) error {
	done := map[string]bool{} // of which nothing comes again
	for _, r := range saved.Ranges {
		done[p.name(r.Start)] = r.Done
	}
	known := map[string]bool{}
	for _, file := range p.ordered() {
		known[file.Name] = true
		name := filepath.Join(p.dir, file.Name)
		size, err := sizeOf(name)
		switch {
		case err != nil:
			return err
		case size < file.Bytes, size > file.Bytes && done[file.Name]:
			return changed(name, size, file.Bytes)
		case size > file.Bytes:
			if err := os.Truncate(name, file.Bytes); err != nil {
				return err
			}
		}
	}
	entries, err := os.ReadDir(p.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := filepath.Join(p.dir, e.Name())
		switch stranger := isPart(e.Name()) && !known[e.Name()]; {
		case stranger && done[e.Name()]:
			return fmt.Errorf("%s is not in %s: the export was changed; start it in another directory", name, logName(p.dir))
		case stranger, strings.HasPrefix(e.Name(), ".") && strings.HasSuffix(e.Name(), ".tmp"): // a killed run's draft
			if err := os.Remove(name); err != nil {
				return err
			}
		}
	}
	return nil
}

// check sees to it that the files are what was written.
func (p *parts) check() error {
	for _, file := range p.ordered() {
		name := filepath.Join(p.dir, file.Name)
		size, err := sizeOf(name)
		if err != nil {
			return err
		}
		if size != file.Bytes {
			return changed(name, size, file.Bytes)
		}
	}
	return nil
}

// sizeOf is the size of a file; 0 if there is none.
func sizeOf(name string) (int64, error) {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return 0, nil
	case err != nil:
		return 0, err
	}
	return info.Size(), nil
}

func changed(name string, size, want int64) error {
	return fmt.Errorf("%s has %d of %d bytes: the export was changed; start it in another directory", name, size, want)
}

func (p *parts) part(start int64) *part {
	file := p.byWhat[start]
	if file == nil {
		file = &part{Name: p.name(start), Start: start}
		p.byWhat[start] = file
	}
	return file
}

func (p *parts) name(start int64) string {
	return fmt.Sprintf("%s%+020d%s", prefix, start, p.format.extension)
}

// write appends a page to its range's file. When it returns, the page is on disk.
func (p *parts) write(page source.TablePage[source.Row]) error {
	file := p.part(page.Range.Start)
	to, err := sink.Append(filepath.Join(p.dir, file.Name), p.format.Format, file.Bytes)
	if err != nil {
		return err
	}
	end, err := to.Append(page.Rows...)
	if err = errors.Join(err, to.Close()); err != nil {
		return err
	}
	file.Rows, file.Bytes, file.End = file.Rows+int64(len(page.Rows)), end, page.Range.End
	return p.log.add(entry{
		Start: file.Start, End: file.End, Cursor: digest(page.Range.Cursor), Rows: len(page.Rows), Size: file.Bytes,
	})
}

// total is what is in all files.
func (p *parts) total() (rows, size int64) {
	for _, file := range p.byWhat {
		rows, size = rows+file.Rows, size+file.Bytes
	}
	return rows, size
}

func (p *parts) close() { p.log.file.Close() }
