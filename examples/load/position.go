package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/rxcql/rxcql/internal/files"
	"github.com/rxcql/rxcql/source"
)

// position is how far a job has got, and of which file.
type position struct {
	source.Position
	Table         string   `json:"table"`
	File          string   `json:"file"`
	Is            identity `json:"is"`
	Rows          int64    `json:"rows"`
	Rejected      int64    `json:"rejected"`       // lines
	RejectedBytes int64    `json:"rejected_bytes"` // of the file of them
	Dead          int64    `json:"dead"`           // rows
	Complete      bool     `json:"complete"`
}

// identity tells a file from another one that has its name. The zero identity is that of what is no regular file.
type identity struct {
	Size int64  `json:"size,omitempty"`
	Head string `json:"head,omitempty"` // the SHA-256 of its first 64 KiB
}

func identify(name string) (identity, error) {
	if name == "" || name == "-" {
		return identity{}, nil
	}
	file, err := os.Open(name)
	if err != nil {
		return identity{}, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return identity{}, err
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, io.LimitReader(file, 64<<10)); err != nil {
		return identity{}, err
	}
	return identity{info.Size(), hex.EncodeToString(hash.Sum(nil))}, nil
}

func (s *settings) positionFile() string { return filepath.Join(s.dir, "position.json") }

// prepare makes the directory, keeps others out of it, sees to it that nothing that is there is mixed with something else,
// and tells where to go on.
func (s *job) prepare() (position, error) {
	var at position
	if s.dir == "" {
		return at, nil
	}
	if _, err := os.Stat(s.positionFile()); s.resume && errors.Is(err, fs.ErrNotExist) {
		return at, fmt.Errorf("%s has no job to go on with: %w", s.dir, err)
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return at, err
	}
	lock, err := files.NewLock(filepath.Join(s.dir, "lock"))
	if err != nil {
		return at, fmt.Errorf("another load is at work in %s: %w", s.dir, err)
	}
	s.lock = lock
	if s.replay != "" {
		if info, err := os.Stat(s.deadLetters()); err == nil && info.Size() > 0 {
			return at, fmt.Errorf("%s has dead letters already: choose another directory for what fails again", s.dir)
		}
		return at, nil
	}
	text, err := os.ReadFile(s.positionFile())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return at, s.save(position{Table: s.table, File: s.file, Is: s.is})
	case err != nil:
		return at, err
	case !s.resume:
		return at, fmt.Errorf("%s has a job already: add -resume to go on with it, or choose another directory", s.dir)
	}
	if err := json.Unmarshal(text, &at); err != nil {
		return at, fmt.Errorf("%s: %w", s.positionFile(), err)
	}
	switch {
	case at.Table != s.table || at.File != s.file:
		return at, fmt.Errorf("%s is of another job: from %s to %s", s.dir, at.File, at.Table)
	case at.Is != s.is:
		return at, fmt.Errorf("%s is not the file of then, of %d bytes, and has %d: it cannot be gone on with at byte %d; load it into another directory",
			s.file, at.Is.Size, s.is.Size, at.Offset)
	case at.Complete:
		return at, nil
	}
	// What was rejected behind the position comes again.
	if err := os.Truncate(s.rejects(), at.RejectedBytes); err != nil && (at.RejectedBytes > 0 || !errors.Is(err, fs.ErrNotExist)) {
		return at, err
	}
	return at, nil
}

// release lets others use the directory.
func (s *job) release() {
	if s.lock != nil {
		_ = s.lock.Unlock() // as the end of the process does
	}
}

// acknowledge keeps that all is done up to an end.
func (j *job) acknowledge(end source.Position, complete bool) error {
	if j.dir == "" {
		return nil
	}
	p := position{
		Position: end, Table: j.table, File: j.file, Is: j.is, Rows: j.read.Load(),
		Rejected: j.lost.lines.Load(), Dead: j.lost.rows.Load(), Complete: complete,
	}
	if info, err := os.Stat(j.rejects()); err == nil {
		p.RejectedBytes = info.Size()
	}
	return j.save(p)
}

// save makes a file that is there as a whole or not at all.
func (s *settings) save(p position) error {
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return files.Write(s.positionFile(), files.Private, append(text, '\n'))
}
