package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/examples/internal/sample"
	"github.com/rxcql/rxcql/source"
)

// asProgram has the test binary be the program, with these arguments, one a line, so that it can be killed.
const asProgram = "RXCQL_MIGRATE_ARGUMENTS"

func TestMain(m *testing.M) {
	if args := os.Getenv(asProgram); args != "" {
		code, err := run(context.Background(), strings.Split(args, "\n"), os.Stdout, os.Stderr)
		fmt.Fprintln(os.Stderr, err)
		os.Exit(code)
	}
	// A driver that is closed soon after it connected may still be filling its pool, which it does in the background.
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("github.com/gocql/gocql.(*hostConnPool).fill.func1"),
		goleak.IgnoreAnyFunction("github.com/gocql/gocql.(*hostConnPool).connect"),
		goleak.IgnoreAnyFunction("github.com/gocql/gocql.(*controlConn).heartBeat"))
}

const rowsInShop = 3000

// cluster is a server with a session to look into it, and the flag that names it.
type cluster struct {
	*cqltest.Server
	session *cql.Session
	hosts   string
}

func newCluster(t *testing.T) cluster {
	t.Helper()
	server := cqltest.NewServer()
	t.Cleanup(server.Close)
	session, err := cql.Connect(context.Background(), server.Cluster())
	require.NoError(t, err)
	t.Cleanup(session.Close)
	config := server.Cluster()
	return cluster{server, session, "-hosts=" + net.JoinHostPort(config.Hosts[0], strconv.Itoa(config.Port))}
}

// shop is a cluster with a table of 3,000 rows, and an empty one like it.
func shop(t *testing.T) cluster {
	c := newCluster(t)
	sample.Fill(c.Server, original, rowsInShop)
	sample.Write(c.Server, copied, 0)
	return c
}

// rows gives the cells of a table by its key.
func (c cluster) rows(t *testing.T, table string, columns ...string) map[string]source.Row {
	t.Helper()
	scan := source.Table[source.Row](c.session, table)
	if columns != nil {
		scan = scan.Columns(columns...)
	}
	rows, err := scan.Rows().Collect(t.Context())
	require.NoError(t, err)
	byKey := map[string]source.Row{}
	for _, r := range rows {
		byKey[fmt.Sprintf("%x/%x", r.Cell(0), r.Cell(1))] = r
	}
	require.Len(t, byKey, len(rows))
	return byKey
}

// requireEqual checks that two tables are equal cell by cell.
func requireEqual(t *testing.T, a, b map[string]source.Row) {
	t.Helper()
	require.Len(t, b, len(a))
	for key, row := range a {
		require.True(t, row.Equal(b[key]), "%v became %v", row, b[key])
	}
}

// runIt runs the program and gives its exit code and report.
func runIt(t *testing.T, stop context.Context, args ...string) (int, report) {
	t.Helper()
	var out bytes.Buffer
	code, err := run(stop, args, &out, io.Discard)
	var r struct {
		report
		Written struct{ Written, Dead int64 } `json:"written"`
	}
	require.NoError(t, json.Unmarshal(out.Bytes(), &r), "%v", err)
	r.report.Written.Written, r.report.Written.Dead = r.Written.Written, r.Written.Dead
	return code, r.report
}

func TestATableIsCopiedCellByCell(t *testing.T) {
	c := shop(t)
	state := filepath.Join(t.TempDir(), "new", "state")
	code, r := runIt(t, context.Background(), c.hosts, "-state="+state, original, copied)
	require.Zero(t, code)
	require.True(t, r.Complete)
	require.EqualValues(t, rowsInShop, r.Read)
	require.EqualValues(t, rowsInShop, r.Written.Written)
	requireEqual(t, c.rows(t, original), c.rows(t, copied))
	letters, err := os.ReadFile(filepath.Join(state, "dead-letters.jsonl"))
	require.NoError(t, err)
	require.Empty(t, letters)

	code, err = run(context.Background(), []string{c.hosts, "-state=" + state, original, copied}, nil, io.Discard)
	require.Equal(t, failed, code)
	require.ErrorContains(t, err, "has a job already: add -resume")
	c.MustExec("DROP TABLE " + copied)
	sample.Write(c.Server, copied, 0)
	code, err = run(context.Background(), []string{c.hosts, "-state=" + state, "-resume", original, copied}, nil, io.Discard)
	require.Equal(t, failed, code)
	require.ErrorContains(t, err, "of what was read, rows are there that are not here", "the table was made anew")
	code, err = run(context.Background(), []string{c.hosts, "-state=" + state, "-resume", "-times", original, copied}, nil, io.Discard)
	require.Equal(t, failed, code)
	require.ErrorContains(t, err, "is the state of another job")
}

