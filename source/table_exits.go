package source

import (
	"context"
	"slices"

	"github.com/rxcql/rxcql/internal/async"
	"github.com/rxcql/rxcql/internal/demand"
	"github.com/rxcql/rxcql/internal/stage"
	"github.com/rxcql/rxcql/rx"
)

// TablePage is one page of a table's rows, all of one range.
type TablePage[T any] struct {
	Rows []T // never empty
	// Of is the range that the scan was to read and the page belongs to: one of those given to [Scan.Ranges], else one of
	// its own; of a scan that goes on from a checkpoint, as much of it as is read in one go. One that has no rows has no
	// pages. All are done when the run ends without an error; when it ends with a [*ScanError], all but those it tells of.
	Of Range
	// Range is the page's range behind it, with the cursor to go on from if all pages before it were dealt with; no other
	// page is of a range with this Start.
	Range Range
	Last  bool // there are no rows of Range behind the page
	// Left is what is left, behind this page and all that were consumed before it, of the range that the scan was to read:
	// whoever goes on later, or elsewhere, gives it to [Scan.Ranges]. It is Range, if that is not at its end, and
	// besides what was cut off it because it took the servers too long.
	//
	// Where [Scan.Each] has several pages under way, those before this one may not be done with yet, or fail. Then Left
	// begins with the first of them, and has this page in it, too: nothing is lost, but some comes again.
	Left     []Range
	Host     string // the coordinator that sent it
	Warnings []string
	Bytes    int // the size of its cells
}

// Rows is the stream of the table's rows.
//
// Ordered within a partition, but rows of other partitions may come between its rows, as several ranges are read side by
// side; with [Scan.InTokenOrder] all is in the order of the tokens, and a partition's rows are adjacent. Concurrent:
// several ranges are read at a time, and decoded, while the consumer works; nothing is read before the run starts, nor,
// if it is a subscriber's, before its first request; after that, what is read is bounded by the buffer, not by what was
// requested. Buffers at most Parallel × (1 + ReadAhead) pages, whatever the consumer does. A run is admitted by the
// session until it ends. On error: what can never succeed, such as a row that does not fit T, ends the stream with a
// [*RangeError]; ranges that cannot be read are told by a [*ScanError] after all others were read. When ctx ends, fetches
// under way are cancelled and rows that were fetched are dropped.
func (t Scan[T]) Rows() rx.Observable[T] {
	return watched(stage.Source, t.name, func(ctx context.Context, yield func(T) bool) error {
		return t.run(ctx, 0, newDecodedRows[T](t.pages.lenient), func(ctx context.Context, g *async.Group, s *scan) error {
			done := ctx.Done()
			return s.each(ctx, g, func(pg *portion) (bool, error) {
				for _, row := range pg.rows.([]T) {
					select {
					case <-done:
						return false, rx.Cause(ctx)
					default:
					}
					if !yield(row) {
						return false, nil
					}
				}
				return true, nil
			})
		})
	})
}

// Pages is the stream of the table's pages; those of one range come in order. A page counts as consumed when the
// consumer wants the next. Otherwise it is as [Scan.Rows].
func (t Scan[T]) Pages() rx.Observable[TablePage[T]] {
	return watched(stage.Source, t.name, func(ctx context.Context, yield func(TablePage[T]) bool) error {
		return t.run(ctx, 0, newDecodedRows[T](t.pages.lenient), func(ctx context.Context, g *async.Group, s *scan) error {
			return s.each(ctx, g, func(pg *portion) (bool, error) { return yield(tablePage[T](pg)), nil })
		})
	})
}

func tablePage[T any](pg *portion) TablePage[T] {
	behind, left := pg.piece.family.behind(pg.piece, pg.receipt, pg.last)
	return TablePage[T]{
		Rows: pg.rows.([]T), Of: pg.piece.family.of, Range: behind, Last: pg.last, Left: left,
		Host: pg.host, Warnings: pg.warnings, Bytes: pg.bytes,
	}
}

// Count counts the table's rows, or those of its ranges, for which the condition holds. Only the partitions' tokens are
// sent, and all is counted here: a count by the servers would time out. If one of the ranges has a cursor, the columns
// that it belongs to are sent, too. Of a scan with a checkpoint it fails with
// [ErrNeedsEach], as Rows does.
func (t Scan[T]) Count(ctx context.Context) (int64, error) { return t.count(ctx) }

func (t tableQuery) count(ctx context.Context) (n int64, err error) {
	if !slices.ContainsFunc(t.ranges, func(r Range) bool { return r.Cursor != nil }) {
		t.row, t.columns = nil, nil
	}
	err = t.watched(demand.Without(ctx), func(ctx context.Context) error {
		return t.run(ctx, 0, countedRows, func(ctx context.Context, g *async.Group, s *scan) error {
			s.counts = stage.From(ctx)
			return s.each(ctx, g, func(pg *portion) (bool, error) {
				n += int64(pg.n)
				return true, nil
			})
		})
	})
	return n, err
}
