package source

import (
	"bufio"
	"errors"
	"io"
)

// lineReader reads lines, of which it holds not more than max bytes.
type lineReader struct {
	text *bufio.Reader
	max  int
	long []byte // a line that is longer than text's buffer
}

// next gives the next line with its end, which the last one may lack, and its size: of one that is too long, what there
// is room for. It is valid until the next call. A part of a line before an error is no line.
func (l *lineReader) next() (line []byte, size int64, err error) {
	line, err = l.text.ReadSlice('\n')
	size = int64(len(line))
	if errors.Is(err, bufio.ErrBufferFull) {
		l.long = l.long[:0]
		for errors.Is(err, bufio.ErrBufferFull) {
			l.long = l.hold(line)
			line, err = l.text.ReadSlice('\n')
			size += int64(len(line))
		}
		line = l.hold(line)
		l.long = line
	}
	if err == io.EOF && size > 0 {
		err = nil
	}
	return line[:min(len(line), l.max)], size, err
}

func (l *lineReader) hold(part []byte) []byte {
	return append(l.long, part[:min(len(part), l.max-min(l.max, len(l.long)))]...)
}
