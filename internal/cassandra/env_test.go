package cassandra

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func environment(kv map[string]string) func(string) string {
	return func(name string) string { return kv[name] }
}

func TestSettingsFromEnvironment(t *testing.T) {
	s, err := readSettings(environment(nil))
	require.NoError(t, err)
	require.Equal(t, settings{}, s)

	s, err = readSettings(environment(map[string]string{
		envHosts: "db1, db2:9043,[::1]:9044,::1,[fe80::1],10.0.0.1", envUser: "u", envPassword: "p",
		envSkip: "0", envNoSkip: "1", envSkipReport: "/r",
	}))
	require.NoError(t, err)
	require.Equal(t, settings{
		hosts: []string{"db1:9042", "db2:9043", "[::1]:9044", "[::1]:9042", "[fe80::1]:9042", "10.0.0.1:9042"},
		user:  "u", password: "p", noSkip: true, skipReport: "/r",
	}, s)
}

func TestSettingsNameTheMistake(t *testing.T) {
	for name, tc := range map[string]struct{ key, value, says string }{
		"flag":          {envSkip, "maybe", `RXCQL_SKIP_INTEGRATION="maybe": want 1 or 0`},
		"no-skip flag":  {envNoSkip, "2", `RXCQL_NO_SKIP="2": want 1 or 0`},
		"empty entry":   {envHosts, "db1,,db2", `RXCQL_CASSANDRA_HOSTS="db1,,db2": entry 2: no host in ""`},
		"no host":       {envHosts, ":9042", `entry 1: no host in ":9042"`},
		"port too big":  {envHosts, "db1:70000", `entry 1: the port in "db1:70000" must be a number from 1 to 65535`},
		"port a word":   {envHosts, "db1:cql", `must be a number from 1 to 65535`},
		"brackets only": {envHosts, "[]", `entry 1: want host or host:port`},
		"too many":      {envHosts, "a:1:2", `entry 1: want host or host:port`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := readSettings(environment(map[string]string{tc.key: tc.value}))
			require.ErrorContains(t, err, tc.says)
		})
	}
}

func FuzzParseHosts(f *testing.F) {
	for _, seed := range []string{"", "h", "h:1", "[::1]:9042,h2", "::1", "a,,b", "[]", "a:b:c", "[x]y"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, list string) {
		hosts, err := parseHosts(list)
		if err != nil {
			return
		}
		for _, h := range hosts { // every host has a port, and reads back as itself
			again, err := parseHost(h)
			require.NoError(t, err)
			require.Equal(t, h, again)
		}
	})
}
