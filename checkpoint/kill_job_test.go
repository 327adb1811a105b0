package checkpoint_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/checkpoint"
	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/source"
)

// killedJob is a job of several processes, each of which goes on where the one before it was killed.
type killedJob struct {
	t       *testing.T
	server  *cqltest.Server
	session *cql.Session
	file    string // of the checkpoint; if empty it is in the table
	paced   *cqltest.Injected

	all      map[cell]bool
	tokens   map[int]int64 // of the partitions
	left     map[cell]bool // that are not done for good
	written  map[cell]int  // how often, by all processes
	runs     int
	repeated int
}

func newKilledJob(t *testing.T) *killedJob {
	const partitions, rows = 250, 20
	server, session := serve(t)
	require.NoError(t, checkpoint.Table(session, "lab.checkpoints", "").Create(t.Context()))
	server.MustExec("CREATE TABLE lab.cells (p int, n int, PRIMARY KEY (p, n))")
	server.Generate("lab.cells", cqltest.Generator{
		Partitions: partitions, Rows: rows,
		Key: func(p int) []any { return []any{p} },
		Row: func(_, r int) []any { return []any{r} },
	})
	j := &killedJob{
		t: t, server: server, session: session,
		all: make(map[cell]bool), tokens: make(map[int]int64), left: make(map[cell]bool), written: make(map[cell]int),
	}
	type partition struct {
		P    int
		Hash int64
	}
	require.NoError(t, source.Query[partition](session, "SELECT DISTINCT p, token(p) AS hash FROM lab.cells").Rows().
		ForEach(t.Context(), func(p partition) error {
			j.tokens[p.P] = p.Hash
			for n := range rows {
				j.all[cell{p.P, n}], j.left[cell{p.P, n}] = true, true
			}
			return nil
		}))
	require.Len(t, j.all, partitions*rows)
	return j
}

// pace makes the server take its time for each page that it is asked for from now on, so that there is time to kill who
// asks.
func (j *killedJob) pace(d time.Duration) {
	if j.paced != nil {
		j.paced.Remove()
		j.paced = nil
	}
	if d > 0 {
		j.paced = j.server.Inject(cqltest.Fault{Match: cqltest.On("lab.cells"), Delay: d})
	}
}

// process is one of the job's.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	sink   string
	stderr strings.Builder
	places chan string // where it waits to be killed; closed at its end
}

func (j *killedJob) start(o orders) *process {
	j.t.Helper()
	j.runs++
	o.Port, o.File, o.Job = j.server.Cluster().Port, j.file, "job"
	o.Sink = filepath.Join(j.t.TempDir(), "sink")
	return startChild(j.t, o)
}

func startChild(t *testing.T, o orders) *process {
	t.Helper()
	text, err := json.Marshal(o)
	require.NoError(t, err)
	r, w, err := os.Pipe()
	require.NoError(t, err)
	p := &process{t: t, sink: o.Sink, cmd: exec.Command(os.Args[0]), places: make(chan string, 1)}
	p.cmd.Env = append(os.Environ(), ordersEnv+"="+string(text))
	p.cmd.ExtraFiles = []*os.File{w}
	p.cmd.Stderr = &p.stderr
	require.NoError(t, p.cmd.Start())
	t.Cleanup(func() { _ = p.cmd.Process.Kill() }) // after a failure
	require.NoError(t, w.Close())
	go func() {
		defer close(p.places)
		defer r.Close()
		lines := bufio.NewScanner(r)
		for lines.Scan() {
			p.places <- lines.Text()
		}
	}()
	return p
}

// place waits until the process waits to be killed, and tells where.
func (p *process) place() string {
	p.t.Helper()
	place, ok := <-p.places
	if !ok {
		p.t.Fatalf("the process ended before it could be killed: %v\n%s", p.cmd.Wait(), p.stderr.String())
	}
	return place
}

// wait waits for what the process is to be killed at.
func (p *process) wait(at <-chan struct{}) {
	p.t.Helper()
	select {
	case <-at:
	case <-p.places:
		p.t.Fatalf("the process ended before it could be killed: %v\n%s", p.cmd.Wait(), p.stderr.String())
	}
}

