package operators_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/internal/virtualtime"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/rxtest"
)

func TestEveryOperatorConforms(t *testing.T) {
	for _, o := range everyOperator() {
		t.Run(o.name, o.conforms)
	}
}

// everyOperator is the table of all operators, in several ways of use.
func everyOperator() []operator {
	all := slices.Concat(
		synchronous, withTime(), rated, shared, combining(), grouping,
		transforming, selecting, splitting, windowing, recovering,
	)
	for _, n := range []int{1, 2, 5, 100} {
		for _, o := range slices.Concat(concurrent(n), keyed(n)) {
			o.name += fmt.Sprintf(" n=%d", n)
			all = append(all, o)
		}
	}
	return all
}

// operator is an entry of the tables of everyOperator: an operator, as applied to a stream of integers,
// and what it is to make of one.
type operator struct {
	name  string
	apply func(src rx.Observable[int]) rx.Observable[int]
	// model tells what must come out of a stream of items that ends with err, which may be nil.
	model func(items []int, err error) ([]int, error)
	// in are the items with which the contract is checked, if not the usual ones: without those on which the operator
	// fails by itself, because rxtest takes such an error for a missed cancel.
	in []int
	// traits exempt it from parts of the contract; of what Unordered operators emit, the order is not compared.
	traits rxtest.Trait
}

func (o operator) unordered() bool { return o.traits&rxtest.Unordered != 0 }

// conforms checks that the operator keeps the contract of package rx, and that it does what its model says on random
// streams, which complete or fail and which the consumer reads to the end or leaves. Time is virtual.
func (o operator) conforms(t *testing.T) {
	t.Run("contract", func(t *testing.T) {
		virtualtime.Test(t, func(t *testing.T) {
			in := o.in
			if in == nil {
				in = []int{2, 4, 6, 7, 8, 9}
			}
			rxtest.Operator(t, in, o.apply, o.traits)
		})
	})
	if o.model == nil { // what comes out depends on time; tests of its own tell what must
		return
	}
	t.Run("model", func(t *testing.T) {
		rapid.Check(t, func(rt *rapid.T) { o.checkModel(t, rt) })
	})
}

func (o operator) checkModel(t *testing.T, rt *rapid.T) {
	items := rapid.SliceOfN(rapid.IntRange(0, 9), 0, 30).Draw(rt, "items")
	var srcErr error
	if rapid.Bool().Draw(rt, "fails") {
		srcErr = errSource
	}
	want, wantErr := o.model(items, srcErr)
	// The consumer leaves at the item of this number, counted from 1; 0 is never.
	leaves := rapid.IntRange(0, len(want)).Draw(rt, "leaves")
	if leaves > 0 {
		wantErr = nil
	}

	stream := o.apply(failing(srcErr, items...))
	for range 2 { // the second run must be as the first
		got, err := consume(t, stream, leaves)
		require.Equal(rt, wantErr, err)
		switch {
		case o.unordered() && leaves > 0:
			require.Len(rt, got, leaves)
			require.Subset(rt, want, got)
		case o.unordered():
			require.ElementsMatch(rt, want, got)
		case leaves > 0:
			require.Equal(rt, want[:leaves], got)
		default:
			require.Equal(rt, append([]int{}, want...), got)
		}
	}
}

// consume runs src in virtual time and leaves it at the given item, counted from 1. It takes all that it gets, also
// after that.
func consume(t *testing.T, src rx.Observable[int], leaves int) (got []int, err error) {
	virtualtime.Test(t, func(t *testing.T) {
		got = []int{}
		err = src(t.Context(), func(v int) bool {
			got = append(got, v)
			return len(got) != leaves
		})
	})
	return got, err
}

// passesOn makes the model of an operator that reads to the end and passes an error on, from what it makes of items.
func passesOn(f func(items []int) []int) func([]int, error) ([]int, error) {
	return func(items []int, err error) ([]int, error) { return f(items), err }
}

// same is the model of an operator that changes nothing.
var same = passesOn(func(items []int) []int { return items })
