package source_test

import (
	"context"
	"flag"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/internal/virtualtime"
	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/source"
)

var memoryRows = flag.Int("rows", enoughRows(), "rows that TestMemoryStaysFlat scans")

// enoughRows is fewer under the race detector, which takes a minute and a half for a million.
func enoughRows() int {
	if virtualtime.RaceDetector {
		return 200_000
	}
	return 1_000_000
}

// peak scans n generated rows through a pipeline and gives the largest live heap, in bytes, of those at 20 moments. At
// each the consumer holds still until everything that may be fetched ahead has arrived, so that figures of two runs
// can be compared.
func peak(t *testing.T, n int) (largest uint64) {
	virtualtime.Test(t, func(t *testing.T) { largest = peakInBubble(t, n) })
	return largest
}

func peakInBubble(t *testing.T, n int) uint64 {
	type event struct {
		Bucket, ID int
		Payload    string
	}
	const partitions = 100
	payload := strings.Repeat("x", 300) // so that pages reach their 1 MiB well within 10,000 rows
	server, session := serveInBubble(t, cqltest.LogSize(10))
	server.MustExec("CREATE TABLE lab.events (bucket int, id int, payload text, PRIMARY KEY (bucket, id))")
	server.Generate("lab.events", cqltest.Generator{
		Partitions: partitions, Rows: n / partitions,
		Key: func(p int) []any { return []any{p} },
		Row: func(_, r int) []any { return []any{r, payload} },
	})
	events := source.Query[event](session, "SELECT bucket, id, payload FROM lab.events").Rows()
	doubled := operators.Map(events, func(e event) event { e.ID *= 2; return e })
	batches := operators.Buffer(operators.Filter(doubled, func(e event) bool { return e.ID >= 0 }), 500)
	var (
		largest uint64
		seen    int
		stats   runtime.MemStats
		every   = max(n/500/20, 1)
	)
	for batch, err := range batches.All(context.Background()) {
		require.NoError(t, err)
		if seen += len(batch); seen/500%every == 0 {
			synctest.Wait()
			runtime.GC()
			runtime.ReadMemStats(&stats)
			largest = max(largest, stats.HeapAlloc)
		}
	}
	require.Equal(t, n, seen)
	return largest
}

// TestMemoryStaysFlat takes as many rows as one likes:
//
//	go test -run MemoryStaysFlat -v -timeout 1h ./source -rows 100000000
func TestMemoryStaysFlat(t *testing.T) {
	few, many := peak(t, 10_000), peak(t, *memoryRows)
	t.Logf("live heap: %.2f MiB at 10,000 rows, %.2f MiB at %d", float64(few)/(1<<20), float64(many)/(1<<20), *memoryRows)
	require.LessOrEqual(t, float64(many), 1.2*float64(few))
}
