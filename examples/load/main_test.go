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
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

// asProgram has the test binary be the program, with these arguments, one a line, so that it can be killed.
const asProgram = "RXCQL_LOAD_ARGUMENTS"

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

const (
	original   = sample.Table
	copied     = sample.Table + "_copy"
	rowsInShop = 3000
)

// cluster is a server with a session to look into it, and the flag that names it.
type cluster struct {
	*cqltest.Server
	session *cql.Session
	hosts   string
}

// shop is a cluster with a table of 3,000 rows, and an empty one like it.
func shop(t *testing.T) cluster {
	t.Helper()
	server := cqltest.NewServer()
	t.Cleanup(server.Close)
	session, err := cql.Connect(context.Background(), server.Cluster())
	require.NoError(t, err)
	t.Cleanup(session.Close)
	sample.Fill(server, original, rowsInShop)
	sample.Write(server, copied, 0)
	config := server.Cluster()
	return cluster{server, session, "-hosts=" + net.JoinHostPort(config.Hosts[0], strconv.Itoa(config.Port))}
}

// file writes the full table to a file and gives its name.
func (c cluster) file(t *testing.T, name string) string {
	t.Helper()
	name = filepath.Join(t.TempDir(), name)
	var format sink.Format[source.Row] = sink.JSONL[source.Row]()
	if strings.Contains(name, ".csv") {
		format = sink.CSV[source.Row]()
	}
	_, err := sink.File(name, format).Write(t.Context(), source.Table[source.Row](c.session, original).Rows())
	require.NoError(t, err)
	return name
}

func (c cluster) rows(t *testing.T, table string) map[string]source.Row {
	t.Helper()
	rows, err := source.Table[source.Row](c.session, table).Rows().Collect(t.Context())
	require.NoError(t, err)
	byKey := map[string]source.Row{}
	for _, r := range rows {
		byKey[fmt.Sprintf("%x/%x", r.Cell(0), r.Cell(1))] = r
	}
	require.Len(t, byKey, len(rows))
	return byKey
}

// requireLoaded checks that the copy is equal cell by cell, but for rows that are left out.
func (c cluster) requireLoaded(t *testing.T, but func(source.Row) bool) {
	t.Helper()
	want, got := c.rows(t, original), c.rows(t, copied)
	for key, row := range want {
		if but != nil && but(row) {
			delete(want, key)
			continue
		}
		require.True(t, row.Equal(got[key]), "%v became %v", row, got[key])
	}
	require.Len(t, got, len(want))
}

