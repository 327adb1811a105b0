package main

import (
	"fmt"
	"io"
	"time"
)

// progress counts what comes along and tells now and then. All of it happens on the goroutine that runs the stream.
type progress struct {
	out      io.Writer
	pages    *pages
	expected int // rows
	started  time.Time

	rows   int // read
	alerts int // made
	hot    int // readings in the alerts
	heap   heap
}

func newProgress(l *lab, out io.Writer) *progress {
	l.pages.reset()
	return &progress{out: out, pages: l.pages, expected: l.rows, started: time.Now()}
}

// read is called with each row that was read.
func (p *progress) read(Reading) {
	p.rows++
	if p.rows%(p.expected/40) == 0 {
		p.heap.sample(p.rows <= p.expected/10)
	}
	if p.rows%(p.expected/4) == 0 {
		fmt.Fprintf(p.out, "   %11s rows %5s pages %5s alerts\n",
			thousands(p.rows), thousands(p.pages.count.Load()), thousands(p.alerts))
	}
}

// alert is called with each alert that is about to be written.
func (p *progress) alert(a Alert) {
	p.alerts++
	p.hot += a.Readings
}

// done tells what was read.
func (p *progress) done() {
	took := time.Since(p.started)
	p.heap.sample(p.rows <= p.expected/10)
	fmt.Fprintf(p.out, "   Read %s, %s, in %.2f s: %s rows a second.\n", plural(p.rows, "row"),
		plural(p.pages.count.Load(), "page"), took.Seconds(), thousands(int(float64(p.rows)/took.Seconds())))
}

// memory tells how much there was in memory.
func (p *progress) memory() {
	fmt.Fprintf(p.out, "\n3. Memory in use was at most %s during the first 10%% of the rows, %s during all of them.\n",
		mib(p.heap.early), mib(p.heap.most))
}
