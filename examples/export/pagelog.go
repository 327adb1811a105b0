package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/rxcql/rxcql/internal/files"
	"github.com/rxcql/rxcql/source"
)

// entry tells of a page that was written: where its range's file ended then.
type entry struct {
	Start  int64  `json:"start,string"`
	End    int64  `json:"end,string"`
	Cursor string `json:"cursor"` // the digest of the range's cursor behind the page
	Rows   int    `json:"rows"`
	Size   int64  `json:"size"`
}

// digest stands for a cursor, which is long and shows keys.
func digest(cursor []byte) string {
	sum := sha256.Sum256(cursor)
	return hex.EncodeToString(sum[:8])
}

// pageLog is a file with an entry for each page, in the order in which they were written.
type pageLog struct{ file *os.File }

func logName(dir string) string { return filepath.Join(dir, "pages.jsonl") }

// readPageLog reads all entries but for a last one that is not whole. Before the export has begun there may be no log.
func readPageLog(dir string, begun bool) ([]entry, error) {
	text, err := os.ReadFile(logName(dir))
	if err != nil && (begun || !errors.Is(err, fs.ErrNotExist)) {
		return nil, err
	}
	var entries []entry
	for line := range bytes.Lines(text) {
		if !bytes.HasSuffix(line, []byte("\n")) {
			break
		}
		var e entry
		if err := json.Unmarshal(line, &e); err != nil {
			return nil, fmt.Errorf("%s: entry %d: %w", logName(dir), len(entries)+1, err)
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// newPageLog makes the log anew, with these entries.
func newPageLog(dir string, entries []entry) (*pageLog, error) {
	var text []byte
	for _, e := range entries {
		text = append(text, e.line()...)
	}
	if err := files.Write(logName(dir), files.Private, text); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(logName(dir), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return nil, err
	}
	return &pageLog{file: f}, nil
}

func (e entry) line() []byte {
	b, err := json.Marshal(e)
	if err != nil {
		panic(err) // of numbers and a text
	}
	return append(b, '\n')
}

func (l *pageLog) add(e entry) error {
	if _, err := l.file.Write(e.line()); err != nil {
		return err
	}
	return l.file.Sync()
}

// acknowledged gives the entries of the pages that do not come again: of each range up to the cursor that was saved.
func acknowledged(written []entry, saved source.Saved) ([]entry, error) {
	pages := map[int64][]entry{}
	for _, e := range written {
		pages[e.Start] = append(pages[e.Start], e)
	}
	var kept []entry
	for _, r := range saved.Ranges {
		of := pages[r.Start]
		switch {
		case r.Done:
		case r.Cursor == nil: // it is read from its start
			of = nil
		default: // several pages may have the same cursor: what is behind the first of them comes again
			at := digest(r.Cursor)
			i := slices.IndexFunc(of, func(e entry) bool { return e.Cursor == at })
			if i < 0 {
				return nil, fmt.Errorf("the checkpoint's range %v is not in pages.jsonl: it belongs to other files", r.Range)
			}
			of = of[:i+1]
		}
		kept = append(kept, of...)
	}
	return kept, nil
}