// recordsOf gives the text of rejected records.
func recordsOf(t *testing.T, path string) string {
	t.Helper()
	text, err := source.Rejects(path)(t.Context())
	require.NoError(t, err)
	defer text.Close()
	records, err := io.ReadAll(text)
	require.NoError(t, err)
	return string(records)
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

func TestFilesAreLoadedCellByCell(t *testing.T) {
	for _, name := range []string{"orders.csv", "orders.jsonl", "orders.csv.gz", "orders.jsonl.zst"} {
		t.Run(name, func(t *testing.T) {
			c := shop(t)
			dir := filepath.Join(t.TempDir(), "new", "dir")
			code, r := runIt(t, context.Background(), c.hosts, "-dir="+dir, copied, c.file(t, name))
			require.Zero(t, code)
			require.True(t, r.Complete)
			require.EqualValues(t, rowsInShop, r.Rows)
			require.EqualValues(t, rowsInShop, r.Written.Written)
			c.requireLoaded(t, nil)
			require.FileExists(t, filepath.Join(dir, "position.json"))
			require.NoFileExists(t, filepath.Join(dir, "rejected.jsonl"))
			letters, err := os.ReadFile(filepath.Join(dir, "dead-letters.jsonl"))
			require.NoError(t, err)
			require.Empty(t, letters)
		})
	}
}

func TestACSVOfAnotherForm(t *testing.T) {
	c := shop(t)
	name := filepath.Join(t.TempDir(), "orders.txt")
	require.NoError(t, os.WriteFile(name, []byte("5;7;NULL\n5;8;\"NULL\"\n5;7;tea\n"), 0o600))
	code, r := runIt(t, context.Background(), c.hosts, "-format=csv", "-columns=customer,number,item", "-no-header", "-delimiter=;", "-null=NULL", copied, name)
	require.Zero(t, code)
	require.EqualValues(t, 3, r.Rows)
	items := map[string]string{}
	for key, row := range c.rows(t, copied) {
		item, err := source.Get[string](row, "item")
		require.NoError(t, err)
		items[key[len(key)-1:]] = item
	}
	require.Equal(t, map[string]string{"7": "tea", "8": "NULL"}, items, "the last row of a key wins")
}

// Lines that are no rows and rows that the server does not take are kept apart, and the rows can be written later.
func TestWhatCannotBeLoadedIsKept(t *testing.T) {
	c := shop(t)
	name, dir := c.file(t, "orders.csv"), t.TempDir()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	header, rows, _ := bytes.Cut(text, []byte("\n"))
	bad := "x,1,,,,\n1,2\n"
	require.NoError(t, os.WriteFile(name, []byte(string(header)+"\n"+bad[:8]+string(rows)+bad[8:]), 0o600))
	fault := c.Inject(cqltest.Fault{Err: cqltest.Invalid("these are not to be"), Match: func(r cqltest.Request) bool {
		return cqltest.User(r) && !r.IsSelect() && bytes.Contains(fmt.Appendf(nil, "%v", r), []byte("order 50"))
	}})
	var log bytes.Buffer
	code, err := run(context.Background(), []string{c.hosts, "-dir=" + dir, copied, name}, io.Discard, &log)
	require.NoError(t, err)
	require.Equal(t, partial, code)
	rejected := filepath.Join(dir, "rejected.jsonl")
	require.Equal(t, string(header)+"\n"+bad, recordsOf(t, rejected), "as they are")
	require.Contains(t, log.String(), "Rejected: source: "+name+":2:")
	c.requireLoaded(t, func(r source.Row) bool { return strings.Contains(fmt.Sprint(r), "order 50") })

	fault.Remove()
	kept, err := os.ReadFile(rejected)
	require.NoError(t, err)
	fixed := strings.NewReplacer(`"record":"x,1`, `"record":"-1,1`, `"record":"1,2\n`, `"record":"-1,2,,,,\n`).Replace(string(kept))
	require.NoError(t, os.WriteFile(rejected, []byte(fixed), 0o600))
	code, r := runIt(t, context.Background(), c.hosts, "-dir="+t.TempDir(), "-rejected", copied, rejected)
	require.Zero(t, code)
	require.EqualValues(t, 2, r.Written.Written)
	c.MustExec("DELETE FROM " + copied + " WHERE customer = -1")

	again := t.TempDir()
	code, r = runIt(t, context.Background(), c.hosts, "-dir="+again, "-replay="+filepath.Join(dir, "dead-letters.jsonl"), copied)
	require.Zero(t, code)
	require.EqualValues(t, rowsInShop/100, r.Written.Written)
	c.requireLoaded(t, nil)

	code, err = run(context.Background(), []string{c.hosts, "-dir=" + dir, "-replay=" + filepath.Join(dir, "dead-letters.jsonl"), copied}, io.Discard, io.Discard)
	require.Equal(t, failed, code)
	require.ErrorContains(t, err, "has dead letters already")
}

func TestTooMuchThatCannotBeLoadedStopsIt(t *testing.T) {
	c := shop(t)
	name := filepath.Join(t.TempDir(), "orders.jsonl")
	require.NoError(t, os.WriteFile(name, []byte(strings.Repeat("nonsense\n", 10)), 0o600))
	code, r := runIt(t, context.Background(), c.hosts, "-dir="+t.TempDir(), "-max-dead=3", copied, name)
	require.Equal(t, failed, code)
	require.EqualValues(t, 4, r.Rejected)
	require.Contains(t, r.Error, "4 lines are no rows, and 0 rows are dead")
	code, r = runIt(t, context.Background(), c.hosts, copied, name)
	require.Equal(t, failed, code, "the first one, as there is no place for it")
	require.Contains(t, r.Error, "orders.jsonl:1:")

	c.Inject(cqltest.Fault{Match: func(r cqltest.Request) bool { return cqltest.User(r) && !r.IsSelect() }, Err: cqltest.Invalid("none of these are to be")})
	name = c.file(t, "orders.jsonl")
	dir := t.TempDir()
	code, r = runIt(t, context.Background(), c.hosts, "-dir="+dir, "-max-dead=0", copied, name)
	require.Equal(t, failed, code)
	require.Zero(t, r.Written.Dead)
	require.NoFileExists(t, filepath.Join(dir, "dead-letters.jsonl"))
	code, r = runIt(t, context.Background(), c.hosts, "-dir="+t.TempDir(), "-max-dead=3", copied, name)
	require.Equal(t, failed, code)
	require.Contains(t, r.Error, "more rows could not be written than are tolerated")
}

// What is no good is counted together, lines and rows, and over all runs.
func TestTheBudgetIsOne(t *testing.T) {
	c := shop(t)
	name, dir := filepath.Join(t.TempDir(), "in.csv"), t.TempDir()
	require.NoError(t, os.WriteFile(name, []byte("customer,number,item\nx,1,\n1,1,bad\n2,2,good\ny,1,\n3,3,good\n"), 0o600))
	c.Inject(cqltest.Fault{Err: cqltest.Invalid("not to be"), Match: func(r cqltest.Request) bool {
		return cqltest.User(r) && !r.IsSelect() && strings.Contains(fmt.Sprint(r), "bad")
	}})
	args := []string{c.hosts, "-dir=" + dir, "-columns=customer,number,item", "-part=1", copied, name}
	code, r := runIt(t, context.Background(), append([]string{"-max-dead=2"}, args...)...)
	require.Equal(t, failed, code)
	require.Contains(t, r.Error, "2 lines are no rows, and 1 rows are dead")
	code, r = runIt(t, context.Background(), append([]string{"-resume", "-max-dead=2"}, args...)...)
	require.Equal(t, failed, code)
	require.Contains(t, r.Error, "2 lines are no rows, and 1 rows are dead")
	code, r = runIt(t, context.Background(), append([]string{"-resume", "-max-dead=3"}, args...)...)
	require.Equal(t, partial, code)
	require.EqualValues(t, 2, r.Rejected)
	require.Equal(t, "customer,number,item\nx,1,\ny,1,\n", recordsOf(t, filepath.Join(dir, "rejected.jsonl")), "each once")
	require.Len(t, c.rows(t, copied), 2)
}

func TestAFileThatWasReplacedIsNotGoneOnWith(t *testing.T) {
	c := shop(t)
	name, dir := c.file(t, "orders.csv"), t.TempDir()
	stop, cancel := context.WithCancel(context.Background())
	c.Inject(cqltest.Fault{Match: func(r cqltest.Request) bool { return cqltest.User(r) && !r.IsSelect() }, After: 15, Times: 1, Before: func(cqltest.Request) { cancel() }})
	code, _ := runIt(t, stop, c.hosts, "-dir="+dir, "-part=100", copied, name)
	require.Equal(t, stopped, code)
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	for _, other := range [][]byte{append(bytes.Clone(text), '\n'), bytes.Replace(text, []byte("order"), []byte("Order"), 1)} {
		require.NoError(t, os.WriteFile(name, other, 0o600))
		code, err = run(context.Background(), []string{c.hosts, "-dir=" + dir, "-resume", copied, name}, io.Discard, io.Discard)
		require.Equal(t, failed, code)
		require.ErrorContains(t, err, "is not the file of then")
	}
	require.NoError(t, os.WriteFile(name, text, 0o600))
	code, _ = runIt(t, context.Background(), c.hosts, "-dir="+dir, "-resume", copied, name)
	require.Zero(t, code)
	c.requireLoaded(t, nil)
}

// Times of writing and times to live that a file has are those of the table it is loaded into.
func TestTimesThatAreUnloadedAreLoaded(t *testing.T) {
	for _, name := range []string{"a.csv", "a.jsonl"} {
		c := shop(t)
		for _, table := range []string{"shop.a", "shop.b"} {
			c.MustExec("CREATE TABLE " + table + " (customer int, number int, v int, w text, PRIMARY KEY (customer, number))")
		}
		for n := range 20 {
			c.MustExec("INSERT INTO shop.a (customer, number, v) VALUES (?, ?, 1) USING TIMESTAMP ? AND TTL 100000", n%3, n, 1000+n)
			c.MustExec("UPDATE shop.a USING TIMESTAMP ? SET w = 'x' WHERE customer = ? AND number = ?", 2000+n, n%3, n)
		}
		columns := []string{"customer", "number", "v", "writetime(v)", "ttl(v)", "w", "writetime(w)", "ttl(w)"}
		var format sink.Format[source.Row] = sink.JSONL[source.Row]()
		if strings.HasSuffix(name, ".csv") {
			format = sink.CSV[source.Row]()
		}
		name = filepath.Join(t.TempDir(), name)
		_, err := sink.File(name, format).Write(t.Context(), source.Table[source.Row](c.session, "shop.a").Columns(columns...).Rows())
		require.NoError(t, err)
		code, _ := runIt(t, context.Background(), c.hosts, "-columns="+strings.Join(columns, ","), "shop.b", name)
		require.Zero(t, code)
		times := func(table string) []string {
			rows, err := source.Table[source.Row](c.session, table).Columns("customer", "number", "v", "writetime(v)", "w", "writetime(w)", "ttl(w)").Rows().Collect(t.Context())
			require.NoError(t, err)
			var all []string
			for _, r := range rows {
				all = append(all, r.String())
			}
			return all
		}
		require.Len(t, times("shop.a"), 20)
		require.Equal(t, times("shop.a"), times("shop.b"))
		require.Empty(t, c.withTTL(t, "shop.b", "w"))
		require.Len(t, c.withTTL(t, "shop.b", "v"), 20)
	}
}

// withTTL gives the times to live of a column, where it has one, and checks that they are about 100,000 s.
func (c cluster) withTTL(t *testing.T, table, column string) []int {
	t.Helper()
	rows, err := source.Table[source.Row](c.session, table).Columns("ttl(" + column + ")").Rows().Collect(t.Context())
	require.NoError(t, err)
	var all []int
	for _, r := range rows {
		ttl, err := source.Get[*int](r, "ttl("+column+")")
		require.NoError(t, err)
		if ttl != nil {
			all = append(all, *ttl)
			require.Greater(t, *ttl, 90_000)
			require.LessOrEqual(t, *ttl, 100_000)
		}
	}
	return all
}

func TestQuotesEscapesAndATimeToLive(t *testing.T) {
	for text, flags := range map[string][]string{
		`1,2,"a \"b\""`: {`-escape=\`},
		`1,2,'a "b"'`:   {"-quote='"},
		`1;2;'a $"b$"'`: {"-quote='", "-escape=$", "-delimiter=;"},
		`1,2,"a ""b"""`: nil,
	} {
		c := shop(t)
		name := filepath.Join(t.TempDir(), "orders.csv")
		require.NoError(t, os.WriteFile(name, []byte(text+"\n"), 0o600))
		args := append(flags, c.hosts, "-no-header", "-columns=customer,number,item", "-ttl=100000s", copied, name)
		code, r := runIt(t, context.Background(), args...)
		require.Zero(t, code, r.Error)
		require.Len(t, c.rows(t, copied), 1)
		for _, r := range c.rows(t, copied) {
			item, err := source.Get[string](r, "item")
			require.NoError(t, err)
			require.Equal(t, `a "b"`, item)
		}
		require.Len(t, c.withTTL(t, copied, "item"), 1)
	}
}

func TestKilledItGoesOn(t *testing.T) {
	for _, file := range []string{"orders.csv", "orders.jsonl.gz"} {
		c := shop(t)
		name, dir := c.file(t, file), t.TempDir()
		for run, writes := range []int{3, 12, 9, 0} {
			args := []string{c.hosts, "-dir=" + dir, "-part=100", copied, name}
			if _, err := os.Stat(filepath.Join(dir, "position.json")); err == nil {
				args = append([]string{"-resume"}, args...)
			}
			program := exec.Command(os.Args[0])
			program.Env = append(os.Environ(), asProgram+"="+strings.Join(args, "\n"))
			var errs bytes.Buffer
			program.Stderr = &errs
			require.NoError(t, program.Start())
			if writes > 0 {
				c.Inject(cqltest.Fault{
					Match: func(r cqltest.Request) bool { return cqltest.User(r) && !r.IsSelect() },
					After: writes, Times: 1, Before: func(cqltest.Request) { _ = program.Process.Kill() },
				})
			}
			err := program.Wait()
			if writes == 0 {
				require.NoError(t, err, errs.String())
			} else {
				require.False(t, program.ProcessState.Exited(), "run %d was killed: %s", run, errs.String())
			}
		}
		c.requireLoaded(t, nil)
	}
}

func TestTwoProcessesDoNotGoOnWithOneJob(t *testing.T) {
	c := shop(t)
	dir := t.TempDir()
	args := []string{c.hosts, "-dir=" + dir, "-part=100", copied, c.file(t, "orders.csv")}
	program := exec.Command(os.Args[0])
	program.Env = append(os.Environ(), asProgram+"="+strings.Join(args, "\n"))
	working, killed := make(chan struct{}), make(chan struct{})
	c.Inject(cqltest.Fault{
		Match: func(r cqltest.Request) bool { return cqltest.User(r) && !r.IsSelect() },
		After: 3, Times: 1, Before: func(cqltest.Request) {
			close(working)
			<-killed
		},
	})
	require.NoError(t, program.Start())
	<-working
	_, second := run(t.Context(), append([]string{"-resume"}, args...), io.Discard, io.Discard)
	require.NoError(t, program.Process.Kill())
	close(killed)
	require.Error(t, program.Wait())
	require.ErrorContains(t, second, fmt.Sprintf("another load is at work in %s: ", dir))
	require.ErrorContains(t, second, fmt.Sprintf("in use by process %d", program.Process.Pid))
	code, _ := runIt(t, t.Context(), append([]string{"-resume"}, args...)...)
	require.Zero(t, code)
	c.requireLoaded(t, nil)
}

// What was rejected before it was stopped is there once.
func TestStoppedAgainAndAgainItGoesOn(t *testing.T) {
	c := shop(t)
	name, dir := c.file(t, "orders.jsonl"), t.TempDir()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	var odd []byte
	var want string
	n := 0
	for line := range bytes.Lines(text) {
		if n%50 == 7 {
			odd = fmt.Appendf(odd, "{nonsense %d\n", n)
			want += fmt.Sprintf("{nonsense %d\n", n)
		}
		odd = append(odd, line...)
		n++
	}
	require.NoError(t, os.WriteFile(name, odd, 0o600))
	args := []string{c.hosts, "-dir=" + dir, "-part=100", copied, name}
	stops := 0
	for {
		stop, cancel := context.WithCancel(context.Background())
		fault := c.Inject(cqltest.Fault{
			Match: func(r cqltest.Request) bool { return cqltest.User(r) && !r.IsSelect() }, After: 15, Before: func(cqltest.Request) { cancel() },
		})
		code, r := runIt(t, stop, args...)
		fault.Remove()
		cancel()
		if code == partial {
			require.EqualValues(t, rowsInShop, r.Rows)
			require.EqualValues(t, rowsInShop/50, r.Rejected)
			break
		}
		stops++
		require.Equal(t, stopped, code)
		if stops == 1 {
			args = append([]string{"-resume"}, args...)
		}
	}
	require.Greater(t, stops, 1)
	c.requireLoaded(t, nil)
	require.Equal(t, want, recordsOf(t, filepath.Join(dir, "rejected.jsonl")))

	var out, log bytes.Buffer
	code, err := run(context.Background(), args, &out, &log)
	require.NoError(t, err)
	require.Equal(t, partial, code, "as before: it is complete, and not all is written")
	require.Contains(t, out.String(), `"complete": true`)
	require.Contains(t, out.String(), `"rejected": 60`)
	require.Contains(t, log.String(), "Lines that are no rows: 60, in "+filepath.Join(dir, "rejected.jsonl"))
	require.Equal(t, want, recordsOf(t, filepath.Join(dir, "rejected.jsonl")))
}

func TestAJobThatIsCompleteHasNothingLeftToDo(t *testing.T) {
	c := shop(t)
	name, dir := c.file(t, "orders.csv"), t.TempDir()
	code, r := runIt(t, context.Background(), c.hosts, "-dir="+dir, copied, name)
	require.Zero(t, code)
	require.True(t, r.Complete)
	code, r = runIt(t, context.Background(), c.hosts, "-dir="+dir, "-resume", copied, name)
	require.Zero(t, code)
	require.True(t, r.Complete)
	require.EqualValues(t, rowsInShop, r.Rows)
	require.Zero(t, r.Written.Written)
}

func TestColumnsThatDoNotFitTellTheFlags(t *testing.T) {
	c := shop(t)
	name := filepath.Join(t.TempDir(), "orders.csv")
	require.NoError(t, os.WriteFile(name, []byte("customer,number,item\n1,2,x\n"), 0o600))
	var log bytes.Buffer
	code, err := run(context.Background(), []string{c.hosts, copied, name}, io.Discard, &log)
	require.Equal(t, failed, code)
	require.ErrorContains(t, err, "the header has no such column")
	require.Contains(t, log.String(), "-lenient passes over others")
}

// What -rejected reads tells its format.
func TestRejectedRecordsTellTheirFormat(t *testing.T) {
	dir := t.TempDir()
	for text, want := range map[string]string{
		`{"at":"2026-01-01T00:00:00Z","line":2,"header":"a,b\n","record":"1,x\n"}`: "csv",
		`{"at":"2026-01-01T00:00:00Z","line":2,"record":"{\"a\": 1}\n"}`:           "jsonl",
		"": "jsonl",
	} {
		name := filepath.Join(dir, "rejected.jsonl")
		require.NoError(t, os.WriteFile(name, []byte(text+"\n"), 0o600))
		s, err := parse([]string{"-rejected", copied, name}, io.Discard)
		require.NoError(t, err)
		require.Equal(t, want, s.format)
		s, err = parse([]string{"-rejected", "-no-header", "-columns=a,b", copied, name}, io.Discard)
		require.NoError(t, err)
		if text != "" {
			require.Equal(t, "csv", s.format)
		}
		s, err = parse([]string{"-rejected", "-format=csv", copied, name}, io.Discard)
		require.NoError(t, err)
		require.Equal(t, "csv", s.format)
	}
}

func TestWithoutAClusterItShowsWhatItDoes(t *testing.T) {
	var log bytes.Buffer
	code, err := run(context.Background(), []string{"-rows=500"}, io.Discard, &log)
	require.NoError(t, err)
	require.Zero(t, code)
	require.Contains(t, log.String(), "500 rows")
}

func TestMistakesAreToldBeforeAnythingIsDone(t *testing.T) {
	c := shop(t)
	dir := t.TempDir()
	name := c.file(t, "orders.jsonl")
	c.MustExec("CREATE TABLE shop.counts (k int PRIMARY KEY, n counter)")
	for text, args := range map[string][]string{
		"name one table":             {c.hosts, copied},
		"-h lists the flags":         {"-x"},
		"does not go with -replay":   {c.hosts, "-resume", "-dir=" + dir, "-replay=x", copied},
		"by what is in -dir":         {c.hosts, "-resume", copied, name},
		"no job to go on with":       {c.hosts, "-resume", "-dir=" + dir, copied, name},
		"needs -columns":             {c.hosts, "-no-header", copied, "x.csv"},
		"is not one character":       {c.hosts, "-delimiter=ab", copied, "x.csv"},
		"-part: 0 rows":              {c.hosts, "-part=0", copied, name},
		"cannot be fewer than none":  {c.hosts, "-max-dead=-2", copied, name},
		"not in the schema":          {c.hosts, "-dir=" + dir, "shop.nothing", name},
		"no such file":               {c.hosts, "-dir=" + dir, copied, "nothing.csv"},
		"a table of counters":        {c.hosts, "-dir=" + dir, "shop.counts", name},
		"-escape":                    {c.hosts, "-escape=,", copied, "x.csv"},
		"-ttl":                       {c.hosts, "-ttl=-1s", copied, name},
		"-format is missing":         {c.hosts, copied, "x"},
		"is no file of rejected":     {c.hosts, "-rejected", copied, name},
		"no such file or directory":  {c.hosts, "-replay=nothing", copied},
		"has no column nope":         {c.hosts, "-dir=" + dir, "-columns=nope", copied, name},
		"is part of the primary key": {c.hosts, "-dir=" + dir, "-columns=customer", copied, name},
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
	require.Contains(t, help.String(), "-replay")
}
