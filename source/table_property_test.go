package source_test

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/internal/virtualtime"
	"github.com/rxcql/rxcql/source"
)

// However a scan is split, however wide it is and however much it asks for at a time, whatever fails meanwhile, and
// whenever it is stopped, killed or ends with failures: the runs that go on from its checkpoint have read all of the table
// in the end. Where nothing is killed and one page is dealt with at a time, each row came once.
func TestRunsOfAnyShapeReadAllOfTheTable(t *testing.T) {
	if checks := flag.Lookup("rapid.checks").Value; checks.String() == "100" { // the default would take minutes with -race
		require.NoError(t, checks.Set("15"))
		t.Cleanup(func() { require.NoError(t, checks.Set("100")) })
	}
	virtualtime.Test(t, func(t *testing.T) {
		server, session := serveInBubble(t, cqltest.VNodes(4))
		const rows = 8
		want := spots(server, 30, rows)
		tokens, err := source.Query[int64](session, "SELECT DISTINCT token(a, b) FROM lab.spots").Rows().Collect(t.Context())
		require.NoError(t, err)
		rapid.Check(struct{ rapid.TB }{t}, func(t *rapid.T) { // a bubble has no deadline
			faults := drawFaults(t, server, tokens, rows)
			defer faults.remove()
			kept := &memory{}
			var dealt []spot
			exact := !faults.slices
			for run := 0; ; run++ {
				if run == 6 {
					faults.remove()
				}
				require.Less(t, run, 12, "it ends")
				r := drawRun(t, run >= 10)
				exact = exact && !r.killed && r.atOnce == 1
				done, err := r.do(session, kept)
				dealt = append(dealt, done...)
				if err == nil {
					break
				}
				var failed *source.ScanError
				if !errors.As(err, &failed) && !errors.Is(err, errConsumer) && !errors.Is(err, context.Canceled) && !errors.Is(err, errKilled) {
					t.Fatalf("run %d: %v", run, err)
				}
			}
			got := slices.Clone(dealt)
			sortSpots(got)
			if !exact {
				got = slices.Compact(got)
			}
			require.Equal(t, want, got)
		})
	})
}

var errKilled = errors.New("killed")

// aRun is the shape of a run, and how it ends.
type aRun struct {
	splits, parallel, ahead, pageSize, atOnce int
	ordered                                   bool
	pages                                     int // after which it ends in this way:
	canceled, killed                          bool
	pause                                     time.Duration // for each page; saves come once a second
}

func drawRun(t *rapid.T, last bool) aRun {
	r := aRun{
		splits:   rapid.SampledFrom([]int{1, 3, 10, 100}).Draw(t, "splits"),
		parallel: rapid.IntRange(1, 6).Draw(t, "parallel"),
		ahead:    rapid.IntRange(0, 3).Draw(t, "read-ahead"),
		pageSize: rapid.IntRange(1, 20).Draw(t, "page size"),
		atOnce:   rapid.IntRange(1, 4).Draw(t, "pages at once"),
		ordered:  rapid.Bool().Draw(t, "ordered"),
		pause:    rapid.SampledFrom([]time.Duration{0, 0, 200 * time.Millisecond}).Draw(t, "pause"),
		pages:    1 << 30,
	}
	if !last {
		r.pages = rapid.IntRange(0, 80).Draw(t, "pages")
		r.canceled, r.killed = rapid.Bool().Draw(t, "canceled"), rapid.Bool().Draw(t, "killed")
	}
	return r
}

// do gives the rows that were dealt with.
func (r aRun) do(session *cql.Session, kept *memory) (dealt []spot, err error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var mu sync.Mutex
	pages, over := 0, false
	kept.before = func(source.Saved) error {
		mu.Lock()
		defer mu.Unlock()
		if over && r.killed {
			return errKilled
		}
		return nil
	}
	table := source.Table[spot](session, "lab.spots").SplitInto(r.splits).Parallel(r.parallel).ReadAhead(r.ahead).PageSize(r.pageSize).Retry(impatient)
	if r.ordered {
		table = table.InTokenOrder()
	}
	err = table.Resume(kept).Each(ctx, r.atOnce, func(ctx context.Context, p source.TablePage[spot]) error {
		time.Sleep(r.pause)
		mu.Lock()
		defer mu.Unlock()
		if pages++; pages > r.pages {
			over = true
			if r.canceled {
				cancel()
			}
			return errConsumer
		}
		dealt = append(dealt, p.Rows...)
		return nil
	})
	return dealt, err
}

// someFaults are in force until they are removed.
type someFaults struct {
	injected []*cqltest.Injected
	slices   bool // are needed
}

func (f *someFaults) remove() {
	for _, i := range f.injected {
		i.Remove()
	}
	f.injected = nil
}

func drawFaults(t *rapid.T, server *cqltest.Server, tokens []int64, rows int) *someFaults {
	f := &someFaults{}
	if bad := rapid.SliceOfNDistinct(rapid.SampledFrom(tokens), 0, 3, rapid.ID).Draw(t, "bad partitions"); len(bad) > 0 {
		f.injected = append(f.injected, failWith(server, bad, rows, 3))
		f.slices = true
	}
	var mu sync.Mutex
	random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	often := rapid.SampledFrom([]float64{0, 0.01, 0.1, 0.3}).Draw(t, "how often requests fail")
	for _, err := range []error{
		cqltest.ReadFailure(0, 1, 1, false), cqltest.ReadTimeout(1, 0, false), cqltest.Unavailable(1, 0), cqltest.Overloaded("busy"),
	} {
		f.injected = append(f.injected, server.Inject(cqltest.Fault{Err: err, Match: onSpots(func(cqltest.Request) bool {
			mu.Lock()
			defer mu.Unlock()
			return random.Float64() < often/4
		})}))
	}
	return f
}

func sortSpots(s []spot) {
	slices.SortFunc(s, func(a, b spot) int { return cmp.Or(a.A-b.A, a.N-b.N) })
}
