package sink

import (
	"encoding/json"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/virtualtime"
)

func TestAReportForPeople(t *testing.T) {
	r := Report{Written: 1_000_000, Elapsed: 12_345_678 * time.Microsecond, Bytes: 64 << 20}
	require.Equal(t, "1000000 rows written in 12.3s (81000/s, 64.0 MiB)", r.String())
	r.Batches, r.Retried, r.NotApplied, r.Dead = 10_000, 3, 2, 1
	r.Latency = Latency{P50: 1234 * time.Microsecond, P99: 98765 * time.Microsecond, Max: 12 * time.Second}
	require.Equal(t, "1000000 rows written in 12.3s (81000/s, 64.0 MiB), in batches: 10000 requests of several rows, "+
		"3 requests sent again, 2 rows not applied, 1 row dead; "+
		"a request took 1.23ms (median), 98.8ms (99%), 12s at most", r.String())
	r = Report{Dead: 3, DeadOf: map[cql.Class]int64{cql.Invalid: 1, cql.WriteTimeout: 2}}
	require.Equal(t, "0 rows written in 0s (0/s, 0 bytes), 3 rows dead (write timeout: 2, invalid request: 1)", r.String())
	require.Equal(t, "0 rows written in 0s (0/s, 0 bytes)", Report{}.String())
}

func TestAReportAsJSON(t *testing.T) {
	r := Report{Written: 10, NotApplied: 1, Dead: 2, Retried: 3, Batches: 4, Bytes: 5, Elapsed: 2 * time.Second,
		Latency: Latency{Mean: time.Second, P50: time.Millisecond, P95: 2 * time.Millisecond, P99: 3 * time.Millisecond,
			P999: 4 * time.Millisecond, Max: time.Minute}}
	r.Empty, r.DeadOf = 7, map[cql.Class]int64{cql.Invalid: 1, cql.WriteTimeout: 1}
	text, err := json.Marshal(r)
	require.NoError(t, err)
	var back Report
	require.NoError(t, json.Unmarshal(text, &back))
	require.Equal(t, r, back)
	require.Error(t, json.Unmarshal([]byte(`{"dead_by_class":{"boredom":1}}`), &back))
	require.Error(t, json.Unmarshal([]byte(`{"written":"all"}`), &back))
	require.Equal(t, r, back)
	require.Equal(t, `{"written":10,"not_applied":1,"empty":7,"dead":2,"dead_by_class":{"invalid request":1,"write timeout":1},"retried":3,"batches":4,"bytes":5,"elapsed_s":2,"rows_per_second":5,`+
		`"latency":{"mean_s":1,"p50_s":0.001,"p95_s":0.002,"p99_s":0.003,"p999_s":0.004,"max_s":60}}`, string(text))
}

func TestARecorderCountsWhatManyGoroutinesDo(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		r := newRecorder()
		var workers sync.WaitGroup
		for range 10 {
			workers.Go(func() {
				for range 100 {
					r.answered(time.Millisecond)
					r.wrote(3, 30)
					r.wrote(1, 10)
					r.notApplied.Add(1)
					r.buried(cql.WriteTimeout)
					r.empty.Add(1)
					r.retried.Add(1)
				}
			})
		}
		workers.Wait()
		time.Sleep(time.Second)
		require.EqualValues(t, 7000, r.settled())
		got := r.report()
		require.InEpsilon(t, time.Millisecond, got.Latency.P50, 0.01)
		require.Equal(t, got.Latency.P50, got.Latency.Max)
		got.Latency = Latency{}
		require.Equal(t, Report{
			Written: 4000, NotApplied: 1000, Empty: 1000, Dead: 1000, Retried: 1000, Batches: 1000, Bytes: 40_000, Elapsed: time.Second,
			DeadOf: map[cql.Class]int64{cql.WriteTimeout: 1000},
		}, got)
	})
}

// The quantiles are those of the nearest rank, for latencies of any size.
func TestQuantilesOfLatency(t *testing.T) {
	require.Zero(t, newRecorder().report().Latency)
	rapid.Check(t, func(t *rapid.T) {
		took := rapid.SliceOfN(rapid.Int64Range(int64(time.Millisecond), int64(time.Hour)), 1, 300).Draw(t, "latencies")
		r := newRecorder()
		sum := 0.0
		for _, d := range took {
			r.answered(time.Duration(d))
			sum += float64(d)
		}
		slices.Sort(took)
		l := r.report().Latency
		near := func(want, got time.Duration) {
			require.InEpsilon(t, float64(want.Truncate(time.Microsecond)), float64(got), 0.01)
		}
		at := func(share float64) time.Duration {
			return time.Duration(took[max(int(share*float64(len(took))+0.5), 1)-1])
		}
		near(at(0.5), l.P50)
		near(at(0.95), l.P95)
		near(at(0.99), l.P99)
		near(at(0.999), l.P999)
		near(time.Duration(took[len(took)-1]), l.Max)
		require.InEpsilon(t, sum/float64(len(took)), float64(l.Mean), 0.02)
	})
	r := newRecorder()
	r.answered(-time.Second)
	r.answered(24 * time.Hour)
	require.InEpsilon(t, time.Hour, r.report().Latency.Max, 0.01, "what is beyond counts as that")
}
