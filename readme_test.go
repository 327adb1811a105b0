package rxcql_test

import (
	"context"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/source"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestReadme finds every Go snippet of README.md in the file that is compiled.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	compiled, err := os.ReadFile("example_readme_test.go")
	require.NoError(t, err)
	snippets := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(string(readme), -1)
	require.NotEmpty(t, snippets)
	for _, s := range snippets {
		require.Contains(t, unindented(string(compiled)), unindented(s[1]), "a snippet of README.md is not in example_readme_test.go")
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

// TestReadmeRuns runs what the snippets say on a server.
func TestReadmeRuns(t *testing.T) {
	server := cqltest.NewServer()
	defer server.Close()
	for _, statement := range []string{
		"CREATE KEYSPACE lab WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
		"CREATE TABLE lab.readings (sensor int, at timestamp, celsius double, PRIMARY KEY (sensor, at))",
		"CREATE TABLE lab.alerts (sensor int, at timestamp, fahrenheit double, PRIMARY KEY (sensor, at))",
	} {
		server.MustExec(statement)
	}
	at := time.UnixMilli(0).UTC()
	for sensor := range 50 {
		server.MustExec("INSERT INTO lab.readings (sensor, at, celsius) VALUES (?, ?, ?)", sensor, at, float64(sensor))
	}
	session, err := cql.Connect(context.Background(), server.Cluster())
	require.NoError(t, err)
	defer session.Close()
	report, err := pipeline(context.Background(), session)
	require.NoError(t, err)
	require.EqualValues(t, 19, report.Written)
	alert, err := source.Query[Alert](session, "SELECT * FROM lab.alerts WHERE sensor = ?", 40).Rows().First(context.Background())
	require.NoError(t, err)
	require.Equal(t, Alert{40, at, 104}, alert)
	require.NoError(t, leaveEarly(context.Background(), session))
	other, err := testServer(context.Background())
	require.NoError(t, err)
	other.Close()

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	require.ErrorIs(t, connect(ctx), context.Canceled)
}
