package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/bits"
	"runtime"
	"slices"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/source"
)

// sum is what there is to say of some rows, whatever their order.
type sum struct {
	rows   int64
	hi, lo uint64 // the sum of the rows' hashes, modulo 2^128
}

// String gives the number of rows and the hash.
func (s sum) String() string { return fmt.Sprintf("%d rows %016x%016x", s.rows, s.hi, s.lo) }

func (s sum) plus(o sum) sum {
	lo, carry := bits.Add64(s.lo, o.lo, 0)
	hi, _ := bits.Add64(s.hi, o.hi, carry)
	return sum{s.rows + o.rows, hi, lo}
}

// tally is a range with what each table has there.
type tally struct {
	of   source.Range
	sums [2]sum
}

// part is a page of one of the tables.
type part struct {
	table int
	of    source.Range
	rows  []source.Row
	sum   sum
}

// compare reads both tables and sums up what they have in each range.
func compare(ctx context.Context, first, second source.Scan[source.Row], ranges []source.Range) ([]tally, error) {
	tallies := make([]tally, len(ranges))
	byStart := make(map[int64]*tally, len(ranges))
	for i, r := range slices.SortedFunc(slices.Values(ranges), func(a, b source.Range) int { return cmp.Compare(a.Start, b.Start) }) {
		tallies[i].of = r
		byStart[r.Start] = &tallies[i]
	}

	pages := op.Merge(2, parts(0, first), parts(1, second))
	hashed := op.MapAsyncUnordered(pages, runtime.GOMAXPROCS(0), func(_ context.Context, p part) (part, error) {
		for _, row := range p.rows {
			p.sum = p.sum.plus(hash(row))
		}
		p.rows = nil
		return p, nil
	})
	err := hashed.ForEach(ctx, func(p part) error {
		in := byStart[p.of.Start]
		in.sums[p.table] = in.sums[p.table].plus(p.sum)
		return nil
	})
	return tallies, err
}

func parts(table int, scan source.Scan[source.Row]) rx.Observable[part] {
	return op.Map(scan.Pages(), func(p source.TablePage[source.Row]) part {
		return part{table: table, of: p.Of, rows: p.Rows}
	})
}

// hash is that of one row: of the lengths of its cells, -1 for null, and the cells.
func hash(row source.Row) sum {
	var b []byte
	for i := range row.Columns() {
		cell := row.Cell(i)
		n := int32(len(cell))
		if cell == nil {
			n = -1
		}
		b = append(binary.BigEndian.AppendUint32(b, uint32(n)), cell...)
	}
	h := sha256.Sum256(b)
	return sum{1, binary.BigEndian.Uint64(h[:8]), binary.BigEndian.Uint64(h[8:16])}
}
