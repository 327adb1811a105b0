package operators

import (
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// row is what flows. All streams are of pointers, so that libraries that pass interface values do not allocate for them.
type row struct {
	value int
	next  *row
}

// rows is a ring, from which sources take as many as they are to.
var rows [1024]row

func init() {
	for i := range rows {
		rows[i] = row{value: i, next: at(i + 1)}
	}
}

func at(i int) *row         { return &rows[uint(i)%uint(len(rows))] }
func next(r *row) *row      { return r.next }
func even(r *row) bool      { return r.value%2 == 0 }
func add(a int, r *row) int { return a + r.value }

const (
	bufferSize = 100
	readAhead  = 1024 // items that an asynchronous boundary may hold
	workers    = 4
	merged     = 4
	endless    = 50_000_000 // of these, one is taken
)

// pipelines are how a library does each of them for n items, and what comes out of that: a sum or a number of items. Nil
// where it has no such operator.
type pipelines struct {
	library           string
	mapFilterSum      func(n int) int // map, filter, fold
	map5              func(n int) int // five maps
	buffer            func(n int) int // slices of 100
	boundary          func(n int) int // the consumer on another goroutine than the source
	mapAsync          func(n int) int // four workers, results in order
	mapAsyncUnordered func(n int) int // four workers, results in any order
	merge             func(n int) int // of four streams
	takeOne           func(n int) int // the first of n, and wait until the source has ended
}

var libraries = []pipelines{rxcql, rxgoPlain, rxgoBuffered, samberRo, rill, goStreams}

// wants are what comes out.
func sumOfEven(n int) (sum int) {
	for i := range n {
		if r := next(at(i)); even(r) {
			sum = add(sum, r)
		}
	}
	return sum
}
func all(n int) int    { return n }
func slices(n int) int { return (n + bufferSize - 1) / bufferSize }
func one(int) int      { return 1 }

var contests = []struct {
	name string
	want func(n int) int
	of   func(pipelines) func(n int) int
}{
	{"MapFilterSum", sumOfEven, func(p pipelines) func(int) int { return p.mapFilterSum }},
	{"Map5", all, func(p pipelines) func(int) int { return p.map5 }},
	{"Buffer", slices, func(p pipelines) func(int) int { return p.buffer }},
	{"Boundary", all, func(p pipelines) func(int) int { return p.boundary }},
	{"MapAsync", all, func(p pipelines) func(int) int { return p.mapAsync }},
	{"MapAsyncUnordered", all, func(p pipelines) func(int) int { return p.mapAsyncUnordered }},
	{"Merge", all, func(p pipelines) func(int) int { return p.merge }},
	{"TakeOne", one, func(p pipelines) func(int) int { return p.takeOne }},
}

// What is compared is the same work.
func TestLibrariesAgree(t *testing.T) {
	for _, c := range contests {
		for _, p := range libraries {
			if run := c.of(p); run != nil {
				t.Run(c.name+"/"+p.library, func(t *testing.T) {
					for _, n := range []int{1, 99, 4000} {
						require.Equal(t, c.want(n), run(n))
					}
				})
			}
		}
	}
}

// BenchmarkItem gives the cost of one item, also as a multiple of this module's in the same run.
func BenchmarkItem(b *testing.B) {
	for _, c := range contests {
		if c.name == "TakeOne" {
			continue
		}
		b.Run(c.name, func(b *testing.B) {
			compare(b, func(p pipelines) func(int) { return check(b, c.of(p), c.want) })
		})
	}
}

// BenchmarkTakeOne gives the cost of a run that takes the first of 50,000,000 items.
func BenchmarkTakeOne(b *testing.B) {
	compare(b, func(p pipelines) func(int) {
		if p.takeOne == nil {
			return nil
		}
		return func(runs int) {
			for range runs {
				p.takeOne(endless)
			}
		}
	})
}

func check(b *testing.B, run, want func(int) int) func(int) {
	if run == nil {
		return nil
	}
	return func(n int) {
		if got := run(n); got != want(n) {
			b.Errorf("got %d, want %d", got, want(n))
		}
	}
}

// compare reports, beside the time, the time that all processors together were busy, which another program's load does
// not change, and that as a multiple of rxcql's in the same run.
func compare(b *testing.B, of func(pipelines) func(n int)) {
	var ours float64
	for _, p := range libraries {
		run := of(p)
		if run == nil {
			continue
		}
		b.Run(p.library, func(b *testing.B) {
			b.ReportAllocs()
			before := busy()
			run(b.N)
			each := float64(busy()-before) / float64(b.N)
			if p.library == rxcql.library {
				ours = each
			}
			b.ReportMetric(each, "cpu-ns/op")
			b.ReportMetric(each/ours, "times-rxcql")
		})
	}
}

// busy is the processor time that this process has used.
func busy() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
