package operators_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

// An operator that need not read ahead asks its upstream for no more than its first item takes, so that the first of
// very many comes at once.
func TestTheFirstOfManyComesAtOnce(t *testing.T) {
	reads := map[string]int{
		"Skip": 6, "Buffer": 3, // what they need
		"SkipWhile": 2, "Filter": 1, "FilterMap": 2, "ConcatMap": 2,
		"Pairwise": 2, "Unbatch": 2, "Unbatch of Buffer": 3,
		"Find": 2, "SkipLast": 5, "DefaultIfEmpty": 2, "OrElse": 2,
		"BufferAdjacent": 2, "SplitWhen": 2, "SplitAfter": 2,
		"Concat": 0, "StartWith": 0, "ResumeWith as the other": 0, "Repeat for ever": 0, "Using": 0, // others come before
	}
	// What these emit depends on the last item, or they emit nothing.
	exempt := []string{"Reduce", "Last", "TakeLast", "TakeLast of 0", "Take of 0", "Repeat 0 times"}
	for _, o := range slices.Concat(synchronous, transforming, selecting, splitting, recovering) {
		if slices.Contains(exempt, o.name) {
			continue
		}
		t.Run(o.name, func(t *testing.T) {
			want, ok := reads[o.name]
			if !ok {
				want = 1
			}
			var runs, yielded int
			leave(t, op.Take(o.apply(counted(rx.Range(0, 50_000_000), &runs, &yielded)), 1), 1)
			require.Equal(t, want, yielded)
		})
	}
	for _, o := range windowing {
		t.Run(o.name, func(t *testing.T) {
			var runs, yielded int
			leave(t, op.Take(o.apply(counted(rx.Range(0, 50_000_000), &runs, &yielded)), 1), 1)
			require.LessOrEqual(t, yielded, 5, "up to the first that is past the first window")
		})
	}
}
