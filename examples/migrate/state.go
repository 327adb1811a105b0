package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/rxcql/rxcql/checkpoint"
	"github.com/rxcql/rxcql/internal/files"
)

// job is what a directory is the state of, beside what the checkpoint knows of the scan by itself.
type job struct {
	From   string `json:"from"`
	To     string `json:"to"`
	Target target `json:"target"`
	Rename string `json:"rename,omitempty"`
	Times  bool   `json:"times,omitempty"`
}

// kept is what is in the directory.
type kept struct {
	job
	Began time.Time `json:"began"`
}

func (s *settings) deadLetters() string { return filepath.Join(s.state, "dead-letters.jsonl") }

// openState opens the checkpoint, keeps others out of its directory, and sees to it that nothing that is there is mixed
// with something else.
func (s *settings) openState(to target) (*checkpoint.FileStore, error) {
	if s.state == "" { // with a server inside the process there is nothing to go on with
		var err error
		if s.state, err = os.MkdirTemp("", "migrate-"); err != nil {
			return nil, err
		}
		s.passing = true
	}
	name := filepath.Join(s.state, "job.json")
	if _, err := os.Stat(name); s.resume && errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s has no job to go on with: %w", s.state, err)
	}
	if err := os.MkdirAll(s.state, 0o700); err != nil {
		return nil, err
	}
	lock, err := files.NewLock(filepath.Join(s.state, "lock"))
	if err != nil {
		return nil, fmt.Errorf("another migrate is at work in %s: %w", s.state, err)
	}
	s.lock = lock
	now := job{From: s.tables[0], To: s.tables[1], Target: to, Rename: s.renames, Times: s.times}
	text, err := os.ReadFile(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		text, err := json.Marshal(kept{now, s.began})
		if err == nil {
			err = files.Write(name, files.Private, append(text, '\n'))
		}
		if err != nil {
			return nil, err
		}
	case err != nil:
		return nil, err
	case !s.resume:
		return nil, fmt.Errorf("%s has a job already: add -resume to go on with it, or choose another directory", s.state)
	default:
		var found kept
		if err := json.Unmarshal(text, &found); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		then := found.job
		if same := then; same.Target != to {
			if same.Target = to; same == now {
				return nil, fmt.Errorf("%s is the state of a job that writes to %v, and this is %v: of what was read, rows are there that are not here", s.state, then.Target, to)
			}
		}
		if then != now {
			return nil, fmt.Errorf("%s is the state of another job: from %s to %s, -rename=%q -times=%v", s.state, then.From, then.To, then.Rename, then.Times)
		}
		if !found.Began.IsZero() {
			s.began = found.Began
		}
	}
	return checkpoint.File(filepath.Join(s.state, "checkpoint"))
}

// release lets others use the directory.
func (s *settings) release() {
	if s.lock != nil {
		_ = s.lock.Unlock() // as the end of the process does
	}
}

// hasDead tells whether there are rows, also of earlier runs, that could not be written.
func (s *settings) hasDead() bool {
	info, err := os.Stat(s.deadLetters())
	return err == nil && info.Size() > 0
}

// cleanUp removes a directory that nobody asked for, unless it holds rows.
func (s *settings) cleanUp() error {
	if !s.passing || s.hasDead() {
		return nil
	}
	return os.RemoveAll(s.state)
}
