package cassandra

import (
	"bytes"
	"strings"
	"sync"
)

const (
	journalLines = 40
	journalWidth = 4096 // bytes of a line that are kept
)

// journal takes a node's output, keeps its last lines, and tells when the node is up.
type journal struct {
	up chan struct{} // closed when the node says that it is up

	mu    sync.Mutex
	lines []string
	line  []byte // the one that is being written
	isUp  bool
}

func newJournal() *journal { return &journal{up: make(chan struct{})} }

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for rest := p; len(rest) > 0; {
		line, after, ended := bytes.Cut(rest, []byte("\n"))
		j.line = append(j.line, line[:min(len(line), journalWidth-len(j.line))]...)
		if ended {
			j.endLine()
		}
		rest = after
	}
	return len(p), nil
}

func (j *journal) endLine() {
	line := string(j.line)
	j.line = j.line[:0]
	j.lines = append(j.lines, line)
	if len(j.lines) > journalLines {
		j.lines = j.lines[1:]
	}
	if !j.isUp && strings.HasSuffix(line, "Startup complete") {
		j.isUp = true
		close(j.up)
	}
}

// tail returns the last lines.
func (j *journal) tail() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Join(append(j.lines[:len(j.lines):len(j.lines)], string(j.line)), "\n")
}
