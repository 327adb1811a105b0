package source

import (
	"context"
	"io"
	"io/fs"

	"github.com/rxcql/rxcql/rx"
)

// Opener opens a text for one run, which closes it. A run that begins anew opens it anew. If what it gives has a method
// Name() string, as an *os.File has, errors name it.
type Opener func(ctx context.Context) (io.ReadCloser, error)

// Position is a place between two records of a text, from where reading may go on: in the text as it is read, so behind
// the decompressing of it, if there is such. The zero Position is the start.
type Position struct {
	Offset int64 `json:"offset"` // in bytes from the start
	Line   int64 `json:"line"`   // how many lines end before it
}

// Record is a row of a text and where it stands.
type Record[T any] struct {
	Row   T
	Start Position // where the record begins
	End   Position // behind the record: the place to go on from once the row is done with
}

// nameOf gives the name of what was opened, if it has one.
func nameOf(r io.Reader) string {
	if named, ok := r.(interface{ Name() string }); ok {
		return named.Name()
	}
	return ""
}

// statOf tells which file was opened, if it is one.
func statOf(r io.Reader) fs.FileInfo {
	if file, ok := r.(interface{ Stat() (fs.FileInfo, error) }); ok {
		if info, err := file.Stat(); err == nil {
			return info
		}
	}
	return nil
}

// textReader is what a run reads its text with. It ends when the run does, also in the middle of a line that has no end,
// as that of a small compressed file may.
type textReader struct {
	ctx  context.Context
	text io.Reader
}

// mostEmptyReads in a row, as in package bufio.
const mostEmptyReads = 100

func (r textReader) Read(p []byte) (n int, err error) {
	for range mostEmptyReads {
		if err := rx.Cause(r.ctx); err != nil {
			return 0, err
		}
		if n, err = r.text.Read(p); n > 0 || err != nil || len(p) == 0 {
			return n, err
		}
	}
	return 0, io.ErrNoProgress
}
