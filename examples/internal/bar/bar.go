// Package bar shows how far a scan has got: on a terminal as a bar, elsewhere, such as in a log, as a line now and then.
package bar

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/rxcql/rxcql/source"
)

const (
	redraw = 200 * time.Millisecond
	// Line is the time from one line to the next.
	Line = 5 * time.Second
)

// Show shows the progress of the scan that t tracks, from its begin until done is called, which shows the end and waits
// until all is written.
func Show(out io.Writer, t *source.Tracker) (done func()) {
	show, every := func(p source.Progress) { fmt.Fprintln(out, p) }, Line
	if file, ok := out.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		show, every = onTerminal(out), redraw
	}
	ctx, cancel := context.WithCancel(context.Background())
	var watcher sync.WaitGroup
	watcher.Go(func() {
		// Watching fails only because ctx ends.
		_ = t.Watch(every).ForEach(ctx, func(p source.Progress) error {
			if !p.Ended {
				show(p)
			}
			return nil
		})
	})
	return func() {
		cancel()
		watcher.Wait()
		show(t.Progress())
	}
}

// full is the length of the bar, in tenths of a percent.
const full = 1000

func onTerminal(out io.Writer) func(source.Progress) {
	bar := progressbar.NewOptions(full,
		progressbar.OptionSetWriter(out), progressbar.OptionSetPredictTime(false), progressbar.OptionSetElapsedTime(false),
		progressbar.OptionShowDescriptionAtLineEnd(), progressbar.OptionUseANSICodes(true), progressbar.OptionSetWidth(30))
	return func(p source.Progress) {
		// What it says of writing to a terminal is of no use to anybody.
		bar.Describe(p.String())
		_ = bar.Set(int(full * p.Share))
		if p.Ended {
			_ = bar.Exit()
			fmt.Fprintln(out)
		}
	}
}
