package sink

import (
	"errors"
	"fmt"
)

// ErrTooManyDead is what a write ends with that has given more rows to the dead letters than tolerated; see
// [Tolerance]. The rows that failed are all among the dead letters. Look into them: what fails so often has one cause.
var ErrTooManyDead = errors.New("sink: more rows could not be written than are tolerated")

// Tolerance says how many rows of a write may become dead letters before it is stopped: the maxErrors of dsbulk. One
// more than that is still given to the dead letters, and then the write stops. The zero value tolerates 100.
type Tolerance struct {
	// Rows is how many are tolerated: 0 for 100, or for any number if there is a Share; less than 0 for any number.
	Rows int64
	// Share is the share of the rows that is tolerated, from 0 to 1; 0 for any.
	Share float64
	// Sample is how many rows must have been written or have failed before Share is looked at; 0 for 1,000.
	Sample int64
}

const (
	toleratedRows   = 100
	toleratedSample = 1000
)

// check panics if the tolerance is none.
func (t Tolerance) check() Tolerance {
	if !(t.Share >= 0 && t.Share <= 1) || t.Sample < 0 {
		panic(fmt.Sprintf("sink: a tolerance of a share of %v after %d rows; it must be from 0 to 1, after 0 rows or more",
			t.Share, t.Sample))
	}
	return t
}

// exceeded tells whether so many dead rows, of so many that have come to an end, are too many.
func (t Tolerance) exceeded(dead, settled int64) bool {
	rows, sample := t.Rows, t.Sample
	if rows == 0 && t.Share == 0 {
		rows = toleratedRows
	}
	if sample == 0 {
		sample = toleratedSample
	}
	return rows > 0 && dead > rows ||
		t.Share > 0 && settled >= sample && float64(dead) > t.Share*float64(settled)
}
