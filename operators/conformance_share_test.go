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
		name: "DeadLetters",
		apply: func(src rx.Observable[int]) rx.Observable[int] {
			return op.DeadLetters(burying, func(dead op.OnError[int]) rx.Observable[int] { return op.TryMap(src, failOdd, dead) })
		},
		model: passesOn(func(items []int) []int { return filtered(items, isEven) }),
	},
	{
		name: "DeadLetters of MapAsync",
		apply: func(src rx.Observable[int]) rx.Observable[int] {
			return op.DeadLetters(burying, func(dead op.OnError[int]) rx.Observable[int] { return op.MapAsync(src, 3, failOdd, dead) })
		},
		model: passesOn(func(items []int) []int { return filtered(items, isEven) }),
	},
	{
		name:  "Hub.Stream",
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

// burying is a sink of dead letters that forgets them.
func burying(ctx context.Context, src rx.Observable[op.Failure[int]]) error {
	return src.ForEach(ctx, func(op.Failure[int]) error { return nil })
}
