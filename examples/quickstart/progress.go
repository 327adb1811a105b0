package main

import (
	"fmt"
	"io"
	"time"
	"unsafe"

	"golang.org/x/time/rate"
)

// progress counts what comes along and tells now and then. All of it happens on the goroutine that runs the stream.
type progress struct {
	lab     *lab
	out     io.Writer
	started time.Time
	second  *every

	rows   int // read
	alerts int // made
	hot    int // readings in the alerts
	heap   heap
}

func newProgress(l *lab, out io.Writer) *progress {
	l.pages.reset()
	return &progress{lab: l, out: out, started: time.Now(), second: newEvery(time.Second)}
}

// read is called with each row that was read.
func (p *progress) read(Reading) {
	p.rows++
	if p.rows%(p.lab.rows/40) == 0 {
		p.heap.sample()
	}
	if p.rows%(p.lab.rows/4) == 0 || p.second.over() {
		p.second.restart()
		fmt.Fprintf(p.out, "   %11s rows %5s pages %5s alerts\n",
			thousands(p.rows), thousands(p.lab.pages.count.Load()), thousands(p.alerts))
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
	p.heap.sample()
	pace := "held back by the throttle; try -rate 0"
	if p.lab.rate == rate.Inf {
		pace = thousands(int(float64(p.rows)/took.Seconds())) + " rows a second"
	}
	fmt.Fprintf(p.out, "   Read %s, %s, in %.2f s: %s.\n",
		plural(p.rows, "row"), plural(p.lab.pages.count.Load(), "page"), took.Seconds(), pace)
}

// memory tells how much there was in memory.
func (p *progress) memory() {
	servers := ""
	if p.lab.server != nil {
		servers = ", the server's included"
	}
	table := uint64(p.lab.rows) * uint64(unsafe.Sizeof(Reading{}))
	fmt.Fprintf(p.out, "\n3. Live heap never above %s%s; the whole table is %s. More rows hardly need more: try -rows 5000000 -rate 0.\n",
		mib(p.heap.most), servers, mib(table))
}
