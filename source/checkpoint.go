package source

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/ring"
)

// Checkpoint is where a scan keeps how far it got, so that it can go on after the process was killed. Package
// checkpoint has one in a file and one in a Cassandra table. It is used by one scan at a time.
type Checkpoint interface {
	// Load gives what was saved, nothing if that is nothing, and takes the checkpoint over: from now on whoever used it
	// before can save no more, but gets [ErrFenced]; be it in another process or with this very value.
	Load(ctx context.Context) (Saved, error)
	// Save adds to what was saved. A range takes the place of the one with the same Start. When it is cut short, or
	// fails, some of the ranges are saved, whole and in their order, and the others are not: they are saved again, with
	// what has changed since, a second later. When Save has failed 5 times in a row the scan ends, with [ErrFenced] at
	// once; what may pass within moments, the store had better try again itself.
	Save(ctx context.Context, changes Saved) error
}

// Saved is what a Checkpoint keeps. It holds key values: treat it as data.
type Saved struct {
	// Job is what the scan is, so that a checkpoint is not used for another; JSON. In changes it is always set.
	Job []byte
	// Ranges are those of which something was consumed, without overlaps.
	Ranges []SavedRange
	// Generation tells the runs apart that use the same value as their checkpoint. Each Load gives a higher one, Save gets
	// it back, and one that is not of the last Load is fenced off. It is not kept.
	Generation uint64 `json:"-"`
}

// SavedRange is how far a scan has got with a range.
type SavedRange struct {
	Range
	Done bool `json:"done,omitempty"`
}

var (
	// ErrFenced is the end of a scan whose checkpoint was taken over by another. Let the other go on.
	ErrFenced = errors.New("source: another scan has taken the checkpoint over")

	// ErrOtherJob is the end of a scan that was to go on from the checkpoint of a different one. Use the checkpoint for
	// the scan that made it, or remove it to start anew.
	ErrOtherJob = errors.New("source: the checkpoint is of another scan")
)

// Resume makes [Scan.Each] go on from where an earlier run with the same checkpoint got, and keep it up to date: about
// once a second, and at the end; an error of that ends the run if it does not pass within seconds. A run that was killed,
// at whatever moment, loses nothing: what was not saved as done comes again, that is, of each range the pages since the
// last one that was saved. So f must not mind to get rows twice.
//
// How the ring is split, and how much is read at a time, may change from run to run. Whatever else the scan is, the
// table with its id, the columns and their types, the condition and its arguments, must be the same: else the run ends
// with [ErrOtherJob]. A table that was altered in columns that the scan does not read is the same.
//
// Only Each can tell when a page was dealt with. Rows, Pages and Count of a scan with a checkpoint fail with
// [ErrNeedsEach]. Resume panics if c is nil, or a nil pointer.
func (t Scan[T]) Resume(c Checkpoint) Scan[T] {
	if v := reflect.ValueOf(c); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		panic("source: Resume from a nil checkpoint; make one with package checkpoint, or leave Resume out")
	}
	t.checkpoint = c
	return t
}

// job is the identity of a scan.
type job struct {
	Format      int      `json:"format"`
	Protocol    int      `json:"protocol"` // paging states are its
	Partitioner string   `json:"partitioner"`
	Table       string   `json:"table"`
	TableID     string   `json:"table_id"`
	Key         []string `json:"key"`
	Columns     []string `json:"columns"`
	Statement   string   `json:"statement"`
	Arguments   string   `json:"arguments"` // their hash
	Ranges      string   `json:"ranges"`    // the hash of those that were given; empty for the whole table
}

const (
	jobFormat   = 2
	jobProtocol = 4
)

