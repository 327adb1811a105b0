package operators

import (
	"errors"
	"slices"
)

// Is makes a condition for [Retry], [RetryItem] and [ResumeWith]: that an error is one of targets, or wraps one, as
// [errors.Is] tells. The error classes of package cql are such targets.
//
//	rows = op.Retry(rows, op.Backoff{}, op.Is(cql.Timeout, cql.Overloaded))
//
// It panics if there is no target or one is nil, as no failure ever is that.
func Is(targets ...error) func(error) bool {
	if len(targets) == 0 || slices.Contains(targets, nil) {
		panic("operators.Is: no target, or a nil one; no error would ever be meant")
	}
	targets = slices.Clone(targets)
	return func(err error) bool {
		return slices.ContainsFunc(targets, func(target error) bool { return errors.Is(err, target) })
	}
}

// matches tells whether one of when is true for err, or there is none.
func matches(err error, when []func(error) bool) bool {
	for _, is := range when {
		if is(err) {
			return true
		}
	}
	return len(when) == 0
}