// kill is kill -9.
func (p *process) kill() {
	p.t.Helper()
	require.NoError(p.t, p.cmd.Process.Kill())
	var exit *exec.ExitError
	require.ErrorAs(p.t, p.cmd.Wait(), &exit, "%s", &p.stderr)
	require.Equal(p.t, syscall.SIGKILL, exit.Sys().(syscall.WaitStatus).Signal(), "%s", &p.stderr)
	for range p.places { // until its end
	}
}

// number is the last one in its sink; 0 if there is none.
func (p *process) number() (n int64) {
	text, err := os.ReadFile(p.sink)
	if !os.IsNotExist(err) {
		require.NoError(p.t, err)
	}
	lines := strings.Split(string(text), "\n")
	if len(lines) > 1 {
		n, err = strconv.ParseInt(lines[len(lines)-2], 10, 64)
		require.NoError(p.t, err)
	}
	return n
}

// finish lets a last process do the rest and looks at the whole.
func (j *killedJob) finish() {
	j.pace(0)
	p := j.start(orders{Splits: 11})
	for range p.places {
	}
	require.NoError(j.t, p.cmd.Wait(), "%s", &p.stderr)
	require.Zero(j.t, j.check(p), "nothing is to come again")
	require.Empty(j.t, j.left)
	total := 0
	for c := range j.all {
		require.Positive(j.t, j.written[c], "the row %v is lost", c)
		total += j.written[c]
	}
	require.Len(j.t, j.written, len(j.all))
	require.Equal(j.t, len(j.all)+j.repeated, total)
	j.t.Logf("%d rows by %d processes, %d of them repeated", len(j.all), j.runs, j.repeated)
}

// check looks at what a process has left behind, and tells how many of the rows that it has written will come again.
//
//   - It has written no row twice, and none that was done for good before.
//   - What is done for good now and was not before, it has written.
func (j *killedJob) check(p *process) (repeated int) {
	j.t.Helper()
	left := j.load()
	wrote := j.wrote(p)
	for c := range left {
		require.True(j.t, j.left[c], "the row %v was done for good, and is not any more", c)
	}
	for c, times := range wrote {
		require.Equal(j.t, 1, times, "%v was written more than once by one process", c)
		require.True(j.t, j.left[c], "%v was done for good, and came again", c)
		j.written[c]++
		if left[c] {
			repeated++
		}
	}
	for c := range j.left {
		require.True(j.t, left[c] || wrote[c] > 0, "%v is done for good, but was not written", c)
	}
	j.left = left
	j.repeated += repeated
	return repeated
}

// wrote are the rows in a sink, of pages that were written as a whole.
func (j *killedJob) wrote(p *process) map[cell]int {
	text, err := os.ReadFile(p.sink)
	if !os.IsNotExist(err) { // it was killed early
		require.NoError(j.t, err)
	}
	wrote := make(map[cell]int)
	pages := strings.SplitAfter(string(text), ".\n")
	for _, page := range pages[:len(pages)-1] {
		for line := range strings.Lines(strings.TrimSuffix(page, ".\n")) {
			var c cell
			_, err := fmt.Sscanf(line, "%d %d\n", &c.P, &c.N)
			require.NoError(j.t, err)
			require.True(j.t, j.all[c])
			wrote[c]++
		}
	}
	return wrote
}

// load gives the rows that are left by the checkpoint: those of ranges that were not begun, and those that a scan of what
// is left of the others gives.
func (j *killedJob) load() map[cell]bool {
	j.t.Helper()
	var store source.Checkpoint = checkpoint.Table(j.session, "lab.checkpoints", "job")
	if j.file != "" {
		file, err := checkpoint.File(j.file)
		require.NoError(j.t, err)
		defer file.Close()
		store = file
	}
	saved, err := store.Load(j.t.Context())
	require.NoError(j.t, err)
	j.pace(0)
	left := make(map[cell]bool)
	for c := range j.all {
		left[c] = true
		for _, r := range saved.Ranges {
			if token := j.tokens[c.P]; r.Start < token && token <= r.End {
				delete(left, c)
			}
		}
	}
	var begun []source.Range
	for _, r := range saved.Ranges {
		if !r.Done {
			begun = append(begun, r.Range)
		}
	}
	if len(begun) == 0 {
		return left
	}
	require.NoError(j.t, source.Table[cell](j.session, "lab.cells").Ranges(begun...).Rows().ForEach(j.t.Context(), func(c cell) error {
		left[c] = true
		return nil
	}))
	return left
}
