package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"

	"github.com/rxcql/rxcql/bench/internal/contest"
	"github.com/rxcql/rxcql/bench/internal/report"
)

// costs are CPU times per item, in ns, by pipeline and library, as often as they were measured.
type costs struct {
	pipelines, libraries []string // in the order of their appearance
	of                   map[[2]string][]float64
}

// runOperators has the benchmarks of the folder operators compare pipelines in memory.
func runOperators(ctx context.Context, a *arena) error {
	fmt.Fprintf(a.log, "\n## Operators in memory\n\n")
	bench := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", "Item", "-benchtime", "150ms", "-count", strconv.Itoa(a.rounds), "./operators")
	bench.Stderr = os.Stderr
	out, err := bench.Output()
	if err != nil {
		return fmt.Errorf("go test -bench: %w\n%s", err, out)
	}
	table := fmt.Sprintf("%s\n%s Medians (least–most) of %d rounds.\n", parseCosts(out).table(), machine(), a.rounds)
	return a.publish("operators", table, "")
}

// parseCosts reads what go test -bench prints: BenchmarkItem/Map5/rill-2  100  1234 ns/op  1700 cpu-ns/op.
func parseCosts(out []byte) costs {
	c := costs{of: make(map[[2]string][]float64)}
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		at := slices.Index(fields, "cpu-ns/op")
		if at < 1 {
			continue
		}
		path := strings.Split(fields[0], "/")
		value, err := strconv.ParseFloat(fields[at-1], 64)
		if len(path) != 3 || err != nil {
			continue
		}
		library := path[2]
		if i := strings.LastIndexByte(library, '-'); i > 0 { // the number of processors
			if _, err := strconv.Atoi(library[i+1:]); err == nil {
				library = library[:i]
			}
		}
		if !slices.Contains(c.pipelines, path[1]) {
			c.pipelines = append(c.pipelines, path[1])
		}
		if !slices.Contains(c.libraries, library) {
			c.libraries = append(c.libraries, library)
		}
		key := [2]string{path[1], library}
		c.of[key] = append(c.of[key], value)
	}
	return c
}

// table has the medians, with the least and the most.
func (c costs) table() string {
	var text strings.Builder
	fmt.Fprintf(&text, "| CPU time per item, ns | %s |\n|---|%s\n", strings.Join(c.libraries, " | "), strings.Repeat("---:|", len(c.libraries)))
	for _, pipeline := range c.pipelines {
		fmt.Fprintf(&text, "| %s |", pipeline)
		for _, library := range c.libraries {
			fmt.Fprintf(&text, " %s |", report.Cell(0)(contest.Spread(c.of[[2]string{pipeline, library}])))
		}
		text.WriteByte('\n')
	}
	return text.String()
}
