package rxtest

import (
	"bytes"
	"fmt"
	"runtime"
	"runtime/pprof"
	"strings"
	"testing/synctest"
	"time"
)

// label is the key of the profiler label that all goroutines of a run inherit from the run's goroutine.
const label = "rxtest.run"

// leaked returns the stacks of the goroutines of run id that are still there. Goroutines that have done their work
// but are not yet gone are waited for.
func leaked(id string, foreign []string, bubble bool) string {
	if bubble {
		synctest.Wait()
		return goroutinesOf(id, foreign)
	}
	deadline := time.Now().Add(2 * time.Second)
	for pause := time.Microsecond; ; pause = min(2*pause, 10*time.Millisecond) {
		runtime.Gosched()
		stacks := goroutinesOf(id, foreign)
		if stacks == "" || time.Now().After(deadline) {
			return stacks
		}
		time.Sleep(pause)
	}
}

// goroutinesOf picks the goroutines with the run's label from the goroutine profile, whose text form consists of
// blocks of goroutines with the same stack and labels.
func goroutinesOf(id string, foreign []string) string {
	var profile bytes.Buffer
	_ = pprof.Lookup("goroutine").WriteTo(&profile, 1) // a Buffer takes everything
	var found []string
	mark := fmt.Sprintf("%q:%q", label, id)
blocks:
	for _, block := range strings.Split(profile.String(), "\n\n") {
		if !strings.Contains(block, mark) {
			continue
		}
		for _, name := range foreign {
			if strings.Contains(block, name) {
				continue blocks
			}
		}
		found = append(found, strings.TrimSpace(block))
	}
	return strings.Join(found, "\n\n")
}

// inBubble tells whether the calling goroutine is in a synctest bubble, outside of which Wait panics.
func inBubble() (in bool) {
	defer func() { in = recover() == nil }()
	synctest.Wait()
	return
}

// settle lets the other goroutines go on until they can no more, or, outside of a bubble, for a moment.
func settle(bubble bool) {
	if bubble {
		synctest.Wait()
		return
	}
	for range 100 {
		runtime.Gosched()
	}
	time.Sleep(time.Millisecond)
}

// part gives what a failed check has left behind, and cancelled, time to go: a bubble that ends before its goroutines
// takes the test binary with it.
func part(bubble bool) {
	if bubble {
		time.Sleep(promptly)
	}
}
