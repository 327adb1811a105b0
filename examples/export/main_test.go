package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
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

	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/examples/internal/sample"
	"github.com/rxcql/rxcql/source"
)

// asProgram has the test binary be the program, with these arguments, one a line, so that it can be killed.
const asProgram = "RXCQL_EXPORT_ARGUMENTS"

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

const rowsInShop = 6000

// shop is a server with a table of 6,000 rows, and the flag that names it.
func shop(t *testing.T) (*cqltest.Server, string) {
	server := cqltest.NewServer()
	t.Cleanup(server.Close)
	sample.Fill(server, sample.Table, rowsInShop)
	config := server.Cluster()
	return server, "-hosts=" + net.JoinHostPort(config.Hosts[0], strconv.Itoa(config.Port))
}

func onPages(r cqltest.Request) bool { return cqltest.On("orders")(r) && r.Op == cqltest.OpExecute }

// order is the key of a row.
type order struct{ Customer, Number int }

// requireAllOnce checks that the files have every row once, and fit the manifest.
func requireAllOnce(t *testing.T, dir string) {
	t.Helper()
	var m manifest
	text, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &m))
	seen := map[order]int{}
	for i, f := range m.Files {
		require.Less(t, f.Start, f.End)
		if i > 0 {
			require.GreaterOrEqual(t, f.Start, m.Files[i-1].End, "ranges do not overlap")
		}
		text, err := os.ReadFile(filepath.Join(dir, f.Name))
		require.NoError(t, err)
		require.Len(t, text, int(f.Bytes))
		lines := bytes.Lines(text)
		rows := int64(0)
		for line := range lines {
			var o order
			require.NoError(t, json.Unmarshal(line, &o))
			seen[o]++
			rows++
		}
		require.Equal(t, f.Rows, rows)
	}
	require.Len(t, seen, rowsInShop)
	for o, n := range seen {
		require.Equal(t, 1, n, o)
	}
	require.EqualValues(t, rowsInShop, m.Rows)
	files, err := filepath.Glob(filepath.Join(dir, prefix+"*"))
	require.NoError(t, err)
	require.Len(t, files, len(m.Files), "no file is left over")
}

// runIt runs the program and gives its exit code and report.
func runIt(t *testing.T, stop context.Context, args ...string) (int, report) {
	t.Helper()
	var out bytes.Buffer
	code, err := run(stop, args, &out, io.Discard)
	var r report
	require.NoError(t, json.Unmarshal(out.Bytes(), &r), "%v", err)
	return code, r
}

func TestATableIsExportedToFilesOfItsRanges(t *testing.T) {
	_, hosts := shop(t)
	dir := filepath.Join(t.TempDir(), "new", "orders")
	code, r := runIt(t, context.Background(), hosts, "-to="+dir, "-parallel=3", sample.Table)
	require.Zero(t, code)
	require.True(t, r.Complete)
	require.EqualValues(t, rowsInShop, r.Rows)
	require.EqualValues(t, rowsInShop, r.Read)
	require.Greater(t, r.Files, 4)
	require.Equal(t, r.Ranges, r.Done)
	require.Equal(t, 1.0, r.Share)
	require.Empty(t, r.Resume)
	requireAllOnce(t, dir)

	code, err := run(context.Background(), []string{hosts, "-to=" + dir, sample.Table}, nil, io.Discard)
	require.Equal(t, failed, code)
	require.ErrorContains(t, err, "has an export already: add -resume")

	code, r = runIt(t, context.Background(), hosts, "-to="+dir, "-resume", sample.Table)
	require.Zero(t, code)
	require.EqualValues(t, rowsInShop, r.Rows)
	require.Zero(t, r.Read, "there was nothing left to do")
	requireAllOnce(t, dir)
}

func TestCSVInOneFile(t *testing.T) {
	dir := t.TempDir()
	code, r := runIt(t, context.Background(), "-rows=2000", "-to="+dir, "-format=csv", "-single", "-columns=customer,number,at,item,note", "-where=cents < 500")
	require.Zero(t, code)
	f, err := os.Open(filepath.Join(dir, "shop.orders.csv"))
	require.NoError(t, err)
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	require.Equal(t, []string{"customer", "number", "at", "item", "note"}, records[0])
	require.Len(t, records, 1+int(r.Rows))
	seen := map[string]bool{}
	for _, rec := range records[1:] {
		seen[rec[0]+"/"+rec[1]] = true
		if rec[0] == "3" && rec[1] == "10" {
			require.Equal(t, []string{"3", "10", "2026-01-01 00:30:00.000+0000", "coffee", "order 10\nof customer 3"}, rec)
		}
	}
	require.Len(t, seen, int(r.Rows))
	require.True(t, seen["3/10"])
}

