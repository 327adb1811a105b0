package source

import (
	"fmt"
	"time"
)

// Progress is how far a scan has got, at one moment. What was consumed counts: pages whose rows were all taken, of an
// [Scan.Each] those whose function returned nil. It comes from a [Tracker].
type Progress struct {
	// Ranges is how many ranges there are to read. It grows as ranges are halved that cannot be read as a whole.
	Ranges int
	Done   int // ranges that were consumed to their end
	Failed int // ranges that were given up

	Pages int64
	Rows  int64
	Bytes int64 // the size of the rows' cells

	// Share is the part of the ring, or of the ranges that were given, that is done with, from 0 to 1. Partitions are
	// spread evenly over the ring, so it tells about how much of the table is done; not where a few of them are huge.
	Share float64
	// Resumed is the part of Share that earlier runs with the same checkpoint had done. Done and Ranges count the ranges
	// of those too; what pages, rows and bytes they had is not known.
	Resumed float64

	Elapsed time.Duration // since the run began
	Ended   bool          // the run is over, for whatever reason
}

// Rate is the number of rows consumed in a second, on average since the run began.
func (p Progress) Rate() float64 {
	if p.Elapsed <= 0 {
		return 0
	}
	return float64(p.Rows) / p.Elapsed.Seconds()
}

// Left is how long the rest will take, if what is left of the ring takes as long as what this run has done of it; false
// as long as nothing is known.
func (p Progress) Left() (time.Duration, bool) {
	done := p.Share - p.Resumed
	if done <= 0 || p.Elapsed <= 0 {
		return 0, false
	}
	left := (1 - p.Share) / done * float64(p.Elapsed)
	return time.Duration(min(left, float64(longestLeft))), true
}

// longestLeft is more than anyone waits for, and less than a Duration holds.
const longestLeft = 100 * 365 * 24 * time.Hour

// String gives it on one line, such as
//
//	42.0%, 27 of 64 ranges, 420000 rows, 35000 rows/s, 17s left
func (p Progress) String() string {
	s := fmt.Sprintf("%.1f%%, %d of %d ranges, %d rows, %.0f rows/s", 100*p.Share, p.Done, p.Ranges, p.Rows, p.Rate())
	if p.Failed > 0 {
		s += fmt.Sprintf(", %d ranges failed", p.Failed)
	}
	if left, known := p.Left(); known && !p.Ended {
		s += fmt.Sprintf(", %v left", left.Round(time.Second))
	}
	return s
}
