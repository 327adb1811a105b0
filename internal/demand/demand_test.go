package demand_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/demand"
)

type always struct{}

func (always) Wait(context.Context) bool { return true }
func (always) Unbounded() bool           { return true }

func TestAContextCarriesADemandUntilItIsTakenOut(t *testing.T) {
	ctx := t.Context()
	require.Nil(t, demand.From(ctx))
	require.Equal(t, ctx, demand.Without(ctx), "nothing to take out, nothing to pay")

	with := demand.With(ctx, always{})
	require.Equal(t, always{}, demand.From(with))
	without := demand.Without(with)
	require.Nil(t, demand.From(without))
	require.Equal(t, always{}, demand.From(demand.With(without, always{})), "a stage may put in its own")
}

func TestAContextWithoutADemandCostsNoAllocation(t *testing.T) {
	ctx := t.Context()
	require.Zero(t, testing.AllocsPerRun(100, func() { ctx = demand.Without(ctx) }))
}
