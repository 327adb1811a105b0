package checkpoint_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// The driver never ends the goroutine that watches its control connection if the session is closed before that goroutine
// has begun, which on a busy machine happens in spite of what Connect does about it.
func TestMain(m *testing.M) {
	if orders := os.Getenv(ordersEnv); orders != "" {
		child(orders) // of a test that kills it
	}
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/gocql/gocql.(*controlConn).heartBeat"))
}
