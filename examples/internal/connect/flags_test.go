package connect

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
)

// parse gives the configuration for some flags.
func parse(t *testing.T, args ...string) (*Cluster, *gocql.ClusterConfig, error) {
	t.Helper()
	flags := NewFlags("test", "")
	cluster := Bind(flags)
	require.NoError(t, flags.Parse(args))
	config, err := cluster.Config()
	return cluster, config, err
}

// file makes a file and gives its path.
func file(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

func TestHosts(t *testing.T) {
	cluster, config, err := parse(t, "-hosts=a, b:9043,[::1]:9044,::2,")
	require.NoError(t, err)
	require.True(t, cluster.Named())
	require.Equal(t, []string{"a", "b:9043", "[::1]:9044", "::2"}, config.Hosts)
	require.Equal(t, 9043, config.Port, "of the nodes that are found later")
	require.Equal(t, cql.LocalQuorum, cluster.Consistency)
	require.Nil(t, config.Authenticator)
	require.Nil(t, config.SslOpts)
	require.Nil(t, config.PoolConfig.HostSelectionPolicy, "rxcql's own: token-aware")

	_, config, err = parse(t, "-hosts=a")
	require.NoError(t, err)
	require.Equal(t, 9042, config.Port)

	for _, bad := range []string{",", " ", "a:", "a:0", "a:65536", "a:cql", ":9042"} {
		_, _, err = parse(t, "-hosts="+bad)
		require.ErrorContains(t, err, "-hosts", bad)
	}
}

func TestLocalDataCentre(t *testing.T) {
	cluster, config, err := parse(t, "-hosts=a", "-dc=east", "-consistency=one")
	require.NoError(t, err)
	require.Equal(t, "east", cluster.DataCenter())
	require.NotNil(t, config.PoolConfig.HostSelectionPolicy)
	require.Equal(t, cql.One, cluster.Consistency)
}

func TestPasswords(t *testing.T) {
	path := file(t, "from the file\r\nand no more")
	t.Setenv(passwordVariable, "from the environment")
	for want, args := range map[string][]string{
		"from the environment": {"-user=me"},
		"from the file":        {"-user=me", "-password-file=" + path},
		"from the flag":        {"-user=me", "-password=from the flag"},
	} {
		_, config, err := parse(t, append(args, "-hosts=a")...)
		require.NoError(t, err)
		require.Equal(t, gocql.PasswordAuthenticator{Username: "me", Password: want}, config.Authenticator)
	}

	for want, args := range map[string][]string{
		"needs a -user":         {"-password=secret"},
		"not both":              {"-user=me", "-password=secret", "-password-file=" + path},
		"-password-file: open ": {"-user=me", "-password-file=" + path + "x"},
		"-user me has no":       {"-user=me", "-password-file=" + file(t, "\nsecret")},
	} {
		_, _, err := parse(t, append(args, "-hosts=a")...)
		require.ErrorContains(t, err, want)
		require.NotContains(t, err.Error(), "secret")
	}
}

func TestMistakesInTLS(t *testing.T) {
	for want, args := range map[string][]string{
		"-ca: open ":               {"-ca=/nowhere"},
		"holds no certificate":     {"-ca=" + file(t, "nothing")},
		"-cert and -key belong":    {"-cert=c"},
		"-cert and -key: open ":    {"-cert=/nowhere", "-key=/nowhere"},
		"-cert and -key belong to": {"-key=k"},
	} {
		_, _, err := parse(t, append(args, "-hosts=a")...)
		require.ErrorContains(t, err, want)
	}
}
