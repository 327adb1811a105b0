package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/files"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
	"github.com/rxcql/rxcql/source/bar"
)

// job is one run of the program.
type job struct {
	*settings
	to  *target
	log io.Writer

	lock    *files.Lock  // of the directory
	columns []cql.Column // that the text may have
	is      identity     // of the file

	read    atomic.Int64 // rows
	at      atomic.Int64 // where they end in the file
	lost    budget
	written sink.Report
}

// bytesInPart is after how many bytes of the file rows are acknowledged, if not before.
const bytesInPart = 16 << 20

// insert is what writes the rows.
func (j *job) insert() sink.Mutation[source.Row] {
	insert := sink.Insert[source.Row](j.to.session, j.table).Consistency(j.cluster.Consistency)
	if j.dir != "" && j.maxDead != 0 {
		insert = insert.DeadLetters(j.bury, sink.Tolerance{Rows: -1}) // as bury has the budget
	}
	if j.ttl > 0 {
		insert = insert.TTL(func(source.Row) time.Duration { return j.ttl })
	}
	if j.window > 0 {
		insert = insert.Window(j.window)
	}
	if j.rate > 0 {
		insert = insert.Throttle(rate.NewLimiter(rate.Limit(j.rate), 1+int(j.rate/10)))
	}
	if j.bytes > 0 {
		insert = insert.ThrottleBytes(rate.NewLimiter(rate.Limit(j.bytes), 1+int(j.bytes/10)))
	}
	return insert
}

func (s *settings) deadLetters() string { return filepath.Join(s.dir, "dead-letters.jsonl") }
func (s *settings) rejects() string     { return filepath.Join(s.dir, "rejected.jsonl") }

// check finds what is wrong before anything is kept or written.
func (j *job) check(ctx context.Context) (err error) {
	j.lost.max = j.maxDead
	if j.replay != "" {
		file, err := os.Open(j.replay)
		if err != nil {
			return err
		}
		return file.Close()
	}
	if j.columns, err = j.to.session.Columns(ctx, j.table, j.names...); err != nil {
		return err
	}
	if err = j.insert().Check(ctx, j.columns...); err != nil {
		return err
	}
	j.is, err = identify(j.file)
	return err
}

// load writes the rows of a file: a part, and when that is acknowledged the next.
func (j *job) load(stop context.Context) error {
	from, err := j.prepare()
	if err != nil {
		return err
	}
	records := j.records(from.Position)
	j.read.Store(from.Rows)
	j.at.Store(from.Offset)
	j.lost.lines.Store(from.Rejected)
	j.lost.rows.Store(from.Dead)
	if from.Complete {
		return nil // there is nothing left to go on with
	}
	shown := bar.Follow(j.log, j.progress)
	defer shown()

	parts := op.BufferBy(records, op.Limit{Count: j.part, Weight: bytesInPart}, func(r source.Record[source.Row]) int {
		return int(r.End.Offset - r.Start.Offset)
	})
	j.written, err = j.insert().Work(stop, func(ctx context.Context, w *sink.Writer[source.Row]) error {
		return parts.ForEach(ctx, func(part []source.Record[source.Row]) error {
			rows := op.Map(rx.From(part...), func(r source.Record[source.Row]) source.Row { return r.Row })
			if err := w.Write(ctx, rows); err != nil {
				return err
			}
			end := part[len(part)-1].End
			j.read.Add(int64(len(part)))
			j.at.Store(end.Offset)
			return j.acknowledge(end, false)
		})
	})
	if err == nil {
		err = j.acknowledge(source.Position{Offset: j.at.Load()}, true)
	}
	return err
}

// again writes the rows of a file of dead letters.
func (j *job) again(stop context.Context) error {
	if _, err := j.prepare(); err != nil {
		return err
	}
	letters := op.Map(source.DeadLetters[source.Row](j.replay).Letters(), func(f op.Failure[source.Row]) op.Failure[source.Row] {
		j.read.Add(1)
		return f
	})
	shown := bar.Follow(j.log, j.progress)
	defer shown()
	var err error
	j.written, err = j.insert().Replay(stop, letters) // with their timestamps: what was written since stays
	return err
}

// records are the rows of the file, with where they stand.
func (j *job) records(from source.Position) rx.Observable[source.Record[source.Row]] {
	var reject source.OnTextError
	if j.dir != "" {
		reject = j.reject
	}
	if j.format == "jsonl" {
		lines := source.JSONL[source.Row](j.to.text).Columns(j.columns).From(from).OnError(reject)
		if j.lenient {
			lines = lines.Lenient()
		}
		return lines.Records()
	}
	text := source.CSV[source.Row](j.to.text).Columns(j.columns).From(from).OnError(reject).
		Null(j.null).Delimiter(j.delimiter[0]).Quote(j.quote[0])
	if j.escape != "" {
		text = text.Escape(j.escape[0])
	}
	if j.noHeader {
		text = text.NoHeader()
	}
	if j.lenient {
		text = text.Lenient()
	}
	return text.Records()
}

// target is the table that is written, and the text that is read.
type target struct {
	session *cql.Session
	text    source.Opener
	size    int64 // of the text; 0 if that is not known
}
