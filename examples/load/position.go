package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/rxcql/rxcql/source"
)

// position is how far a job has got, and of which file.
type position struct {
	source.Position
	Table         string `json:"table"`
	File          string `json:"file"`
	Rows          int64  `json:"rows"`
	Rejected      int64  `json:"rejected"`
	RejectedBytes int64  `json:"rejected_bytes"`
	Complete      bool   `json:"complete"`
}

func (s *settings) positionFile() string { return filepath.Join(s.dir, "position.json") }

// prepare makes the directory, sees to it that nothing that is there is mixed with something else, and tells where to go
// on.
func (s *settings) prepare() (position, error) {
	var at position
	if s.dir == "" {
		return at, nil
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return at, err
	}
	if s.replay != "" {
		if _, err := os.Stat(s.deadLetters()); err == nil {
			return at, fmt.Errorf("%s has dead letters already: choose another directory for what fails again", s.dir)
		}
		return at, nil
	}
	text, err := os.ReadFile(s.positionFile())
	switch {
	case errors.Is(err, fs.ErrNotExist) && s.resume:
		return at, fmt.Errorf("%s has no job to go on with: %w", s.dir, err)
	case errors.Is(err, fs.ErrNotExist):
		return at, s.save(position{Table: s.table, File: s.file})
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
	case at.Complete:
		return at, fmt.Errorf("%s is of a job that is complete", s.dir)
	}
	return at, nil
}

// acknowledge keeps that all is done up to an end.
func (j *job) acknowledge(end source.Position, complete bool) error {
	if j.dir == "" {
		return nil
	}
	if err := j.rejected.file.Sync(); err != nil {
		return err
	}
	return j.save(position{
		Position: end, Table: j.table, File: j.file, Rows: j.read.Load(), Rejected: j.rejected.n, RejectedBytes: j.rejected.size, Complete: complete,
	})
}

// save makes a file that is there as a whole or not at all.
func (s *settings) save(p position) error {
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(s.positionFile()+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(text, '\n'))
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(s.positionFile()+".new", s.positionFile())
}
