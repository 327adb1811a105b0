package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/rxcql/rxcql/checkpoint"
)

// job is what a directory is the state of, beside what the checkpoint knows of the scan by itself.
type job struct {
	From   string `json:"from"`
	To     string `json:"to"`
	Rename string `json:"rename,omitempty"`
	Times  bool   `json:"times,omitempty"`
}

func (s *settings) deadLetters() string { return filepath.Join(s.state, "dead-letters.jsonl") }

// openState opens the checkpoint, and sees to it that nothing that is there is mixed with something else.
func (s *settings) openState() (*checkpoint.FileStore, error) {
	if s.state == "" { // with a server inside the process there is nothing to go on with
		var err error
		if s.state, err = os.MkdirTemp("", "migrate-"); err != nil {
			return nil, err
		}
		s.passing = true
	}
	if err := os.MkdirAll(s.state, 0o700); err != nil {
		return nil, err
	}
	name := filepath.Join(s.state, "job.json")
	now := job{From: s.tables[0], To: s.tables[1], Rename: s.renames, Times: s.times}
	text, err := os.ReadFile(name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && s.resume:
		return nil, fmt.Errorf("%s has no job to go on with: %w", s.state, err)
	case errors.Is(err, fs.ErrNotExist):
		if err := writeJob(name, now); err != nil {
			return nil, err
		}
	case err != nil:
		return nil, err
	case !s.resume:
		return nil, fmt.Errorf("%s has a job already: add -resume to go on with it, or choose another directory", s.state)
	default:
		var then job
		if err := json.Unmarshal(text, &then); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if then != now {
			return nil, fmt.Errorf("%s is the state of another job: from %s to %s, -rename=%q -times=%v", s.state, then.From, then.To, then.Rename, then.Times)
		}
	}
	return checkpoint.File(filepath.Join(s.state, "checkpoint"))
}

// writeJob makes a file that is there as a whole or not at all.
func writeJob(name string, j job) error {
	text, err := json.Marshal(j)
	if err != nil {
		return err
	}
	if err := os.WriteFile(name+".new", append(text, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(name+".new", name)
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
