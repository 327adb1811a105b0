package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/source"
)

// cluster starts a server that the program is to use as a cluster of its own, and gives the flag that names it.
func cluster(t *testing.T) (*cqltest.Server, string) {
	t.Helper()
	server := cqltest.NewServer()
	t.Cleanup(server.Close)
	config := server.Cluster()
	return server, "-hosts=" + net.JoinHostPort(config.Hosts[0], strconv.Itoa(config.Port))
}

// filled is cluster with a table that has its readings already.
func filled(t *testing.T, sensors int) (*cqltest.Server, string) {
	t.Helper()
	server, hosts := cluster(t)
	s, err := parse(nil, nil)
	require.NoError(t, err)
	for _, statement := range s.schema() {
		server.MustExec(statement)
	}
	server.Generate(s.readings(), generator(sensors))
	return server, hosts
}

// table reads a whole table of the server, in the order in which the program reads it too.
func table[T any](t *testing.T, server *cqltest.Server, statement string) []T {
	t.Helper()
	session, err := cql.Connect(context.Background(), server.Cluster())
	require.NoError(t, err)
	defer session.Close()
	rows, err := source.Query[T](session, statement).Rows().Collect(context.Background())
	require.NoError(t, err)
	return rows
}

const (
	selectReadings = "SELECT sensor, at, celsius FROM rxcql_quickstart.readings"
	selectAlerts   = "SELECT run, number, readings, sensor, at, fahrenheit FROM rxcql_quickstart.alerts"
)

// wanted is what the alerts for these readings must be, but for the time of the run.
func wanted(readings []Reading) []Alert {
	var hot []Measurement
	for _, r := range readings {
		if m := r.Measurement(); m.Fahrenheit >= 95 {
			hot = append(hot, m)
		}
	}
	var (
		alerts []Alert
		last   Alert
	)
	for len(hot) > 0 {
		n := min(500, len(hot))
		last = last.next(hot[:n])
		alerts, hot = append(alerts, last), hot[n:]
	}
	return alerts
}

func TestEverythingIsReadAndItsAlertsAreWritten(t *testing.T) {
	server, hosts := filled(t, 20)
	var out bytes.Buffer
	require.NoError(t, run(context.Background(), []string{hosts, "-rows=19001", "-rate=0"}, &out))
	require.Contains(t, out.String(), "1. Taking 10 rows fetched 1 page of 100 rows: ")
	require.Regexp(t, `Read 20,000 rows, \d+ pages, in \d+\.\d\d s: [\d,]+ rows a second\.`, out.String())

	readings := table[Reading](t, server, selectReadings)
	require.Len(t, readings, 20_000)
	want := wanted(readings)
	require.Greater(t, len(want), 2, "the test must see full batches")
	require.NotEqual(t, 500, want[len(want)-1].Readings, "and one that is not")
	alerts := table[Alert](t, server, selectAlerts)
	for i := range alerts {
		require.False(t, alerts[i].Run.IsZero())
		alerts[i].Run = want[0].Run
		require.WithinDuration(t, want[i].At, alerts[i].At, 0)
		alerts[i].At = want[i].At
	}
	require.Equal(t, want, alerts)

	hot := (len(want)-1)*500 + want[len(want)-1].Readings
	require.Contains(t, out.String(), fmt.Sprintf("Wrote %d alerts, one for each batch of up to 500, for %s hot readings; "+
		"read back: %[1]d alerts for %[2]s readings.\n", len(want), thousands(hot)))
	require.Regexp(t, `Live heap never above \d+\.\d MiB; the whole table is 0\.8 MiB\.`, out.String())
	require.Contains(t, out.String(), "4. Pages that fail on purpose: left out, since this is a real cluster.\n")
}

func TestPagesAreCountedAsTheServerCountsThem(t *testing.T) {
	server, hosts := filled(t, 20)
	args := []string{hosts, "-rows=20000", "-rate=0"}
	var out bytes.Buffer
	require.NoError(t, run(context.Background(), args, &out))

	requests := server.Requests(func(r cqltest.Request) bool { return cqltest.User(r) && r.Statement == selectReadings })
	read := regexp.MustCompile(`rows, (\d+) pages, in`).FindStringSubmatch(out.String())
	require.NotNil(t, read, out.String())
	require.Equal(t, strconv.Itoa(len(requests)-1), read[1], "one page was for the ten rows")
}

