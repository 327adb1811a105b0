package main

import (
	"cmp"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
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
	return replace(filepath.Join(p.dir, "manifest.json"), func(w io.Writer) error {
		_, err := w.Write(append(text, '\n'))
		return err
	})
}

// ordered are the parts in the order of the ring.
func (p *parts) ordered() []*part {
	files := make([]*part, 0, len(p.byWhat))
	for _, f := range p.byWhat {
		files = append(files, f)
	}
	slices.SortFunc(files, func(a, b *part) int { return cmp.Compare(a.Start, b.Start) })
	return files
}

// join copies all parts into one file. The parts stay.
func (p *parts) join(table string) (*part, error) {
	whole := &part{Name: table + p.format.extension, Bytes: int64(len(p.format.header))}
	files := p.ordered()
	err := replace(filepath.Join(p.dir, whole.Name), func(w io.Writer) error {
		if _, err := w.Write(p.format.header); err != nil {
			return err
		}
		for _, f := range files {
			n, err := copyFile(w, filepath.Join(p.dir, f.Name), int64(len(p.format.header)))
			if err != nil {
				return err
			}
			whole.Bytes += n
			whole.Rows += f.Rows
		}
		return nil
	})
	if len(files) > 0 {
		whole.Start, whole.End = files[0].Start, files[len(files)-1].End
	}
	return whole, err
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

// replace makes a file that is there as a whole or not at all.
func replace(name string, write func(io.Writer) error) error {
	f, err := os.OpenFile(name+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return err
	}
	return os.Rename(name+".new", name)
}
