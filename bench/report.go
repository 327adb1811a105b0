package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/rxcql/rxcql/bench/internal/report"
)

// write prints the table of a job, and writes it and its plots into files, and into the document if there is one.
func (a *arena) write(job string, r report.Report) error {
	var table bytes.Buffer
	if err := r.Table(&table); err != nil {
		return err
	}
	fmt.Fprintf(&table, "\n%s Medians (least–most) of %d rounds of %s rows.\n", machine(), a.rounds, report.Number(float64(a.rows), 0))
	for _, f := range r.Figures {
		var plot bytes.Buffer
		if err := r.Plot(&plot, f); err != nil {
			return err
		}
		name := job + "-" + fileName(strings.Split(f.Name, ",")[0]) + ".svg"
		if err := os.WriteFile(filepath.Join(a.out, name), plot.Bytes(), 0o644); err != nil {
			return err
		}
	}
	return a.publish(job, table.Bytes())
}

// publish puts a table where it is looked for.
func (a *arena) publish(job string, table []byte) error {
	fmt.Fprintf(a.log, "\n%s\n", table)
	if err := os.WriteFile(filepath.Join(a.out, job+".md"), table, 0o644); err != nil {
		return err
	}
	if a.doc == "" {
		return nil
	}
	return report.Paste(a.doc, job, table)
}

// machine says where this runs, and how busy it is.
func machine() string {
	text := fmt.Sprintf("%d cores, shared with Cassandra", runtime.NumCPU())
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		_, after, _ := strings.Cut(string(info), "model name\t: ")
		model, _, _ := strings.Cut(after, "\n")
		text += ", " + model
	}
	return text + ", " + runtime.Version() + "."
}
