package operators_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	op "github.com/rxcql/rxcql/operators"
)

func TestIsTellsWhetherAnErrorIsOrWrapsATarget(t *testing.T) {
	targets := []error{errOdd, errSource}
	is := op.Is(targets...)
	targets[1] = errConsumer
	require.True(t, is(errOdd))
	require.True(t, is(fmt.Errorf("because: %w", errSource)), "the targets are those it was made with")
	require.False(t, is(errConsumer))
	require.False(t, is(nil))
}

func TestIsOfNothing(t *testing.T) {
	want := "operators.Is: no target, or a nil one; no error would ever be meant"
	require.PanicsWithValue(t, want, func() { op.Is() })
	require.PanicsWithValue(t, want, func() { op.Is(errOdd, nil) })
}
