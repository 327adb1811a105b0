package files_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if what := os.Getenv("FILES_CHILD"); what != "" {
		child(what, os.Getenv("FILES_PATH"))
	}
	goleak.VerifyTestMain(m)
}
