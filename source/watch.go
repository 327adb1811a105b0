package source

import (
	"context"
	"strings"

	"github.com/rxcql/rxcql/internal/stage"
	"github.com/rxcql/rxcql/rx"
)

// watched has a monitor see runs of a source or a step, by a name that is made only if there is one.
func watched[T any](kind stage.Kind, name func() string, run rx.Observable[T]) rx.Observable[T] {
	return func(ctx context.Context, yield func(T) bool) error {
		if !stage.On(ctx) {
			return run(ctx, yield)
		}
		return stage.Observe(ctx, kind, name(), run, yield)
	}
}

// name is the query's for monitors. The statement may have values in it; the name of its table is none.
func (q query) name() string { return strings.TrimSpace("query " + tableIn(q.statement.CQL)) }

// tableIn is the name of the table that a SELECT is from, as it stands there; empty if there is none.
func tableIn(statement string) string {
	if !isSelect(statement) {
		return ""
	}
	l := lexer{rest: statement}
	for token := l.next(); token != ""; token = l.next() {
		if len(l.brackets) > 0 || !strings.EqualFold(token, "FROM") {
			continue
		}
		name := l.next()
		if !isName(name) {
			return ""
		}
		if l.next() == "." {
			if table := l.next(); isName(table) {
				return name + "." + table
			}
			return ""
		}
		return name
	}
	return ""
}

// name is the scan's for monitors.
func (t tableQuery) name() string { return "table " + t.table }

// watched calls f as a source that a monitor sees, whose pages are told apart by what it does with them.
func (t tableQuery) watched(ctx context.Context, f func(ctx context.Context) error) error {
	if !stage.On(ctx) {
		return f(ctx)
	}
	inside, p := stage.Begin(ctx, stage.Source, t.name())
	defer p.End(stage.ErrPanicked, false) // if it has not ended
	err := f(inside)
	p.End(err, false)
	return err
}

// watch has a monitor see the scan, whose run ctx is.
func (s *scan) watch(ctx context.Context, width int) {
	p := stage.From(ctx)
	if p == nil {
		return
	}
	p.Concurrency(width)
	p.Gauge("pages_ahead", func() float64 { return float64(s.out.Len()) })
	p.Gauge("ranges", func() float64 { return float64(s.tracked.progress().Ranges) })
	p.GaugeOf("progress_share", stage.Mean, func() float64 { return s.tracked.progress().Share })
	p.Counter("ranges_done", func() int64 { return int64(s.tracked.progress().Done) })
	p.Counter("ranges_failed", s.tracked.failed.Load)
	p.Counter("read_bytes", s.tracked.bytes.Load)
}
