package sink

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rxcql/rxcql/rx"
)

// shardPlace is where files of shards come to be.
type shardPlace interface {
	begin(prefix, suffix string) error
	create(ctx context.Context, name string) (draft, error)
	end(outdated func(name string) bool) error
}

var errAbandoned = errors.New("sink: the stream did not complete")

func (s Sharded[T]) write(ctx context.Context, src rx.Observable[T]) (_ TextReport, err error) {
	w := &shardWriter[T]{Sharded: s, ctx: ctx, at: s.place(), shards: map[string]*shardFile[T]{}}
	if err := w.at.begin(s.prefix, s.suffix); err != nil {
		return TextReport{}, err
	}
	defer func() { err = errors.Join(err, w.abort(cmp.Or(err, errAbandoned))) }() // also when src panics
	var failed error
	err = src(ctx, func(item T) bool {
		failed = w.add(item)
		return failed == nil
	})
	if err == nil && failed == nil {
		failed = w.finish()
	}
	for _, f := range w.report.Files {
		w.report.Rows, w.report.Bytes = w.report.Rows+f.Rows, w.report.Bytes+f.Bytes
	}
	slices.SortFunc(w.report.Files, func(a, b TextFile) int { return cmp.Compare(a.Name, b.Name) })
	return w.report, errors.Join(err, failed)
}

// shardWriter is one Write.
type shardWriter[T any] struct {
	Sharded[T]
	ctx    context.Context
	at     shardPlace
	shards map[string]*shardFile[T]
	opened []*shardFile[T] // those that are open, the one that was written to least recently first
	row    int64
	report TextReport
}

func (w *shardWriter[T]) rolls() bool { return w.rows > 0 || w.bytes > 0 }

func (w *shardWriter[T]) add(item T) error {
	name := w.shard(item)
	f := w.shards[name]
	if f == nil {
		if name == "" {
			return fmt.Errorf("sink: row %d of the stream: its shard has no name", w.row)
		}
		f = &shardFile[T]{shard: name, compression: w.compression}
		w.shards[name] = f
	}
	if err := w.ready(f); err != nil {
		return fmt.Errorf("sink: row %d of the stream: shard %q: %w", w.row, name, err)
	}
	if err := f.text.add(item); err != nil {
		return fmt.Errorf("%w (in %s; row %d of the stream)", err, f.name, w.row)
	}
	w.row++
	rows, bytes := f.text.report.Rows+f.text.rows, f.text.report.Bytes+int64(len(f.text.held))
	if w.rows > 0 && rows >= w.rows || w.bytes > 0 && bytes >= w.bytes {
		return w.commit(f)
	}
	return nil
}

// ready sees to it that a file is open, and is the last to be closed.
func (w *shardWriter[T]) ready(f *shardFile[T]) error {
	if n := len(w.opened); n > 0 && w.opened[n-1] == f {
		return nil
	}
	if i := slices.Index(w.opened, f); i >= 0 {
		w.opened = append(slices.Delete(w.opened, i, i+1), f)
		return nil
	}
	if len(w.opened) == w.open {
		if err := w.shut(w.opened[0]); err != nil {
			return err
		}
	}
	if f.draft != nil {
		w.opened = append(w.opened, f)
		return f.resume()
	}
	shard := f.shard
	if w.rolls() {
		f.number++
		shard = fmt.Sprintf("%s-%05d", shard, f.number)
	}
	name := w.prefix + shard + w.suffix
	d, err := w.at.create(w.ctx, name)
	if err != nil {
		return err
	}
	w.opened = append(w.opened, f)
	return f.begin(name, d, w.format.Encoder())
}

// shut makes room for another open file.
func (w *shardWriter[T]) shut(f *shardFile[T]) error {
	d, rests := f.draft.(resting)
	switch {
	case !rests && w.rolls():
		return w.commit(f)
	case !rests:
		return fmt.Errorf("%d files are open already, and none of them can be closed for a while: allow for more by Open, or for several of a shard by Roll", w.open)
	}
	w.opened = slices.DeleteFunc(w.opened, func(o *shardFile[T]) bool { return o == f })
	if err := f.flush(); err != nil {
		return fmt.Errorf("%s: %w", f.name, err)
	}
	return d.rest()
}

// commit gives a file its name.
func (w *shardWriter[T]) commit(f *shardFile[T]) error {
	w.opened = slices.DeleteFunc(w.opened, func(o *shardFile[T]) bool { return o == f })
	if err := f.flush(); err != nil { // what is there of it goes later
		return fmt.Errorf("sink: %s: %w", f.name, err)
	}
	d := f.draft
	f.draft = nil
	if err := d.commit(); err != nil {
		return fmt.Errorf("sink: %s: %w", f.name, err)
	}
	w.report.Files = append(w.report.Files, TextFile{Name: f.name, Rows: f.text.report.Rows, Bytes: f.text.report.Bytes})
	return nil
}

// finish gives all files their names, in their order, and has those go that they take the place of.
func (w *shardWriter[T]) finish() error {
	files := make([]*shardFile[T], 0, len(w.shards))
	for _, f := range w.shards {
		if f.draft != nil {
			files = append(files, f)
		}
	}
	slices.SortFunc(files, func(a, b *shardFile[T]) int { return cmp.Compare(a.name, b.name) })
	for _, f := range files {
		if err := w.commit(f); err != nil {
			return err
		}
	}
	return w.at.end(w.outdated)
}

// outdated tells a file of a shard that has come, and that has fewer files now.
func (w *shardWriter[T]) outdated(name string) bool {
	if !w.rolls() {
		return false // one file of each shard, which was replaced
	}
	numbered := strings.TrimSuffix(strings.TrimPrefix(name, w.prefix), w.suffix)
	at := strings.LastIndexByte(numbered, '-')
	if at < 0 {
		return false
	}
	f := w.shards[numbered[:at]]
	var number int
	if _, err := fmt.Sscanf(numbered[at:], "-%d", &number); f == nil || err != nil || numbered[at:] != fmt.Sprintf("-%05d", number) {
		return false
	}
	return number > f.number
}

// abort has the files go that are not full.
func (w *shardWriter[T]) abort(why error) (err error) {
	for _, f := range w.shards {
		if f.draft != nil {
			err = errors.Join(err, f.draft.abort(why))
		}
	}
	return err
}
