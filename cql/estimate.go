package cql

import (
	"context"
	"math"

	"github.com/rxcql/rxcql/internal/ring"
)

// SizeEstimate tells about how many bytes and partitions a table has in the whole cluster, each counted once however
// many replicas hold it. It is a hint, good for choosing how finely to split a scan and for nothing else: it may be off
// by a factor of seven for small tables, leaves out what is not yet flushed to disk, is renewed every few minutes, and
// is zero of what is not known.
//
// It sums what system.size_estimates says on the node that answers, which covers the token ranges that the node is the
// primary of, and scales by their share of the ring, as Spark's Cassandra connector does.
func (s *Session) SizeEstimate(ctx context.Context, t Table) (bytes, partitions int64, err error) {
	var size, count, share float64
	err = s.lookUp(ctx, "estimate", func(row cells) error {
		tokens, err := ring.ParseTokens([]string{row.text(0), row.text(1)})
		if err != nil {
			return err
		}
		share += estimated(tokens[0], tokens[1]).Share()
		n := float64(row.integer(3, 8))
		count += n
		size += n * float64(row.integer(2, 8))
		return row.err
	}, "SELECT range_start, range_end, mean_partition_size, partitions_count FROM system.size_estimates WHERE keyspace_name = ? AND table_name = ?",
		t.Keyspace, t.Name)
	if err != nil || share == 0 {
		return 0, 0, err
	}
	share = min(share, 1)
	return rounded(size / share), rounded(count / share), nil
}

// estimated is a row's range. In the table ranges do not wrap around, and the least token as an end is the ring's end.
func estimated(start, end int64) ring.Range {
	if end == ring.Min {
		end = ring.Max
	}
	return ring.Range{Start: start, End: end}
}

// rounded keeps what is too much for an int64 at the most that it holds.
func rounded(f float64) int64 {
	if f >= math.MaxInt64 {
		return math.MaxInt64
	}
	return int64(math.Round(f))
}