func (t tableQuery) job(p *plan) (job, error) {
	j := job{
		Format: jobFormat, Protocol: jobProtocol, Partitioner: "Murmur3Partitioner", Table: p.table.String(), TableID: p.table.ID,
		Statement: p.statement.CQL,
	}
	arguments, err := canonicalArguments(p.statement.Args)
	if err != nil {
		return job{}, err
	}
	j.Arguments = fingerprint(arguments)
	for _, c := range p.table.Columns {
		if c.Kind == cql.PartitionKey || c.Kind == cql.Clustering {
			j.Key = append(j.Key, c.Name+" "+c.Type)
		}
	}
	for _, name := range p.selected {
		for _, c := range p.table.Columns {
			if c.Name == name {
				j.Columns = append(j.Columns, c.Name+" "+c.Type)
			}
		}
	}
	if t.ranges != nil {
		ranges := slices.Clone(t.ranges)
		sortRanges(ranges)
		given, err := json.Marshal(ranges)
		if err != nil {
			return job{}, err
		}
		j.Ranges = fingerprint(given)
	}
	return j, nil
}

func fingerprint(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// check compares the job with the one that a checkpoint is of.
func (j job) check(saved []byte) error {
	var was job
	if err := json.Unmarshal(saved, &was); err != nil {
		return fmt.Errorf("%w: what it says of it cannot be read: %w", ErrOtherJob, err)
	}
	a, b := reflect.ValueOf(was), reflect.ValueOf(j)
	for i := range a.NumField() {
		if !reflect.DeepEqual(a.Field(i).Interface(), b.Field(i).Interface()) {
			return fmt.Errorf("%w: in the checkpoint %q is %v, in this scan %v; use another checkpoint, or remove this one to start anew",
				ErrOtherJob, a.Type().Field(i).Tag.Get("json"), a.Field(i), b.Field(i))
		}
	}
	return nil
}

// resume loads the checkpoint and gives the pieces that are left of ranges.
func (t tableQuery) resume(ctx context.Context, p *plan, ranges []Range) ([]*piece, *keeper, error) {
	j, err := t.job(p)
	if err != nil {
		return nil, nil, err
	}
	text, err := json.Marshal(j)
	if err != nil {
		return nil, nil, err
	}
	saved, err := t.checkpoint.Load(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("source: loading the checkpoint: %w", err)
	}
	k := &keeper{checkpoint: t.checkpoint, job: text, generation: saved.Generation, dirty: make(map[*piece]struct{})}
	switch {
	case len(saved.Job) > 0:
		if err := j.check(saved.Job); err != nil {
			return nil, nil, err
		}
	case len(saved.Ranges) > 0:
		return nil, nil, fmt.Errorf("%w: it has ranges, but not of which scan; remove it to start anew", ErrOtherJob)
	}
	var pieces []*piece
	var taken []ring.Range
	for _, r := range ranges { // one that was given with a cursor, and was not saved since, is as one that was begun
		if r.Cursor != nil && !slices.ContainsFunc(saved.Ranges, func(s SavedRange) bool { return s.Start == r.Start }) {
			saved.Ranges = append(saved.Ranges, SavedRange{Range: r})
		}
	}
	for _, r := range saved.Ranges {
		taken = append(taken, r.bounds())
		if r.Done {
			k.done++
			continue
		}
		begun, err := newPiece(r.Range, p.cursors)
		if err != nil {
			return nil, nil, fmt.Errorf("in the checkpoint: %w", err)
		}
		pieces = append(pieces, begun)
	}
	if taken, err = ring.Disjoint(taken); err != nil {
		return nil, nil, fmt.Errorf("source: the checkpoint is damaged: %w", err)
	}
	rest := ring.Rest(taken)
	for _, whole := range ranges {
		for _, r := range ring.Common([]ring.Range{whole.bounds()}, rest) {
			fresh, err := newPiece(Range{Start: r.Start, End: r.End}, p.cursors)
			if err != nil {
				return nil, nil, err
			}
			pieces = append(pieces, fresh)
		}
	}
	if t.ordered {
		sortPieces(pieces)
	}
	return pieces, k, nil
}
