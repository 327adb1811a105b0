package outside

import (
	"fmt"
	"path/filepath"
	"strings"
)

// Unload gives the command line of dsbulk that exports a table to CSV files in a directory, with settings beside its
// defaults. Its logs go beside.
func (j Java) Unload(job Job, table, dir string, settings ...string) []string {
	args := append([]string{"out=" + dir, "logs=" + filepath.Join(filepath.Dir(dir), "dsbulk-logs"), "warmtable=" + nameOf(table), "--", "unload", "-url", dir, "-header", "false"}, common(job, table)...)
	return j.Run("dsbulk", "Dsbulk", job, append(args, settings...)...)
}

// OneFile are the settings of dsbulk that have it export by so many ranges, some at a time, to one file.
func OneFile(splits, parallel, page int) []string {
	return []string{
		"--schema.splits", fmt.Sprint(splits), "--engine.maxConcurrentQueries", fmt.Sprint(parallel),
		"--connector.csv.maxConcurrentFiles", "1", "--driver.basic.request.page-size", fmt.Sprint(page),
	}
}

// Load gives the command line of dsbulk that loads a CSV file with a header into a table. It warms up with another one.
func (j Java) Load(job Job, table, warmTable, file string) []string {
	beside := filepath.Dir(file)
	args := append([]string{
		"out=" + filepath.Join(beside, "none"), "logs=" + filepath.Join(beside, "dsbulk-logs"), "warmtable=" + nameOf(warmTable), "--", "load", "-url", file, "-header", "true", "--codec.timestamp", "CQL_TIMESTAMP",
	}, common(job, table)...)
	return j.Run("dsbulk", "Dsbulk", job, args...)
}

func nameOf(table string) string {
	_, name, _ := strings.Cut(table, ".")
	return name
}

func common(job Job, table string) []string {
	keyspace, _, _ := strings.Cut(table, ".")
	hosts := `["` + strings.ReplaceAll(job.Hosts, ",", `","`) + `"]`
	return []string{"-h", hosts, "-k", keyspace, "-t", nameOf(table), "-cl", "LOCAL_ONE", "--driver.basic.load-balancing-policy.local-datacenter", job.DC}
}
