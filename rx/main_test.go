package rx_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/rxcql/rxcql/internal/virtualtime"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// both runs a test with real time and in a bubble.
func both(t *testing.T, test func(t *testing.T)) {
	t.Run("real", test)
	t.Run("virtual", func(t *testing.T) { virtualtime.Test(t, test) })
}
