// Package bar shows people how far a scan, or another job, has got: on a terminal as a bar, elsewhere, such as in a log,
// as a line now and then.
//
//	var tracker source.Tracker
//	done := bar.Show(os.Stderr, &tracker)
//	n, err := source.Table[source.Row](session, "shop.orders").Track(&tracker).Count(ctx)
//	done()
//
// For programs there is [source.Progress], as a value and as JSON.
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
// until all is written: call it once, when the scan has returned. On a terminal it draws a bar five times a second, else
// it writes [source.Progress.String] as a line every five seconds. It writes from a goroutine of its own, which done ends;
// errors of writing are ignored, as nobody could be told.
func Show(out io.Writer, t *source.Tracker) (done func()) {
	show, every := shower(out)
	ctx, cancel := context.WithCancel(context.Background())
	var watcher sync.WaitGroup
	watcher.Go(func() {
		// Watching fails only because ctx ends.
		_ = t.Watch(every).ForEach(ctx, func(p source.Progress) error {
			if !p.Ended {
				show(p.Share, p.String(), false)
			}
			return nil
		})
	})
	return func() {
		cancel()
		watcher.Wait()
		p := t.Progress()
		show(p.Share, p.String(), p.Ended)
	}
}

// Follow is Show for a job that tells by itself how far it has got, after a time: the share that is done, less than 0 if
// that is not known, and a line of text. look is called by another goroutine.
func Follow(out io.Writer, look func(took time.Duration) (share float64, text string)) (done func()) {
	show, every := shower(out)
	begun := time.Now()
	ended := make(chan struct{})
	var watcher sync.WaitGroup
	watcher.Go(func() {
		next := time.NewTicker(every)
		defer next.Stop()
		for {
			select {
			case <-next.C:
				share, text := look(time.Since(begun))
				show(share, text, false)
			case <-ended:
				return
			}
		}
	})
	return func() {
		close(ended)
		watcher.Wait()
		share, text := look(time.Since(begun))
		show(share, text, true)
	}
}

// shower gives what shows progress on out, and how often to do so.
func shower(out io.Writer) (show func(share float64, text string, ended bool), every time.Duration) {
	if file, ok := out.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		return onTerminal(out), redraw
	}
	return func(_ float64, text string, _ bool) { fmt.Fprintln(out, text) }, Line
}

// full is the length of the bar, in tenths of a percent.
const full = 1000

func onTerminal(out io.Writer) func(share float64, text string, ended bool) {
	bar := progressbar.NewOptions(full,
		progressbar.OptionSetWriter(out), progressbar.OptionSetPredictTime(false), progressbar.OptionSetElapsedTime(false),
		progressbar.OptionShowDescriptionAtLineEnd(), progressbar.OptionUseANSICodes(true), progressbar.OptionSetWidth(30))
	return func(share float64, text string, ended bool) {
		// What it says of writing to a terminal is of no use to anybody.
		bar.Describe(text)
		_ = bar.Set(int(full * max(share, 0)))
		if ended {
			_ = bar.Exit()
			fmt.Fprintln(out)
		}
	}
}