func TestStoppedAgainAndAgainItGoesOn(t *testing.T) {
	server, hosts := shop(t)
	dir := t.TempDir()
	args := []string{hosts, "-to=" + dir, "-parallel=2", sample.Table}
	read, stops := int64(0), 0
	for {
		stop, cancel := context.WithCancel(context.Background())
		fault := server.Inject(cqltest.Fault{Match: onPages, After: 8, Before: func(cqltest.Request) { cancel() }})
		code, r := runIt(t, stop, args...)
		fault.Remove()
		cancel()
		read += r.Read
		require.Equal(t, read, r.Rows, "what was read is in the files, and nothing twice")
		if code == complete {
			break
		}
		stops++
		require.Equal(t, stopped, code)
		require.False(t, r.Complete)
		require.Empty(t, r.Error)
		require.Equal(t, fmt.Sprintf("export -resume %s -parallel=2 -to=%s shop.orders", hosts, dir), r.Resume)
		if stops == 1 {
			args = append([]string{"-resume"}, args...)
		}
	}
	require.Greater(t, stops, 1)
	requireAllOnce(t, dir)
}

func TestKilledItGoesOn(t *testing.T) {
	server, hosts := shop(t)
	dir := t.TempDir()
	for run, pages := range []int{5, 30, 15, 0} {
		args := []string{hosts, "-to=" + dir, "-parallel=2", "-page-size=100", "-rate=2000", "shop.orders"}
		if _, err := os.Stat(filepath.Join(dir, "checkpoint")); err == nil {
			args = append([]string{"-resume"}, args...)
		}
		program := exec.Command(os.Args[0])
		program.Env = append(os.Environ(), asProgram+"="+strings.Join(args, "\n"))
		var errs bytes.Buffer
		program.Stderr = &errs
		require.NoError(t, program.Start())
		if pages > 0 {
			server.Inject(cqltest.Fault{Match: onPages, After: pages, Times: 1, Before: func(cqltest.Request) { _ = program.Process.Kill() }})
		}
		err := program.Wait()
		if pages == 0 {
			require.NoError(t, err, errs.String())
		} else {
			require.False(t, program.ProcessState.Exited(), "run %d was killed: %s", run, errs.String())
		}
	}
	requireAllOnce(t, dir)
}

// What was acknowledged and is not there any more cannot be read again, as the checkpoint says that it was: it must not
// pass for complete.
func TestFilesThatWereChangedAreNotGoneOnWith(t *testing.T) {
	_, hosts := shop(t)
	finished := t.TempDir()
	args := func(dir string) []string {
		return []string{hosts, "-resume", "-to=" + dir, "-parallel=2", sample.Table}
	}
	code, _ := runIt(t, context.Background(), hosts, "-to="+finished, "-parallel=2", sample.Table)
	require.Zero(t, code)
	for name, spoil := range map[string]func(dir, part string) error{
		"removed":  func(_, part string) error { return os.Remove(part) },
		"cut off":  func(_, part string) error { return os.Truncate(part, 100) },
		"longer":   func(_, part string) error { return os.Truncate(part, 1<<20) },
		"no log":   func(dir, _ string) error { return os.Remove(logName(dir)) },
		"half log": func(dir, _ string) error { return os.Truncate(logName(dir), 0) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			require.NoError(t, os.CopyFS(dir, os.DirFS(finished)))
			parts, err := filepath.Glob(filepath.Join(dir, prefix+"*"))
			require.NoError(t, err)
			require.NoError(t, spoil(dir, parts[1]))
			left, err := os.ReadDir(dir)
			require.NoError(t, err)
			for range 2 { // the first has not hidden it from the second
				code, err := run(context.Background(), args(dir), io.Discard, io.Discard)
				require.Equal(t, failed, code)
				switch name {
				case "no log":
					require.ErrorIs(t, err, os.ErrNotExist)
				case "half log":
					require.ErrorContains(t, err, "is not in "+logName(dir)+": the export was changed; start it in another directory")
				default:
					require.ErrorContains(t, err, parts[1])
					require.ErrorContains(t, err, "bytes: the export was changed; start it in another directory")
				}
			}
			now, err := os.ReadDir(dir)
			require.NoError(t, err)
			require.Len(t, now, len(left), "nothing was removed")
		})
	}
}

// A part that goes while the export runs is noticed, too, by the next page of its range or at the end.
func TestAFileThatGoesMeanwhile(t *testing.T) {
	server, hosts := shop(t)
	dir := t.TempDir()
	server.Inject(cqltest.Fault{Match: onPages, After: 60, Times: 1, Before: func(cqltest.Request) {
		parts, _ := filepath.Glob(filepath.Join(dir, prefix+"*"))
		_ = os.Remove(parts[0])
	}})
	code, err := run(context.Background(), []string{hosts, "-to=" + dir, "-page-size=50", sample.Table}, io.Discard, io.Discard)
	require.Equal(t, failed, code)
	require.ErrorContains(t, err, "part")
	require.NoFileExists(t, filepath.Join(dir, "manifest.json"))
}

