package integration_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"
)

// TestATableIsExportedAndLoadedAgain by the programs in the folder examples, from and to a table with a column of every
// type: it has the same cells then, with their times of writing, and for each that had one a time to live.
func TestATableIsExportedAndLoadedAgain(t *testing.T) {
	export, load := program(t, "export"), program(t, "load")
	onBoth(t, func(t *target) {
		cases := t.typeTable()
		columns := make([]string, len(cases))
		for i, c := range cases {
			columns[i] = fmt.Sprintf("v%d %s", i, c.CQL)
		}
		rows := t.fillTypes(cases)
		all, compared := t.withTimes(cases)
		for _, format := range []string{"csv", "jsonl"} {
			t.exec("CREATE TABLE KS.by_" + format + " (k int PRIMARY KEY, " + strings.Join(columns, ", ") + ")")
			dir := t.TempDir()
			t.run(export, "-to="+dir, "-single", "-format="+format, "-columns="+strings.Join(all, ","), t.keyspace+".types")
			loaded := t.run(load, "-columns="+strings.Join(all, ","), t.keyspace+".by_"+format, filepath.Join(dir, t.keyspace+".types."+format))
			require.EqualValues(t, rows, loaded["written"].(map[string]any)["written"])
			t.requireSame("types", "by_"+format, compared, rows)
		}
	})
}

// program builds one of the examples.
func program(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, "github.com/rxcql/rxcql/examples/"+name).CombinedOutput()
	require.NoError(t, err, "%s", out)
	return path
}

// run runs a program on the target's server, and gives its report.
func (t *target) run(path string, args ...string) (report map[string]any) {
	t.Helper()
	hosts := make([]string, len(t.config.Hosts))
	for i, h := range t.config.Hosts {
		if hosts[i] = h; !strings.Contains(h, ":") {
			hosts[i] = net.JoinHostPort(h, strconv.Itoa(t.config.Port))
		}
	}
	flags, environment := []string{"-hosts=" + strings.Join(hosts, ",")}, os.Environ()
	if login, ok := t.config.Authenticator.(gocql.PasswordAuthenticator); ok {
		flags, environment = append(flags, "-user="+login.Username), append(environment, "RXCQL_PASSWORD="+login.Password)
	}
	command := exec.CommandContext(t.Context(), path, append(flags, args...)...)
	command.Env = environment
	var errs bytes.Buffer
	command.Stderr = &errs
	out, err := command.Output()
	require.NoError(t, err, "%s\n%s", out, errs.String())
	require.NoError(t, json.Unmarshal(out, &report))
	return report
}
