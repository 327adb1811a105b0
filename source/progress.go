package source

import (
	"encoding/json"
	"fmt"
	"time"
)

// Progress is how far a scan has got, at one moment. What was consumed counts: pages whose rows were all taken, of an
// [Scan.Each] those whose function returned nil. It comes from a [Tracker].
//
// Ranges, Done and Share are of the job, what earlier runs with the same checkpoint had done included. All else is of
// this run: a checkpoint does not keep what was counted, since a run that is killed has counted more than it has saved.
type Progress struct {
	// Ranges is how many ranges there are to read. It grows as ranges are halved that cannot be read as a whole.
	Ranges int
	Done   int // ranges that were consumed to their end
	Failed int // ranges that this run gave up

	Pages int64 // of this run
	Rows  int64 // of this run
	Bytes int64 // of this run: the size of the rows' cells

	// Share is the part of the ring, or of the ranges that were given, that is done with, from 0 to 1. Partitions are
	// spread evenly over the ring, so it tells about how much of the table is done; not where a few of them are huge.
	Share float64
	// Resumed is the part of Share that earlier runs with the same checkpoint had done.
	Resumed float64

	Elapsed time.Duration // since the run began
	Ended   bool          // the run is over, for whatever reason

	recent look // what was done lately; zero if that is not known
}

// look is what was done in a time.
type look struct {
	took  time.Duration
	rows  int64
	share float64
}

// lately is what a run has done since it was looked at about a minute ago, else since it began, or all of it once it has
// ended. So a pause shows, and a rate that was changed.
func (p Progress) lately() look {
	if p.recent.took > 0 {
		return p.recent
	}
	return look{took: p.Elapsed, rows: p.Rows, share: p.Share - p.Resumed}
}

// Rate is the number of rows consumed in a second, on average over the last minute if the progress was polled or watched
// meanwhile, else, and of a run that has ended, since the run began.
func (p Progress) Rate() float64 {
	lately := p.lately()
	if lately.took <= 0 {
		return 0
	}
	return float64(lately.rows) / lately.took.Seconds()
}

// TimeLeft is how long the rest will take, if what is left of the ring takes as long as what was done of it lately, as
// with Rate; false if nothing was.
func (p Progress) TimeLeft() (time.Duration, bool) {
	lately := p.lately()
	if lately.share <= 0 || lately.took <= 0 {
		return 0, false
	}
	left := (1 - p.Share) / lately.share * float64(lately.took)
	return time.Duration(min(left, float64(longestLeft))), true
}

// longestLeft is more than anyone waits for, and less than a Duration holds.
const longestLeft = 100 * 365 * 24 * time.Hour

// MarshalJSON gives it for a log or a report: counts, parts of the ring from 0 to 1, times in seconds. There is no
// left_seconds if that is not known, or the run has ended.
func (p Progress) MarshalJSON() ([]byte, error) {
	is := struct {
		Ranges  int      `json:"ranges"`
		Done    int      `json:"ranges_done"`
		Failed  int      `json:"ranges_failed"`
		Pages   int64    `json:"pages"`
		Rows    int64    `json:"rows"`
		Bytes   int64    `json:"bytes"`
		Share   float64  `json:"share"`
		Resumed float64  `json:"share_resumed"`
		Elapsed float64  `json:"elapsed_seconds"`
		Rate    float64  `json:"rows_per_second"`
		Left    *float64 `json:"left_seconds,omitempty"`
		Ended   bool     `json:"ended"`
	}{
		p.Ranges, p.Done, p.Failed, p.Pages, p.Rows, p.Bytes, p.Share, p.Resumed, p.Elapsed.Seconds(), p.Rate(), nil, p.Ended,
	}
	if left, known := p.TimeLeft(); known && !p.Ended {
		seconds := left.Seconds()
		is.Left = &seconds
	}
	return json.Marshal(is)
}

// countOf is a number of ranges in words.
func countOf(ranges int) string {
	if ranges == 1 {
		return "1 range"
	}
	return fmt.Sprintf("%d ranges", ranges)
}

// String gives it on one line, such as
//
//	42.0%, 27 of 64 ranges, 420000 rows, 35000 rows/s, 17s left
//
// or, of a run that was resumed,
//
//	42.0%, 27 of 64 ranges, 30.0% by earlier runs; this one: 120000 rows, 35000 rows/s, 48s left
func (p Progress) String() string {
	s := fmt.Sprintf("%.1f%%, %d of %s, ", 100*p.Share, p.Done, countOf(p.Ranges))
	if p.Resumed > 0 {
		s += fmt.Sprintf("%.1f%% by earlier runs; this one: ", 100*p.Resumed)
	}
	s += fmt.Sprintf("%d rows, %.0f rows/s", p.Rows, p.Rate())
	if p.Failed > 0 {
		s += ", " + countOf(p.Failed) + " failed"
	}
	if left, known := p.TimeLeft(); known && !p.Ended {
		s += fmt.Sprintf(", %v left", left.Round(time.Second))
	}
	return s
}
