package files

import (
	"bufio"
	"bytes"
	"io"
	"path/filepath"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// maxWindow bounds what a reader of zstd holds; 8 MiB is what the format asks every reader to take (RFC 8878, 3.1.1.1.2),
// and `zstd --long` writes 128.
const maxWindow = 128 << 20

// Compressor gives the writer that compresses as the extension of a name says, .gz or .zst, and nothing else. Closing it
// ends what is compressed, and leaves w open. What several of them wrote one behind the other reads as one.
func Compressor(w io.Writer, name string) (io.WriteCloser, error) {
	switch filepath.Ext(name) {
	case ".gz":
		return gzip.NewWriter(w), nil
	case ".zst":
		return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1)) // on the caller's goroutine
	}
	return plain{w}, nil
}

type plain struct{ io.Writer }

func (plain) Close() error { return nil }

// The first bytes of what is compressed (RFC 1952, 2.3.1; RFC 8878, 3.1.1). No text in UTF-8 begins with them.
var (
	gzipMagic = []byte{0x1f, 0x8b}
	zstdMagic = []byte{0x28, 0xb5, 0x2f, 0xfd}
)

// Decompressor reads what r has, decompressed if its first bytes say that it is compressed. Closing it leaves r open.
func Decompressor(r io.Reader) (io.ReadCloser, error) {
	begin := bufio.NewReaderSize(r, 64<<10)
	first, err := begin.Peek(1)
	if err == nil && (first[0] == gzipMagic[0] || first[0] == zstdMagic[0]) { // else it is not waited for more than there may be yet
		first, err = begin.Peek(len(zstdMagic))
	}
	if err != nil && err != io.EOF {
		return nil, err
	}
	switch {
	case bytes.HasPrefix(first, gzipMagic):
		return gzip.NewReader(begin)
	case bytes.Equal(first, zstdMagic):
		d, err := zstd.NewReader(begin, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, err
		}
		return d.IOReadCloser(), nil
	}
	return io.NopCloser(begin), nil
}
