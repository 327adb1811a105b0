package stage_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/stage"
	"github.com/rxcql/rxcql/internal/virtualtime"
)

func TestPhasesAddUpAlsoWhileTheyGoOn(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		h, ctx := watched(t)
		_, p := stage.Begin(ctx, stage.Sink, "s")
		p.Concurrency(2)
		p.Concurrency(1)
		first := p.Start(stage.Calls)
		time.Sleep(time.Second)
		second := p.Start(stage.Calls)
		time.Sleep(time.Second)
		r := h.read(t, "s")
		require.Equal(t, 3*time.Second, r.Times[stage.Calls])
		require.Equal(t, 2*time.Second, r.Times[stage.Inner], "a sink runs")
		require.EqualValues(t, 2, r.CallsNow)
		require.EqualValues(t, 2, r.CallsMost)
		p.Stop(stage.Calls, first)
		p.Stop(stage.Calls, second)
		p.End(nil, false)
		time.Sleep(time.Second)
		r = h.read(t, "s")
		require.Equal(t, 3*time.Second, r.Times[stage.Calls])
		require.Equal(t, 2*time.Second, r.Times[stage.Inner])
		require.Zero(t, r.CallsNow)
	})
}

func TestAwait(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		h, ctx := watched(t)
		_, p := stage.Begin(ctx, stage.Boundary, "b")
		defer p.End(nil, false)
		signal, done, told := make(chan struct{}, 1), make(chan struct{}), make(chan bool)
		for _, want := range []bool{true, false} {
			go func() { told <- p.Await(stage.Full, signal, done) }()
			time.Sleep(time.Second)
			synctest.Wait()
			waited := h.read(t, "b").Times[stage.Full]
			time.Sleep(time.Second)
			require.Equal(t, waited+time.Second, h.read(t, "b").Times[stage.Full], "it shows while it hangs")
			if want {
				signal <- struct{}{}
			} else {
				close(done)
			}
			require.Equal(t, want, <-told)
		}
		time.Sleep(time.Second)
		require.Equal(t, 4*time.Second, h.read(t, "b").Times[stage.Full])
	})
}

func TestWhoeverWaitsForALimiterIsCounted(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		h, ctx := watched(t)
		_, p := stage.Begin(ctx, stage.Sink, "s")
		defer p.End(nil, false)
		require.Empty(t, h.read(t, "s").Values)
		began := p.Start(stage.Limited)
		time.Sleep(2 * time.Second)
		require.Equal(t, []stage.Value{
			{Name: "limiter_wait_seconds", N: 2}, {Name: "limiter_waiting", Gauge: true, N: 1},
		}, h.read(t, "s").Values)
		p.Stop(stage.Limited, began)
		require.EqualValues(t, 0, h.read(t, "s").Values[1].N)
	})
}

func TestCountsStayAndGaugesGo(t *testing.T) {
	h, ctx := watched(t)
	_, p := stage.Begin(ctx, stage.Sink, "s")
	n := int64(3)
	p.Counter("batches", func() int64 { return n })
	p.Counter(stage.Retries, func() int64 { return n })
	p.Counter(stage.Drops, func() int64 { return 2 * n })
	p.Count("pages", 1)
	p.Count("pages", 4)
	p.Gauge("window", func() float64 { return 7 })
	p.Buffer(10, func() int { return 6 })
	p.In(1)
	p.Out(2)
	p.Failed(3)
	p.Retried(100)
	p.Dropped(200)
	r := h.read(t, "s")
	require.Equal(t, []stage.Value{
		{Name: "batches", N: 3, Of: 1}, {Name: "pages", N: 5}, {Name: "window", Gauge: true, N: 7, Of: 1},
	}, r.Values)
	require.Equal(t, []int64{1, 2, 3, 103, 206}, []int64{r.In, r.Out, r.Errors, r.Retries, r.Drops})
	require.EqualValues(t, 6, r.Buffered)
	require.EqualValues(t, 10, r.Capacity)

	n = 5
	p.End(nil, false)
	n = 9
	p.Gauge("late", func() float64 { return 1 })
	r = h.read(t, "s")
	require.Equal(t, []stage.Value{{Name: "batches", N: 5, Of: 1}, {Name: "pages", N: 5}}, r.Values)
	require.Equal(t, []int64{105, 210}, []int64{r.Retries, r.Drops})
	require.Zero(t, r.Buffered)
	require.EqualValues(t, 10, r.Capacity, "what it was")
}

// TestFiguresOfAStageThatRunsSeveralTimes are put together as each wants it.
func TestFiguresOfAStageThatRunsSeveralTimes(t *testing.T) {
	h, ctx := watched(t)
	ctx, run := stage.BeginRun(ctx, "job")
	defer run.End(nil, false)
	for _, v := range []float64{1, 2, 6} {
		_, p := stage.Begin(ctx, stage.Sink, "s")
		defer p.End(nil, false)
		p.Gauge("flying", func() float64 { return v })
		p.GaugeOf("latency", stage.Max, func() float64 { return v })
		p.GaugeOf("progress", stage.Mean, func() float64 { return v })
		p.GaugeOf("progress", stage.Mean, func() float64 { return 100 }) // it has one
	}
	values := make(map[string]float64)
	for _, v := range h.read(t, "s").Values {
		values[v.Name] = v.N
	}
	require.Equal(t, map[string]float64{"flying": 9, "latency": 6, "progress": 3}, values)
}

// TestNoLockIsHeldWhileGaugesAreRead: they may tell more, and begin and end stages.
func TestNoLockIsHeldWhileGaugesAreRead(t *testing.T) {
	h, ctx := watched(t)
	inside, p := stage.Begin(ctx, stage.Sink, "s")
	again := func() float64 {
		p.Count("pages", 1)
		p.Gauge("other", func() float64 { return 1 })
		p.Stop(stage.Calls, p.Start(stage.Calls))
		_, source := stage.Begin(inside, stage.Source, "table")
		source.End(nil, false)
		name, _ := h.begun[0].Name()
		require.Equal(t, "s", name)
		return 1
	}
	p.Gauge("gauge", again)
	p.Counter("counter", func() int64 { return int64(again()) })
	h.read(t, "s")
	p.End(nil, false)
	require.Equal(t, []stage.Value{{Name: "counter", N: 1, Of: 1}, {Name: "pages", N: 3}}, h.read(t, "s").Values)
}
