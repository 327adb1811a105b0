package cassandra

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseJavaVersion(t *testing.T) {
	for out, want := range map[string]int{
		"openjdk version \"17.0.15\" 2025-04-15\nOpenJDK Runtime Environment (build 17.0.15+6)":           17,
		"java version \"1.8.0_392\"\nJava(TM) SE Runtime Environment":                                     8,
		"openjdk version \"11.0.22\" 2024-01-16 LTS":                                                      11,
		"openjdk version \"25\" 2025-09-16":                                                               25,
		"openjdk version \"21-ea\" 2023-09-19":                                                            21,
		"Picked up JAVA_TOOL_OPTIONS: -Dversion \"1\"\nopenjdk version \"17.0.1\" 2021-10-19\nOpenJDK 64": 17,
	} {
		got, err := parseJavaVersion(out)
		require.NoError(t, err, out)
		require.Equal(t, want, got, out)
	}
	_, err := parseJavaVersion("The operation couldn’t be completed. Unable to locate a Java Runtime.")
	require.ErrorContains(t, err, "no Java version in")
}

// script puts an executable shell script at dir/name.
func script(t *testing.T, dir, name, body string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+body+"\n"), 0o755))
	return path
}

func fakeJava(t *testing.T, dir, version string) string {
	return script(t, dir, "java", fmt.Sprintf(`echo 'openjdk version "%s" 2025-04-15' >&2`, version))
}

func TestFindToolsTakesTheFirstFittingJava(t *testing.T) {
	path, home, places := t.TempDir(), t.TempDir(), t.TempDir()
	t.Setenv("PATH", path)
	t.Setenv("JAVA_HOME", home)
	mvn := script(t, path, "mvn", "exit 1")
	place := []string{filepath.Join(places, "*")}

	inPlace := fakeJava(t, filepath.Join(places, "b17", "bin"), "17.0.15")
	fakeJava(t, filepath.Join(places, "a25", "bin"), "25")
	found, err := findTools(t.Context(), place, true)
	require.NoError(t, err)
	require.Equal(t, tools{java: inPlace, mvn: mvn, home: filepath.Join(places, "b17")}, found)

	onPath := fakeJava(t, path, "11.0.22")
	found, err = findTools(t.Context(), place, true)
	require.NoError(t, err)
	require.Equal(t, tools{java: onPath, mvn: mvn}, found)

	inHome := fakeJava(t, filepath.Join(home, "bin"), "17")
	found, err = findTools(t.Context(), place, false)
	require.NoError(t, err)
	require.Equal(t, tools{java: inHome, home: home}, found, "and no Maven where none is needed")
}

func TestMissingToolsAreToldInOneLine(t *testing.T) {
	path := t.TempDir()
	t.Setenv("PATH", path)
	t.Setenv("JAVA_HOME", "")

	_, err := findTools(t.Context(), nil, true)
	require.ErrorContains(t, err, "install a JDK 11 or 17 and Maven (mvn on PATH)")
	require.ErrorContains(t, err, "RXCQL_CASSANDRA_HOSTS")
	require.NotContains(t, err.Error(), "\n")

	java := fakeJava(t, path, "25.0.1")
	_, err = findTools(t.Context(), nil, false)
	require.ErrorContains(t, err, "install a JDK 11 or 17 (Cassandra does not start on the one found: 25 in "+java+")")
	require.NotContains(t, err.Error(), "Maven (mvn on PATH)")
	require.NotContains(t, err.Error(), "\n")

	fakeJava(t, path, "17.0.15")
	_, err = findTools(t.Context(), nil, true)
	require.ErrorContains(t, err, "install Maven (mvn on PATH) ")
	require.False(t, strings.Contains(err.Error(), "JDK 11"))
}
