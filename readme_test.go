package rxcql_test

import (
	"bytes"
	"context"
	"encoding/json"
	"go/format"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/flow"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

// The driver never ends the goroutine that watches its control connection if the session is closed before that goroutine
// has begun, which on a busy machine happens in spite of what Connect does about it.
//
// One processor, as the README's test runs in a bubble: package virtualtime says why.
func TestMain(m *testing.M) {
	runtime.GOMAXPROCS(1)
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/gocql/gocql.(*controlConn).heartBeat"))
}

// readme gives the Go snippets of README.md: the whole program, and the others.
func readme(t *testing.T) (program string, others []string) {
	t.Helper()
	text, err := os.ReadFile("README.md")
	require.NoError(t, err)
	for _, s := range regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		if strings.HasPrefix(s[1], "package main\n") {
			require.Empty(t, program, "one whole program is enough")
			program = s[1]
		} else {
			others = append(others, s[1])
		}
	}
	require.NotEmpty(t, program)
	require.NotEmpty(t, others)
	return program, others
}

// TestReadme finds every Go snippet of README.md but the whole program in a file that is compiled.
func TestReadme(t *testing.T) {
	var compiled []byte
	for _, file := range []string{"example_readme_test.go", "contrib/prometheus/example_test.go", "contrib/otel/example_test.go"} {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		compiled = append(compiled, text...)
	}
	_, snippets := readme(t)
	for _, s := range snippets {
		require.Contains(t, unindented(string(compiled)), unindented(s), "a snippet of README.md is not compiled")
	}
}

// unindented drops the indentation, which depends on where code stands.
func unindented(code string) string {
	lines := strings.Split(code, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimLeft(line, "\t")
	}
	return strings.Join(lines, "\n")
}

// lab starts a server with the tables of README.md and n sensors, as many °C hot as their numbers.
func lab(t *testing.T, n int) (*cqltest.Server, *cql.Session) {
	t.Helper()
	server := cqltest.NewServer()
	t.Cleanup(server.Close)
	for _, statement := range []string{
		"CREATE KEYSPACE lab WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
		"CREATE TABLE lab.readings (sensor int, at timestamp, celsius double, PRIMARY KEY (sensor, at))",
		"CREATE TABLE lab.alerts (sensor int, at timestamp, fahrenheit double, PRIMARY KEY (sensor, at))",
	} {
		server.MustExec(statement)
	}
	for sensor := range n {
		server.MustExec("INSERT INTO lab.readings (sensor, at, celsius) VALUES (?, ?, ?)", sensor, time.UnixMilli(0), float64(sensor))
	}
	session, err := cql.Connect(context.Background(), server.Cluster())
	require.NoError(t, err)
	t.Cleanup(session.Close)
	return server, session
}

// requireAlerts checks that there is an alert for each sensor from 31 to n-1.
func requireAlerts(t *testing.T, session *cql.Session, n int) {
	t.Helper()
	alerts, err := source.Query[Alert](session, "SELECT * FROM lab.alerts").Rows().Collect(context.Background())
	require.NoError(t, err)
	var want []Alert
	for sensor := 31; sensor < n; sensor++ {
		want = append(want, Alert{sensor, time.UnixMilli(0).UTC(), float64(sensor)*9/5 + 32})
	}
	require.ElementsMatch(t, want, alerts)
}

// TestReadmeProgram builds the whole program of README.md and runs it on a server.
func TestReadmeProgram(t *testing.T) {
	program, _ := readme(t)
	require.LessOrEqual(t, strings.Count(program, "\n"), 45)
	formatted, err := format.Source([]byte(program))
	require.NoError(t, err)
	require.Equal(t, string(formatted), program, "it is not gofmt-ed")
	main := filepath.Join(t.TempDir(), "main.go")
	require.NoError(t, os.WriteFile(main, []byte(program), 0o600))

	server, session := lab(t, 50)
	cluster := server.Cluster()
	host := net.JoinHostPort(cluster.Hosts[0], strconv.Itoa(cluster.Port))
	out, err := exec.Command("go", "run", main, host).CombinedOutput()
	require.NoError(t, err, string(out))
	require.Contains(t, string(out), " 19 alerts written\n")
	requireAlerts(t, session, 50)

	server.MustExec("DROP TABLE lab.alerts")
	out, err = exec.Command("go", "run", main, host).CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), "lab.alerts")
}

func TestReadmeLeaveEarly(t *testing.T) {
	server, session := lab(t, 150)
	server.PageSizes("lab.readings", slices.Repeat([]int{10}, 15)...)
	readings := source.Query[Reading](session, "SELECT sensor, at, celsius FROM lab.readings").Rows()
	all, err := readings.Collect(context.Background())
	require.NoError(t, err)
	burning := slices.IndexFunc(all, func(r Reading) bool { return r.Celsius > 100 })
	require.Less(t, burning, 100)

	server.ResetLog()
	require.NoError(t, leaveEarly(context.Background(), readings))
	require.LessOrEqual(t, server.Pages("lab.readings"), burning/10+2, "its page and one that was read ahead")
}

