package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/rxcql/rxcql/bench/internal/report"
)

// write prints the table of a job, and writes it and its plots into files, and into the document if there is one.
func (a *arena) write(job string, r report.Report) error {
	var table bytes.Buffer
	if err := r.Table(&table); err != nil {
		return err
	}
	fmt.Fprintf(&table, "\n%s Cassandra is on the same ones. Medians (least–most) of %d rounds of %s rows.\n", machine(), a.rounds, report.Number(float64(a.rows), 0))
	plots := ""
	for _, f := range r.Figures {
		var plot bytes.Buffer
		if err := r.Plot(&plot, f); err != nil {
			return err
		}
		file := filepath.Join(a.out, job+"-"+fileName(strings.Split(f.Name, ",")[0])+".svg")
		if err := os.WriteFile(file, plot.Bytes(), 0o644); err != nil {
			return err
		}
		if from, err := filepath.Rel(filepath.Dir(a.doc), file); err == nil { // else there is no link to it
			plots += fmt.Sprintf("\n![%s: %s](%s)\n", r.Title, f.Name, filepath.ToSlash(from))
		}
	}
	return a.publish(job, table.String(), plots)
}

// publish puts a table where it is looked for, and into the document with links to its plots.
func (a *arena) publish(job, table, plots string) error {
	fmt.Fprintf(a.log, "\n%s\n", table)
	if err := os.WriteFile(filepath.Join(a.out, job+".md"), []byte(table), 0o644); err != nil {
		return err
	}
	if a.doc == "" {
		return nil
	}
	return report.Paste(a.doc, job, []byte(table+plots))
}

// machine says where and when this runs.
func machine() string {
	text := fmt.Sprintf("%d cores", runtime.NumCPU())
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		_, after, _ := strings.Cut(string(info), "model name\t: ")
		model, _, _ := strings.Cut(after, "\n")
		text += ", " + model
	}
	return text + ", " + runtime.Version() + ", " + time.Now().Format("2 January 2006") + "."
}
