package main

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"sync/atomic"

	"golang.org/x/time/rate"

	"github.com/rxcql/rxcql/cql"
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

	read     atomic.Int64 // rows
	at       atomic.Int64 // where they end in the file
	rejected *rejects     // nil without a directory
	written  sink.Report
}

// bytesInPart is after how many bytes of the file rows are acknowledged, if not before.
const bytesInPart = 16 << 20

// insert is what writes the rows.
func (j *job) insert() sink.Mutation[source.Row] {
	insert := sink.Insert[source.Row](j.to.session, j.table).Consistency(j.cluster.Consistency)
	if j.dir != "" && j.maxDead != 0 {
		insert = insert.DeadLetters(sink.DeadLetterFile[source.Row](j.deadLetters()), sink.Tolerance{Rows: j.maxDead})
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

// load writes the rows of a file: a part, and when that is acknowledged the next.
func (j *job) load(stop context.Context) (err error) {
	from, err := j.prepare()
	if err != nil {
		return err
	}
	var reject source.OnTextError
	if j.dir != "" {
		if j.rejected, err = openRejects(j, from); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, j.rejected.close(j.log)) }()
		reject = j.rejected.take
	}
	records, err := j.records(stop, from.Position, reject)
	if err != nil {
		return err
	}
	j.read.Store(from.Rows)
	j.at.Store(from.Offset)
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
	letters := source.DeadLetters[source.Row](j.replay)
	rows := op.Map(letters, func(f op.Failure[source.Row]) source.Row {
		j.read.Add(1)
		return f.Item
	})
	shown := bar.Follow(j.log, j.progress)
	defer shown()
	var err error
	j.written, err = j.insert().Write(stop, rows)
	return err
}

// records are the rows of the file, with where they stand.
func (j *job) records(
	ctx context.Context, from source.Position, reject source.OnTextError,
) (rx.Observable[source.Record[source.Row]], error) {
	columns, err := j.to.columns(ctx, j.table, j.columns)
	if err != nil {
		return nil, err
	}
	if j.format == "jsonl" {
		lines := source.JSONL[source.Row](j.to.text).Columns(columns).From(from).OnError(reject)
		if j.lenient {
			lines = lines.Lenient()
		}
		return lines.Records(), nil
	}
	text := source.CSV[source.Row](j.to.text).Columns(columns).From(from).OnError(reject).Null(j.null).Delimiter(j.delimiter[0])
	if j.noHeader {
		text = text.NoHeader()
	}
	if j.lenient {
		text = text.Lenient()
	}
	return text.Records(), nil
}

// target is the table that is written, and the text that is read.
type target struct {
	session *cql.Session
	text    source.Opener
	size    int64 // of the text; 0 if that is not known
}
