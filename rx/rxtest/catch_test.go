package rxtest_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/virtualtime"
	"github.com/rxcql/rxcql/rx/rxtest"
)

// recorder is a test that notes how it fails.
type recorder struct{ failures []string }

func (*recorder) Helper()  {}
func (*recorder) FailNow() { runtime.Goexit() }
func (r *recorder) Errorf(f string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(f, args...))
}

// verdict runs check, which has to fail exactly once, and returns the failure.
func verdict(t *testing.T, check func(rxtest.TB)) string {
	t.Helper()
	var r recorder
	done := make(chan struct{})
	go func() {
		defer close(done)
		check(&r)
	}()
	<-done
	require.Len(t, r.failures, 1)
	return r.failures[0]
}

// broken is a check that must fail.
type broken struct {
	name    string
	rule    int    // of rx's contract,
	spec    string // or of Reactive Streams
	message string // part of the failure
	check   func(rxtest.TB)
	virtual bool // only in a bubble, as it takes long with real time
}

// caught checks that what is broken is caught by the check of its rule, with real time or in a bubble.
func (b broken) caught(t *testing.T) {
	t.Helper()
	got := verdict(t, b.check)
	if b.spec != "" {
		require.Contains(t, got, fmt.Sprintf("Reactive Streams rule %s (", b.spec))
	} else {
		require.Contains(t, got, fmt.Sprintf("rx contract, rule %d (", b.rule))
	}
	require.Contains(t, got, b.message)
	require.False(t, strings.Contains(got, "%!"), "a format is wrong: %s", got)
}

func catch(t *testing.T, all []broken) {
	for _, b := range all {
		t.Run(b.name, func(t *testing.T) {
			if !b.virtual {
				t.Run("real", b.caught)
			}
			t.Run("virtual", func(t *testing.T) { virtualtime.Test(t, b.caught) })
		})
	}
}

// catchHanging is for what hangs or is late, which is found in a bubble.
func catchHanging(t *testing.T, all []broken) {
	for i := range all {
		all[i].virtual = true
	}
	catch(t, all)
}