// What a killed run has begun goes; other people's files stay.
func TestLeftoversGoAndOtherFilesStay(t *testing.T) {
	_, hosts := shop(t)
	dir := t.TempDir()
	args := []string{hosts, "-to=" + dir, sample.Table}
	code, _ := runIt(t, context.Background(), args...)
	require.Zero(t, code)
	for _, name := range []string{"partners.txt", ".manifest.json.123.tmp"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600))
	}
	code, _ = runIt(t, context.Background(), append([]string{"-resume"}, args...)...)
	require.Zero(t, code)
	require.FileExists(t, filepath.Join(dir, "partners.txt"))
	require.NoFileExists(t, filepath.Join(dir, ".manifest.json.123.tmp"))
	require.NoError(t, os.Remove(filepath.Join(dir, "partners.txt")))
	requireAllOnce(t, dir)
}

func TestRangesThatFailAreReportedAndReadLater(t *testing.T) {
	server, hosts := shop(t)
	dir := t.TempDir()
	fault := server.Inject(cqltest.Fault{
		Match: func(r cqltest.Request) bool {
			return onPages(r) && r.Values[0] != r.Values[1] && r.Values[0].(int64) < 0 && 0 <= r.Values[1].(int64)
		},
		Err: cqltest.Unavailable(2, 1),
	})
	code, r := runIt(t, context.Background(), hosts, "-to="+dir, sample.Table)
	require.Equal(t, partial, code)
	require.Len(t, r.Failed, 1)
	require.Contains(t, r.Failed[0].Error, "unavailable")
	require.Equal(t, r.Ranges-1, r.Done)
	require.Contains(t, r.Resume, "export -resume ")
	require.NoFileExists(t, filepath.Join(dir, "manifest.json"))

	fault.Remove()
	code, r = runIt(t, context.Background(), hosts, "-to="+dir, "-resume", sample.Table)
	require.Zero(t, code)
	require.EqualValues(t, rowsInShop, r.Rows)
	requireAllOnce(t, dir)
}

func TestTheReportTellsAllThatWentWrong(t *testing.T) {
	unread := &source.RangeError{Range: source.Range{Start: 1, End: 5}, Err: errors.New("no replica")}
	save := errors.New("the checkpoint cannot be saved")
	list := []failedRange{{"(1, 5]", "no replica"}}
	for name, c := range map[string]struct {
		err  error
		list []failedRange
		text string
	}{
		"ranges":            {&source.ScanError{Failed: []*source.RangeError{unread}}, list, ""},
		"one for good":      {unread, list, ""},
		"ranges and a save": {errors.Join(&source.ScanError{Failed: []*source.RangeError{unread}}, save), list, save.Error()},
		"one and a save":    {errors.Join(unread, save), list, save.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, partial, codeOf(c.err))
			r := newReport(&settings{flags: flag.NewFlagSet("", 0)}, &parts{}, source.Progress{}, 0, partial, c.err)
			require.Equal(t, c.list, r.Failed)
			require.Equal(t, c.text == "", r.Error == "")
			require.Contains(t, r.Error, c.text)
		})
	}
}

func TestADryRunReadsNothing(t *testing.T) {
	server, hosts := shop(t)
	var log bytes.Buffer
	code, err := run(context.Background(), []string{hosts, "-dry-run", "-where=cents > 5", sample.Table}, nil, &log)
	require.NoError(t, err)
	require.Zero(t, code)
	require.Contains(t, log.String(), "Reading shop.orders: 6 columns, ")
	require.Contains(t, log.String(), "Note: The condition is checked by the servers")
	require.LessOrEqual(t, server.Pages(sample.Table), 1)
}

func TestMistakesAreToldBeforeAnythingIsDone(t *testing.T) {
	dir := t.TempDir()
	for text, args := range map[string][]string{
		"-to is missing":         {},
		"neither jsonl nor csv":  {"-to=" + dir, "-format=xml"},
		"name one table":         {"-to=" + dir, "a.b", "c.d"},
		"-h lists the flags":     {"-x"},
		"no export to go on":     {"-to=" + dir, "-resume", "-rows=100"},
		"not in the schema":      {"-to=" + dir, "-rows=100", "shop.nothing"},
		"has no column \"nope\"": {"-to=" + dir, "-rows=100", "-columns=nope"},
	} {
		code, err := run(context.Background(), args, io.Discard, io.Discard)
		require.Equal(t, failed, code)
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

func TestTheCommandThatGoesOnShowsNoPassword(t *testing.T) {
	s, err := parse([]string{"-hosts=a", "-password=geheim", "-user=me", "-where=item = 'tea'", "-to=/x", "k.t"}, nil)
	require.NoError(t, err)
	require.Equal(t, `export -resume -hosts=a -to=/x -user=me '-where=item = '\''tea'\''' k.t`, s.again())
}
