package operators_test

import (
	"context"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// shared are the operators that connect several streams or runs.
var shared = []operator{
	{
		name:  "Killable",
		apply: killableNow,
		model: same,
	},
	{
		name:  "Hub",
		apply: throughHub,
		model: same,
	},
}

// killableNow makes a switch for each run, and so inside of the bubble in which the run is.
func killableNow(src rx.Observable[int]) rx.Observable[int] {
	return func(ctx context.Context, yield func(int) bool) error {
		return op.Killable(src, op.NewKillSwitch())(ctx, yield)
	}
}