func TestATableIsCopiedToAnotherClusterUnderOtherNames(t *testing.T) {
	from, to := shop(t), newCluster(t)
	to.MustExec("CREATE KEYSPACE store WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
	to.MustExec("CREATE TABLE store.sales (customer int, number int, made timestamp, price int, PRIMARY KEY (customer, number))")
	code, r := runIt(t, context.Background(), from.hosts, "-state="+t.TempDir(), "-columns=customer,number,at,cents", "-where=cents < 500",
		"-rename=at=made,cents=price", "-times", original, "--", to.hosts, "store.sales")
	require.Zero(t, code)
	want := map[string]source.Row{}
	rename, err := parseRenaming("at=made,cents=price")
	require.NoError(t, err)
	for key, row := range from.rows(t, original, "customer", "number", "at", "cents") {
		if cents, err := source.Get[int](row, "cents"); err == nil && cents < 500 {
			if want[key], err = rename.row(row); err != nil {
				t.Fatal(err)
			}
		}
	}
	require.EqualValues(t, len(want), r.Written.Written)
	requireEqual(t, want, to.rows(t, "store.sales", "customer", "number", "made", "price"))
}

// What was written to the copy later than to the original stays, and what expires does so at the same time.
func TestACopyKeepsTheTimesOfItsColumns(t *testing.T) {
	c := newCluster(t)
	c.MustExec("CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
	for _, table := range []string{"a", "b"} {
		c.MustExec("CREATE TABLE shop." + table + " (p int, c int, s text static, v int, w text, PRIMARY KEY (p, c))")
	}
	for p := range 20 {
		c.MustExec("INSERT INTO shop.a (p, s) VALUES (?, 'static') USING TIMESTAMP 500", p)
		for n := range p { // partition 0 has a static column only
			c.MustExec("INSERT INTO shop.a (p, c, v) VALUES (?, ?, 1) USING TIMESTAMP ? AND TTL 100000", p, n, 1000+n)
			c.MustExec("UPDATE shop.a USING TIMESTAMP ? SET w = 'x' WHERE p = ? AND c = ?", 2000+n, p, n)
		}
	}
	c.MustExec("UPDATE shop.b USING TIMESTAMP 1004 SET v = 99 WHERE p = 10 AND c = 3")
	c.MustExec("UPDATE shop.b USING TIMESTAMP 1002 SET v = 99 WHERE p = 10 AND c = 4")
	code, _ := runIt(t, context.Background(), c.hosts, "-state="+t.TempDir(), "-times", "shop.a", "shop.b")
	require.Zero(t, code)
	times := []string{"p", "c", "s", "writetime(s)", "v", "writetime(v)", "w", "writetime(w)", "ttl(w)"}
	want := c.rows(t, "shop.a", times...)
	got := c.rows(t, "shop.b", times...)
	newer := fmt.Sprintf("%08x/%08x", 10, 3)
	v, err := source.Get[int](got[newer], "v")
	require.NoError(t, err)
	require.Equal(t, 99, v, "newer than the copy's")
	delete(want, newer)
	delete(got, newer)
	requireEqual(t, want, got)
	for _, row := range c.rows(t, "shop.b", "p", "c", "v", "ttl(v)") {
		if v, err := source.Get[*int](row, "v"); err == nil && v != nil && *v == 1 {
			ttl, err := source.Get[int](row, "ttl(v)")
			require.NoError(t, err)
			require.Greater(t, ttl, 90_000)
			require.LessOrEqual(t, ttl, 100_000)
		}
	}
}

// A row that is nothing but its key has the time at which the job began, also when it is gone on with: so one that is
// deleted meanwhile where it is copied to stays deleted.
func TestABareRowThatIsDeletedInTheCopyDoesNotComeBack(t *testing.T) {
	c := newCluster(t)
	c.MustExec("CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
	for _, table := range []string{"a", "b"} {
		c.MustExec("CREATE TABLE shop." + table + " (p int PRIMARY KEY, v int)")
	}
	for p := range 20 {
		c.MustExec("INSERT INTO shop.a (p) VALUES (?)", p)
	}
	args := []string{c.hosts, "-state=" + t.TempDir(), "-times", "shop.a", "shop.b"}
	stop, cancel := context.WithCancel(t.Context())
	c.Inject(cqltest.Fault{Match: onWrites, Times: 1, Before: func(cqltest.Request) { cancel() }, Err: cqltest.Overloaded("busy")})
	code, _ := runIt(t, stop, args...)
	require.Equal(t, stopped, code)
	for p := range 5 {
		c.MustExec("DELETE FROM shop.b WHERE p = ?", p)
	}
	code, _ = runIt(t, t.Context(), append([]string{"-resume"}, args...)...)
	require.Zero(t, code)
	require.Len(t, c.rows(t, "shop.b"), 15)
}

// A job goes on into the table that it began to write, or not at all.
func TestAJobDoesNotGoOnIntoAnotherCluster(t *testing.T) {
	from, to, other := shop(t), newCluster(t), newCluster(t)
	sample.Write(to.Server, copied, 0)
	sample.Write(other.Server, original, 0) // so that the other table has another ID
	sample.Write(other.Server, copied, 0)
	args := []string{from.hosts, "-state=" + t.TempDir(), "-page-size=50", "-pages=1", "-window=1", original, "--"}
	stop, cancel := context.WithCancel(context.Background())
	to.Inject(cqltest.Fault{Match: onWrites, After: 60, Times: 1, Before: func(cqltest.Request) { cancel() }})
	code, _ := runIt(t, stop, append(args, to.hosts, copied)...)
	require.Equal(t, stopped, code)

	args = append([]string{"-resume"}, args...)
	code, err := run(context.Background(), append(args, other.hosts, copied), io.Discard, io.Discard)
	require.Equal(t, failed, code)
	require.ErrorContains(t, err, "rows are there that are not here")
	require.Empty(t, other.rows(t, copied))
	code, r := runIt(t, context.Background(), append(args, to.hosts, copied)...)
	require.Zero(t, code)
	require.Less(t, r.Read, int64(rowsInShop))
	requireEqual(t, from.rows(t, original), to.rows(t, copied))
	code, r = runIt(t, context.Background(), append(args, to.hosts, copied)...)
	require.Zero(t, code)
	require.Zero(t, r.Read, "there was nothing left to do")
}

// A copy without times is told to lose TTLs, if there are any.
func TestTTLsThatGetLostAreTold(t *testing.T) {
	c := newCluster(t)
	c.MustExec("CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
	for _, table := range []string{"a", "b"} {
		c.MustExec("CREATE TABLE shop." + table + " (p int PRIMARY KEY, v int, w text)")
	}
	note := func(flag string) bool {
		var log bytes.Buffer
		code, err := run(context.Background(), []string{c.hosts, "-dry-run", flag, "shop.a", "shop.b"}, io.Discard, &log)
		require.NoError(t, err)
		require.Zero(t, code)
		return strings.Contains(log.String(), "Note: rows of shop.a have a TTL")
	}
	c.MustExec("INSERT INTO shop.a (p, v) VALUES (1, 1)")
	require.False(t, note("-times=false"))
	c.MustExec("UPDATE shop.a USING TTL 1000 SET w = 'x' WHERE p = 1")
	require.True(t, note("-times=false"))
	require.False(t, note("-times"))
}

// onWrites matches requests that write to the copy.
func onWrites(r cqltest.Request) bool { return cqltest.User(r) && !r.IsSelect() }

func TestKilledItGoesOn(t *testing.T) {
	c := shop(t)
	state := t.TempDir()
	for run, writes := range []int{3, 20, 9, 0} {
		args := []string{c.hosts, "-state=" + state, "-parallel=2", "-page-size=50", original, copied}
		if _, err := os.Stat(filepath.Join(state, "job.json")); err == nil {
			args = append([]string{"-resume"}, args...)
		}
		program := exec.Command(os.Args[0])
		program.Env = append(os.Environ(), asProgram+"="+strings.Join(args, "\n"))
		var errs bytes.Buffer
		program.Stderr = &errs
		require.NoError(t, program.Start())
		if writes > 0 {
			c.Inject(cqltest.Fault{Match: onWrites, After: writes, Times: 1, Before: func(cqltest.Request) { _ = program.Process.Kill() }})
		}
		err := program.Wait()
		if writes == 0 {
			require.NoError(t, err, errs.String())
		} else {
			require.False(t, program.ProcessState.Exited(), "run %d was killed: %s", run, errs.String())
		}
	}
	requireEqual(t, c.rows(t, original), c.rows(t, copied))
}

func TestTwoProcessesDoNotGoOnWithOneJob(t *testing.T) {
	c := shop(t)
	state := t.TempDir()
	args := []string{c.hosts, "-state=" + state, "-page-size=50", original, copied}
	program := exec.Command(os.Args[0])
	program.Env = append(os.Environ(), asProgram+"="+strings.Join(args, "\n"))
	working, killed := make(chan struct{}), make(chan struct{})
	c.Inject(cqltest.Fault{Match: onWrites, After: 3, Times: 1, Before: func(cqltest.Request) {
		close(working)
		<-killed
	}})
	require.NoError(t, program.Start())
	<-working
	_, second := run(t.Context(), append([]string{"-resume"}, args...), io.Discard, io.Discard)
	require.NoError(t, program.Process.Kill())
	close(killed)
	require.Error(t, program.Wait())
	require.ErrorContains(t, second, fmt.Sprintf("another migrate is at work in %s: ", state))
	require.ErrorContains(t, second, fmt.Sprintf("in use by process %d", program.Process.Pid))
	code, err := run(t.Context(), append([]string{"-resume"}, args...), io.Discard, io.Discard)
	require.NoError(t, err)
	require.Zero(t, code)
	requireEqual(t, c.rows(t, original), c.rows(t, copied))
}

func TestStoppedAgainAndAgainItGoesOn(t *testing.T) {
	c := shop(t)
	args := []string{c.hosts, "-state=" + t.TempDir(), "-parallel=2", "-page-size=50", "-pages=1", original, copied}
	stops := 0
	for {
		stop, cancel := context.WithCancel(context.Background())
		fault := c.Inject(cqltest.Fault{Match: onWrites, After: 15, Before: func(cqltest.Request) { cancel() }})
		code, r := runIt(t, stop, args...)
		fault.Remove()
		cancel()
		if code == complete {
			break
		}
		stops++
		require.Equal(t, stopped, code)
		require.False(t, r.Complete)
		if stops == 1 {
			args = append([]string{"-resume"}, args...)
		}
	}
	require.Greater(t, stops, 1)
	requireEqual(t, c.rows(t, original), c.rows(t, copied))
}

// Every row is in the copy or in the file, which can be written later.
func TestRowsThatCannotBeWrittenGoToAFile(t *testing.T) {
	c := shop(t)
	state := t.TempDir()
	bad := c.Inject(cqltest.Fault{Err: cqltest.Invalid("these are not to be"), Match: func(r cqltest.Request) bool {
		return onWrites(r) && bytes.Contains(fmt.Appendf(nil, "%v", r), []byte("order 50"))
	}})
	code, r := runIt(t, context.Background(), c.hosts, "-state="+state, original, copied)
	require.Equal(t, partial, code)
	require.True(t, r.Complete, "all was read")
	require.Equal(t, filepath.Join(state, "dead-letters.jsonl"), r.Dead)
	require.EqualValues(t, rowsInShop/100, r.Written.Dead)
	require.EqualValues(t, rowsInShop-rowsInShop/100, r.Written.Written)
	dead, err := source.DeadLetters[source.Row](r.Dead).Letters().Collect(t.Context())
	require.NoError(t, err)
	want, got := c.rows(t, original), c.rows(t, copied)
	for _, f := range dead {
		require.ErrorIs(t, f.Err, cql.Invalid)
		key := fmt.Sprintf("%x/%x", f.Item.Cell(0), f.Item.Cell(1))
		require.True(t, want[key].Equal(f.Item))
		require.NotContains(t, got, key)
		got[key] = f.Item
	}
	requireEqual(t, want, got)

	bad.Remove()
	code, r = runIt(t, context.Background(), c.hosts, "-state="+state, "-resume", original, copied)
	require.Equal(t, partial, code, "there are rows yet to be written")
	require.Zero(t, r.Read)

	code, r = runIt(t, context.Background(), c.hosts, "-state="+t.TempDir(), "-max-dead=3", original, copied)
	require.Zero(t, code)
	require.Zero(t, r.Written.Dead)
	c.Inject(cqltest.Fault{Match: onWrites, Err: cqltest.Invalid("none of these are to be")})
	code, r = runIt(t, context.Background(), c.hosts, "-state="+t.TempDir(), "-max-dead=3", original, copied)
	require.Equal(t, failed, code)
	require.Contains(t, r.Error, "more rows could not be written than are tolerated")
}

func TestWithoutAClusterItShowsWhatItDoes(t *testing.T) {
	var log bytes.Buffer
	code, err := run(context.Background(), []string{"-rows=500", "-times"}, io.Discard, &log)
	require.NoError(t, err)
	require.Zero(t, code)
	require.Contains(t, log.String(), "500 rows")

	log.Reset()
	code, err = run(context.Background(), []string{"-rows=500", "-dry-run"}, nil, &log)
	require.NoError(t, err)
	require.Zero(t, code)
	require.Contains(t, log.String(), "Copying shop.orders to shop.orders_copy: 6 columns, ")
}

func TestMistakesAreToldBeforeAnythingIsDone(t *testing.T) {
	c := shop(t)
	dir := t.TempDir()
	c.MustExec("CREATE TABLE shop.counts (k int PRIMARY KEY, n counter)")
	c.MustExec("CREATE TABLE shop.counts_copy (k int PRIMARY KEY, n counter)")
	c.MustExec("CREATE TABLE shop.narrow (customer int, number int, PRIMARY KEY (customer, number))")
	for text, args := range map[string][]string{
		"the table to write to: ":    {c.hosts, "-state=" + dir, original, "shop.nothing"},
		"nothing: not in the schema": {c.hosts, "-dry-run", original, "shop.nothing"},
		"is read and written":        {c.hosts, "-state=" + dir, original, "--", c.hosts, original},
		"has counters":               {c.hosts, "-state=" + dir, "shop.counts", "shop.counts_copy"},
		"no such column":             {c.hosts, "-state=" + dir, original, "shop.narrow"},
		"-state is missing":          {c.hosts, original, copied},
		"name two tables":            {"-state=" + dir, "a.b"},
		"-h lists the flags":         {"-x"},
		"no job to go on with":       {c.hosts, "-state=" + dir, "-resume", original, copied},
		"not in the schema":          {c.hosts, "-state=" + dir, "shop.nothing", copied},
		"has no column \"nope\"":     {c.hosts, "-state=" + dir, "-columns=nope", original, copied},
		"is not old=new":             {c.hosts, "-state=" + dir, "-rename=a", original, copied},
		"there must be at least 1":   {"-pages=0"},
		"behind --":                  {c.hosts, "-state=" + dir, original, "--", "-rows=5", copied},
		"-hosts must be given":       {"-state=" + dir, original, "--", c.hosts, copied},
	} {
		code, err := run(context.Background(), args, io.Discard, io.Discard)
		require.Equal(t, failed, code, text)
		require.ErrorContains(t, err, text)
	}
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)

	var help bytes.Buffer
	code, err := run(context.Background(), []string{"-h"}, &help, nil)
	require.NoError(t, err)
	require.Zero(t, code)
	require.Contains(t, help.String(), "-dry-run")
}

func TestWhichColumnsHaveTimes(t *testing.T) {
	found := source.Preflight{
		Table: cql.Table{Columns: []cql.TableColumn{
			{Name: "k", Kind: cql.PartitionKey, Type: "int"}, {Name: "S", Kind: cql.Static, Type: "text"},
			{Name: "l", Kind: cql.Regular, Type: "list<int>"}, {Name: "f", Kind: cql.Regular, Type: "frozen<list<int>>"},
			{Name: "m", Kind: cql.Regular, Type: "map<int, int>"}, {Name: "u", Kind: cql.Regular, Type: "address"},
		}},
		Columns: []cql.Column{
			{Name: "k", Type: cql.Type{Kind: cql.Int}}, {Name: "S", Type: cql.Type{Kind: cql.Text}}, {Name: "l", Type: cql.Type{Kind: cql.List}},
			{Name: "f", Type: cql.Type{Kind: cql.List}}, {Name: "m", Type: cql.Type{Kind: cql.Map}}, {Name: "u", Type: cql.Type{Kind: cql.UDT}},
		},
	}
	require.Equal(t, []string{
		`k`, `"S"`, `writetime("S")`, `ttl("S")`, `l`, `f`, `writetime(f)`, `ttl(f)`, `m`, `maxwritetime(m)`, `u`, `maxwritetime(u)`,
	}, withTimes(found))
}
