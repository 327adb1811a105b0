package sink

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/rxcql/rxcql/internal/files"
)

// shardFolder is where files of shards are written to, on this machine.
type shardFolder struct {
	path    string
	mode    fs.FileMode
	replace bool          // files of earlier runs
	before  []string      // their names
	drafts  []fs.DirEntry // that may have been left behind
}

// begin looks for files that an earlier run has written by the same pattern.
func (f *shardFolder) begin(prefix, suffix string) error {
	entries, err := os.ReadDir(f.path)
	if err != nil {
		return fmt.Errorf("sink: %w", err)
	}
	for _, e := range entries {
		name := e.Name()
		if files.IsDraft(name) {
			f.drafts = append(f.drafts, e)
		}
		hidden := strings.HasPrefix(name, ".") && !strings.HasPrefix(prefix, ".") // such as a temporary file
		if e.IsDir() || hidden || len(name) <= len(prefix)+len(suffix) ||
			!strings.HasPrefix(name, prefix) || !strings.HasSuffix(name, suffix) {
			continue
		}
		if !f.replace {
			return fmt.Errorf("sink: %s has %s, as an earlier run has written it: choose another folder, remove what is there, or ask for Replace: %w",
				f.path, name, fs.ErrExist)
		}
		f.before = append(f.before, name)
	}
	return nil
}

func (f *shardFolder) create(_ context.Context, name string) (draft, error) {
	if filepath.Base(name) != name || name == "." || name == ".." {
		return nil, fmt.Errorf("%q is not the name of a file", name)
	}
	d, err := files.CreateAmong(filepath.Join(f.path, name), f.mode, f.drafts)
	if err != nil {
		return nil, err
	}
	return &shardDraft{d, f}, nil
}

// end removes files of earlier runs that others have come for.
func (f *shardFolder) end(outdated func(name string) bool) error {
	removed := false
	for _, name := range f.before {
		if !outdated(name) {
			continue
		}
		if err := os.Remove(filepath.Join(f.path, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("sink: removing what an earlier run has written: %w", err)
		}
		removed = true
	}
	if !removed {
		return nil
	}
	return files.SyncFolder(f.path)
}

// shardDraft is a file of the folder under its temporary name.
type shardDraft struct {
	*files.Draft
	folder *shardFolder
}

func (d *shardDraft) commit() error {
	if !d.folder.replace {
		if err := d.Vacant(); err != nil {
			return errors.Join(err, d.Abort())
		}
	}
	return d.Commit()
}

func (d *shardDraft) abort(error) error { return d.Abort() }
func (d *shardDraft) rest() error       { return d.Rest() }
func (d *shardDraft) resume() error     { return d.Resume() }
