package sink

import (
	"fmt"
	"io"

	"github.com/rxcql/rxcql/internal/files"
)

// Compression is how what is written is compressed, where no name tells. Package source finds out by itself what it reads.
type Compression uint8

const (
	_ Compression = iota // as the name says

	Gzip // RFC 1952
	Zstd // RFC 8878
)

func checkCompression(c Compression) {
	if c != Gzip && c != Zstd {
		panic(fmt.Sprintf("sink: Compress(%d): choose Gzip or Zstd", c))
	}
}

// writer gives the writer that compresses what has a name. To close it leaves w open.
func (c Compression) writer(w io.Writer, name string) (io.WriteCloser, error) {
	switch c {
	case Gzip:
		name = ".gz"
	case Zstd:
		name = ".zst"
	}
	return files.Compressor(w, name)
}

// flush has a compressor write what it holds, so that a reader has all up to here.
func flush(w io.Writer) error {
	if c, ok := w.(interface{ Flush() error }); ok {
		return c.Flush()
	}
	return nil
}
