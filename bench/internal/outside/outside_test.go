package outside

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCommandLines(t *testing.T) {
	j := Java{dir: "java", java: "/jdk/bin/java"}
	job := Job{Hosts: "h1:1,h2:2", DC: "dc", Query: "SELECT a, b FROM k.t", Page: 500, Warmup: 1.5}
	require.Equal(t, []string{
		"/jdk/bin/java", "-cp", "java/reactor/target/classes:java/reactor/target/lib/*", "rxcql.bench.ReactorReader",
		"hosts=h1:1,h2:2", "dc=dc", "query=SELECT a, b FROM k.t", "page=500", "warmup=1.5", "job=read",
	}, j.Run("reactor", "ReactorReader", job))

	unload := strings.Join(j.Unload(job, "k.t", "/tmp/x/out", OneFile(64, 8, 500)...), "|")
	require.Contains(t, unload, "|out=/tmp/x/out|logs=/tmp/x/dsbulk-logs|warmtable=t|--|unload|")
	require.Contains(t, unload, "|--schema.splits|64|--engine.maxConcurrentQueries|8|")
	require.Contains(t, unload, `|-h|["h1:1","h2:2"]|-k|k|-t|t|`)
	load := strings.Join(j.Load(job, "k.t", "k.w", "/tmp/x/in.csv"), "|")
	require.Contains(t, load, "|warmtable=w|--|load|-url|/tmp/x/in.csv|")

	job.Ten = true
	require.Equal(t, "job=ten", job.args()[5])
	require.Equal(t, []string{"py", "python/read.py", "hosts=h1:1,h2:2"}, Python{"python", "py"}.Run(job)[:3])
}

// What went wrong is told in one line, for the table.
func TestWhatIsMissingIsTold(t *testing.T) {
	err := quietly(t.Context(), "sh", "-c", "echo much; echo no such package >&2; exit 1")
	require.ErrorContains(t, err, "exit status 1: no such package")
	require.NoError(t, quietly(t.Context(), "true"))
	t.Setenv("PATH", "")
	_, err = BuildJava(t.Context(), "java")
	require.ErrorContains(t, err, "Maven")
}