func TestWithoutFlagsAServerIsStarted(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(context.Background(), []string{"-rows=5000"}, &out))
	require.Contains(t, out.String(), "Its table rxcql_quickstart.readings has 5,000 rows.\n")
	require.Contains(t, out.String(), "1. Taking 10 rows fetched 1 page of 100 rows: ")
	require.Contains(t, out.String(), "Read 5,000 rows, ")
	require.Contains(t, out.String(), "held back by the throttle")
	require.Regexp(t, `Live heap never above \d+\.\d MiB, the server's included; the whole table is 0\.2 MiB\.`, out.String())
	require.LessOrEqual(t, strings.Count(out.String(), "\n"), 25, out.String())
}

func TestFailuresOnPurposeAreSurvived(t *testing.T) {
	for rows, all := range map[string]string{"-rows=1000": "1,000", "-rows=20000": "20,000"} {
		var out bytes.Buffer
		require.NoError(t, run(context.Background(), []string{rows, "-rate=0"}, &out))
		require.Contains(t, out.String(), "Page 2 failed 2 times and came all the same.\n")
		require.Contains(t, out.String(), "Page 3 failed for good and ended the stream after 500 rows: read failure.\n")
		require.Contains(t, out.String(), ": "+all+" rows in all, 0 lost, 0 twice.\n")
	}
}

func TestOnlyWhatIsMissingIsFilledIn(t *testing.T) {
	server, hosts := cluster(t)
	args := []string{hosts, "-rows=3000", "-rate=0"}
	for _, want := range []string{"Wrote 3,000 rows.\n", "Wrote 0 rows.\n"} {
		var out bytes.Buffer
		require.NoError(t, run(context.Background(), args, &out))
		require.Contains(t, out.String(), want)
	}
	server.MustExec("DELETE FROM rxcql_quickstart.readings WHERE sensor = 2 AND at > ?", firstDay)
	var out bytes.Buffer
	require.NoError(t, run(context.Background(), args, &out))
	require.Contains(t, out.String(), "Wrote 1,000 rows.\n")
	require.Contains(t, out.String(), "Read 3,000 rows, ")
}

// interrupter stops the program when it has printed a text.
type interrupter struct {
	bytes.Buffer
	text      string
	interrupt context.CancelFunc
}

func (w *interrupter) Write(p []byte) (int, error) {
	if strings.Contains(string(p), w.text) {
		w.interrupt()
	}
	return w.Buffer.Write(p)
}

func TestAnInterruptionLosesNothingThatWasRead(t *testing.T) {
	server, hosts := filled(t, 20)
	args := []string{hosts, "-rows=20000", "-rate=0"}
	stop, interrupt := context.WithCancel(context.Background())
	defer interrupt()
	out := &interrupter{text: " 10,000 rows", interrupt: interrupt}
	require.NoError(t, run(stop, args, out))
	require.Contains(t, out.String(), "Read 10,000 rows, ")
	require.Contains(t, out.String(), "Interrupted: ")

	want := wanted(table[Reading](t, server, selectReadings)[:10_000])
	require.Less(t, want[len(want)-1].Readings, 500, "a batch must have been under way")
	alerts := table[Alert](t, server, selectAlerts)
	require.Len(t, alerts, len(want))
	for i, a := range alerts {
		require.Equal(t, want[i].Readings, a.Readings)
		require.Equal(t, want[i].Fahrenheit, a.Fahrenheit)
	}
}

func TestAnInterruptionEndsTheFailures(t *testing.T) {
	for _, text := range []string{"4. Taking all", "Page 3 failed"} {
		stop, interrupt := context.WithCancel(context.Background())
		defer interrupt()
		out := &interrupter{text: text, interrupt: interrupt}
		require.NoError(t, run(stop, []string{"-rows=2000", "-rate=0"}, out))
		require.Contains(t, out.String(), "Interrupted: ")
		require.NotContains(t, out.String(), "in all")
	}
}

func TestAnInterruptionEndsFilling(t *testing.T) {
	server, hosts := cluster(t)
	stop, interrupt := context.WithCancel(context.Background())
	defer interrupt()
	out := &interrupter{text: "Filling", interrupt: interrupt}
	require.ErrorIs(t, run(stop, []string{hosts}, out), context.Canceled)
	require.Empty(t, table[Reading](t, server, selectReadings))
}

func TestAFailingWriteIsTheError(t *testing.T) {
	server, hosts := filled(t, 5)
	server.Inject(cqltest.Fault{
		Match: func(r cqltest.Request) bool { return cqltest.On("alerts")(r) && r.Op == cqltest.OpExecute },
		Err:   cqltest.Unauthorized("lab closed"),
	})
	err := run(context.Background(), []string{hosts, "-rows=5000", "-rate=0"}, new(bytes.Buffer))
	require.ErrorIs(t, err, cql.Unauthorized)
	require.ErrorContains(t, err, "lab closed")
}
