package checkpoint_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql/cqltest"
)

// TestKilledAtEachStep kills a process, again and again, at every step of writing the checkpoint, and lets another, which
// splits the ring otherwise, go on.
func TestKilledAtEachStep(t *testing.T) {
	steps := []orders{
		{Stop: "before loading", Nth: 1},
		{Stop: "after loading", Nth: 1},
		{Stop: "before saving", Nth: 1, Fail: 20},
		{Stop: "after the last save", Nth: 1, Fail: 30},
		{Stop: "written, not acknowledged", Nth: 40},
		{Stop: "between ranges", Nth: 1, Fail: 60, Single: true},
		{Stop: "between ranges", Nth: 2, Fail: 60, Single: true},
		{Stop: "between ranges", Nth: 3, Fail: 60, Single: true},
		// These are not at the end of a run, as the sink does not fail.
		{Stop: "before saving", Nth: 1},
		{Stop: "between ranges", Nth: 2, Single: true},
		{Stop: "after saving", Nth: 1},
		{Stop: "before saving", Nth: 2},
		{Stop: "after saving", Nth: 2},
	}
	onStores(t, func(t *testing.T, j *killedJob) {
		for i, o := range steps {
			before := len(j.left)
			// So slowly that what is left takes longer than the two saves, a second apart, that some steps wait for.
			j.pace(max(10*time.Millisecond, 6*time.Second*parallel*cellsInPage/time.Duration(max(before, 1))))
			o.Splits = 1 + 7*i%23
			run := j.start(o)
			require.Equal(t, o.Stop, run.place())
			run.kill()
			repeated := j.check(run)
			t.Logf("killed %d rows before the end, %s (%d, %d): %d rows come again", before, o.Stop, o.Nth, o.Fail, repeated)
			switch {
			case o.Stop == "after the last save": // only what was held when the sink failed
				require.LessOrEqual(t, repeated, (parallel*(1+readAhead)+pagesAtOnce)*cellsInPage)
				require.Less(t, len(j.left), before)
			case o.Stop == "after saving" || o.Stop == "between ranges":
				require.Less(t, len(j.left), before, "something was saved")
			case o.Stop == "before loading" || o.Stop == "after loading":
				require.Zero(t, repeated)
			}
		}
		j.finish()
	})
}

// TestKilledDuringATransaction kills a process while a transaction of its checkpoint is on its way, before the server
// applies it, and after. Those that it has not applied, it applies when the next process is at work.
func TestKilledDuringATransaction(t *testing.T) {
	t.Parallel()
	j := newKilledJob(t)
	release := func() {}
	for i := range 10 { // the takeover, the job and the first ranges
		j.pace(5 * time.Millisecond)
		at, late := make(chan struct{}), make(chan struct{})
		fault := cqltest.Fault{Match: isWrite, After: i / 2, Times: 1}
		if i%2 == 0 {
			fault.Before = func(cqltest.Request) {
				close(at)
				select {
				case <-late:
				case <-t.Context().Done():
				}
			}
		} else {
			fault.Hold = late
			fault.Before = func(cqltest.Request) { close(at) }
		}
		j.server.Inject(fault)
		run := j.start(orders{Splits: 3 + i, Fail: 40})
		run.wait(at)
		release()
		release = func() { close(late) }
		run.kill()
		t.Logf("killed during write %d: %d rows come again", i/2+1, j.check(run))
	}
	release()
	j.finish()
}

// TestKilledWhileItSaves kills processes that do nothing but save to a file, and so are in the middle of that.
func TestKilledWhileItSaves(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "checkpoint")
	last := int64(0)
	for range 20 {
		run := startChild(t, orders{File: path, Loop: true, Sink: filepath.Join(t.TempDir(), "sink")})
		require.Eventually(t, func() bool { return run.number() > last }, time.Minute, time.Millisecond)
		time.Sleep(rand.N(5 * time.Millisecond)) // it is at it meanwhile
		run.kill()
		saved, err := loaded(t, path)
		require.NoError(t, err)
		n := numberOf(saved)
		require.GreaterOrEqual(t, n, run.number(), "what was saved is there")
		require.LessOrEqual(t, n, run.number()+1, "or what was being saved, as a whole")
		last = n
	}
}

// TestKilledAtRandomMoments kills processes with a page in flight: the server has got the request and has not answered.
func TestKilledAtRandomMoments(t *testing.T) {
	for range 2 {
		onStores(t, func(t *testing.T, j *killedJob) {
			for range 5 {
				n := rand.IntN(300)
				at, hold := make(chan struct{}), make(chan struct{})
				flying := j.server.Inject(cqltest.Fault{
					Match: cqltest.On("lab.cells"), After: n, Times: 1,
					Before: func(cqltest.Request) { close(at) }, Hold: hold,
				})
				j.pace(20 * time.Millisecond)
				before := len(j.left)
				run := j.start(orders{Splits: 1 + rand.IntN(40)})
				run.wait(at)
				run.kill()
				require.Equal(t, 1, flying.Hits(), "a page was in flight")
				close(hold)
				repeated := j.check(run)
				t.Logf("killed with page %d in flight: %d rows are done for good, %d come again", n+1, before-len(j.left), repeated)
			}
			j.finish()
		})
	}
}

// onStores runs a test with each store, all at a time: what they do is mostly wait.
func onStores(t *testing.T, test func(t *testing.T, j *killedJob)) {
	for _, store := range []string{"file", "table"} {
		t.Run(store, func(t *testing.T) {
			t.Parallel()
			j := newKilledJob(t)
			if store == "file" {
				j.file = fmt.Sprintf("%s/checkpoint", t.TempDir())
			}
			test(t, j)
		})
	}
}
