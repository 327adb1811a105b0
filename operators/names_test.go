package operators_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	op "github.com/rxcql/rxcql/operators"
)

func TestConstantsTellTheirNames(t *testing.T) {
	require.Equal(t, "[Decision(-1) Stop Resume Again Decision(3)]",
		fmt.Sprint([]op.Decision{op.Stop - 1, op.Stop, op.Resume, op.Again, op.Again + 1}))
	require.Equal(t, "[Join(-1) InnerJoin LeftJoin FullJoin Join(3)]",
		fmt.Sprint([]op.Join{op.InnerJoin - 1, op.InnerJoin, op.LeftJoin, op.FullJoin, op.FullJoin + 1}))
}
