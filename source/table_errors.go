package source

import (
	"errors"
	"fmt"
	"strings"
)

var (
	// ErrNeedsEach is the end of [Scan.Rows], [Scan.Pages] and [Scan.Count] of a scan with a checkpoint. Run it with
	// [Scan.Each]: only what its function returns tells that a page was dealt with.
	ErrNeedsEach = errors.New("source: a scan with a checkpoint is run by Each: " +
		"only what its function returns tells that a page was dealt with")

	// ErrGivenUp is the cause of ranges that were not tried, since nothing but failures had come for too long: the last of
	// them is in the error, too. Read what is left, [ScanError.Left], when the cluster is well again.
	ErrGivenUp = errors.New("not read: nothing but failures has come for too long")
)

// ErrSchemaChanged is the end of a scan whose table was altered in what the scan reads, or was dropped, while it was
// under way. Start it anew.
var ErrSchemaChanged = errors.New("source: the table's schema has changed during the scan; start it anew")

// RangeError is a range of a table that could not be read.
type RangeError struct {
	Range Range // what is left of it; [Scan.Ranges] goes on from there
	Err   error
}

// Error names the range and the cause.
func (e *RangeError) Error() string { return fmt.Sprintf("source: range %v: %v", e.Range, e.Err) }

// Unwrap returns the cause.
func (e *RangeError) Unwrap() error { return e.Err }

// ScanError is the end of a scan that could not read some of its ranges, after all others were read. To try again, give
// what is left to [Scan.Ranges].
type ScanError struct{ Failed []*RangeError }

// Error names the first few ranges.
func (e *ScanError) Error() string {
	const most = 3
	var b strings.Builder
	fmt.Fprintf(&b, "source: %s could not be read:", countOf(len(e.Failed)))
	for i, f := range e.Failed {
		if i == most {
			fmt.Fprintf(&b, " and %d more", len(e.Failed)-most)
			break
		}
		fmt.Fprintf(&b, " %v: %v;", f.Range, f.Err)
	}
	return strings.TrimSuffix(b.String(), ";")
}

// Unwrap makes errors.Is and errors.As see all causes.
func (e *ScanError) Unwrap() []error {
	errs := make([]error, len(e.Failed))
	for i, f := range e.Failed {
		errs[i] = f
	}
	return errs
}

// Left are what is left of the ranges that could not be read.
func (e *ScanError) Left() []Range {
	ranges := make([]Range, len(e.Failed))
	for i, f := range e.Failed {
		ranges[i] = f.Range
	}
	return ranges
}

// pieceError is the end of a scan by what can never succeed.
type pieceError struct {
	piece *piece
	err   error
}

func (e *pieceError) Error() string { return e.err.Error() }

// cursorError is the refusal of a range's cursor. It is an ErrBadState, but what that says is of queries.
type cursorError struct {
	of  Range
	why string
}

func (e *cursorError) Error() string {
	return fmt.Sprintf("source: the cursor of range %v %s: the table (one that was dropped and made anew is another), the columns "+
		"in their order, the condition, its arguments and Start must be those of the scan that it comes from; "+
		"without its Cursor the range is read from its start", e.of, e.why)
}

func (e *cursorError) Unwrap() error { return ErrBadState }