func TestReadmeLogged(t *testing.T) {
	before, flags := slog.Default(), log.Flags()
	defer func() { // SetDefault has changed where log writes to, too
		slog.SetDefault(before)
		log.SetOutput(os.Stderr)
		log.SetFlags(flags)
	}()
	var text bytes.Buffer
	slog.SetDefault(slog.New(slog.NewTextHandler(&text, nil)))
	monitor := flow.NewMonitor(flow.Options{})
	require.NoError(t, logged(monitor, func() error {
		return rx.From(1).ForEach(flow.With(t.Context(), monitor), func(int) error { return nil })
	}))
	require.Contains(t, text.String(), `msg="run ended"`)
}

func TestReadmeTapped(t *testing.T) {
	_, session := lab(t, 0)
	var all, recorded []Alert
	for sensor := 31; sensor < 50; sensor++ {
		all = append(all, Alert{sensor, time.UnixMilli(0), float64(sensor)*9/5 + 32})
	}
	record := func(a Alert) { recorded = append(recorded, a) }
	require.NoError(t, writeTapped(t.Context(), sink.Insert[Alert](session, "lab.alerts"), rx.From(all...), record))
	require.Equal(t, all, recorded)
	requireAlerts(t, session, 50)
}

func TestReadmeWatchedInBrowser(t *testing.T) {
	seen := 0
	err := watchInBrowser(flow.NewMonitor(flow.Options{}), func() error {
		seen++
		transport := &http.Transport{}
		defer transport.CloseIdleConnections()
		response, err := (&http.Client{Transport: transport}).Get("http://127.0.0.1:8090/snapshot.json")
		if err != nil {
			return err
		}
		require.Equal(t, http.StatusOK, response.StatusCode)
		return response.Body.Close()
	})
	if seen == 0 {
		require.ErrorIs(t, err, syscall.EADDRINUSE, "something else on this machine listens there")
		return
	}
	require.NoError(t, err)
}

func TestReadmeWatched(t *testing.T) {
	_, session := lab(t, 50)
	readings := source.Table[Reading](session, "lab.readings").Rows()
	report, err := writeWatched(context.Background(), session, alertsOf(readings))
	require.NoError(t, err)
	require.EqualValues(t, 19, report.Written)
	requireAlerts(t, session, 50)
}

// TestReadmeJob interrupts the job while it writes, again and again, until all is done.
func TestReadmeJob(t *testing.T) {
	server, session := lab(t, 200)
	path := filepath.Join(t.TempDir(), "alerts.checkpoint")
	runs := 0
	for {
		runs++
		require.Less(t, runs, 50)
		ctx, cancel := context.WithCancel(context.Background())
		interruption := server.Inject(cqltest.Fault{
			Match: cqltest.On("lab.alerts"), After: 60, Times: 1, Before: func(cqltest.Request) { cancel() },
		})
		err := copyAlerts(ctx, session, path)
		interruption.Remove()
		cancel()
		if err == nil {
			break
		}
		require.ErrorIs(t, err, context.Canceled)
	}
	require.Greater(t, runs, 1, "it was interrupted")
	requireAlerts(t, session, 200)
	server.ResetLog()
	t.Chdir(t.TempDir())
	require.NoError(t, copyUntilInterrupted(context.Background(), session), "the whole once more")
	require.Len(t, server.Requests(cqltest.On("lab.alerts")), 200-31)
}

func TestReadmeLoad(t *testing.T) {
	server, session := lab(t, 0)
	server.Inject(cqltest.Fault{Match: cqltest.On("lab.readings"), Times: 1, Err: cqltest.Invalid("on purpose")})
	t.Chdir(t.TempDir())
	text := "sensor,at,celsius\n1,2026-01-02 03:04:05.000+0000,20.5\nx,,\n2,2026-01-02 03:04:05.000+0000,21\n"
	require.NoError(t, os.WriteFile("readings.csv.gz", []byte(text), 0o600)) // its first bytes tell that it is not compressed
	require.NoError(t, loadReadings(context.Background(), session))
	for _, name := range []string{"rejected.jsonl", "dead.jsonl"} {
		kept, err := os.ReadFile(name)
		require.NoError(t, err)
		require.Equal(t, 1, strings.Count(string(kept), "\n"), name)
	}
}

func TestReadmeJobGoesOnAfterAFailedWrite(t *testing.T) {
	server, session := lab(t, 200)
	server.Inject(cqltest.Fault{Match: cqltest.On("lab.alerts"), After: 100, Times: 1, Err: cqltest.Invalid("on purpose")})
	path := filepath.Join(t.TempDir(), "alerts.checkpoint")
	require.ErrorIs(t, copyAlerts(context.Background(), session, path), cql.Invalid)
	require.NoError(t, copyAlerts(context.Background(), session, path))
	requireAlerts(t, session, 200)
}

func TestServedReadings(t *testing.T) {
	_, session := lab(t, 250)
	keys, err := source.NewKeys(bytes.Repeat([]byte("secret"), 6))
	require.NoError(t, err)
	api := readingsAPI(session, keys)
	get := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		api.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", path, nil))
		return w
	}
	require.Equal(t, 250, strings.Count(get("/readings").Body.String(), "Sensor"))
	var sizes []int
	for next := ""; len(sizes) == 0 || next != ""; {
		var page struct {
			Readings []Reading
			Next     string
		}
		require.NoError(t, json.Unmarshal(get("/readings/page?after="+url.QueryEscape(next)).Body.Bytes(), &page))
		sizes = append(sizes, len(page.Readings))
		next = page.Next
	}
	require.Equal(t, []int{100, 100, 50}, sizes)
	require.Equal(t, http.StatusBadRequest, get("/readings/page?after=forged").Code)
}
