package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/rxcql/rxcql/internal/files"
)

// manifest lists what an export that is complete has written.
type manifest struct {
	Table string  `json:"table"`
	Rows  int64   `json:"rows"`
	Bytes int64   `json:"bytes"`
	Whole *part   `json:"whole,omitempty"` // the file of all rows
	Files []*part `json:"files"`
}

// finish writes the manifest, and before that joins the files to one if so asked. Done again, after it was interrupted,
// it does what was left undone.
func (p *parts) finish(single bool, table string) error {
	if err := p.check(); err != nil {
		return err
	}
	m := manifest{Table: table, Files: p.ordered()}
	m.Rows, m.Bytes = p.total()
	if single {
		var err error
		if m.Whole, err = p.join(table); err != nil {
			return err
		}
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return files.Write(filepath.Join(p.dir, "manifest.json"), files.Private, append(text, '\n'))
}

// ordered are the parts in the order of the ring.
func (p *parts) ordered() []*part {
	parts := slices.AppendSeq(make([]*part, 0, len(p.byWhat)), maps.Values(p.byWhat))
	slices.SortFunc(parts, func(a, b *part) int { return cmp.Compare(a.Start, b.Start) })
	return parts
}

// join copies all parts into one file. The parts stay.
func (p *parts) join(table string) (*part, error) {
	whole := &part{Name: table + p.format.extension, Bytes: int64(len(p.format.header))}
	draft, err := files.Create(filepath.Join(p.dir, whole.Name), files.Private)
	if err != nil {
		return nil, err
	}
	if _, err := draft.Write(p.format.header); err != nil {
		return nil, errors.Join(err, draft.Abort())
	}
	parts := p.ordered()
	for _, f := range parts {
		n, err := copyFile(draft, filepath.Join(p.dir, f.Name), int64(len(p.format.header)))
		if err != nil {
			return nil, errors.Join(err, draft.Abort())
		}
		whole.Bytes += n
		whole.Rows += f.Rows
	}
	if len(parts) > 0 {
		whole.Start, whole.End = parts[0].Start, parts[len(parts)-1].End
	}
	return whole, draft.Commit()
}

// copyFile copies what is behind a header.
func copyFile(to io.Writer, name string, header int64) (int64, error) {
	f, err := os.Open(name)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	if _, err := f.Seek(header, io.SeekStart); err != nil {
		return 0, err
	}
	return io.Copy(to, f)
}
