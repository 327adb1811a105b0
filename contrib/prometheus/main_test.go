package rxprom_test

import (
	"os"
	"testing"

	"github.com/rxcql/rxcql/internal/cassandra"
)

func TestMain(m *testing.M) { os.Exit(cassandra.Main(m)) }
