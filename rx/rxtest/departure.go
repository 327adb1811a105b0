package rxtest

import "runtime"

// departure is the way in which a consumer leaves a stream in the middle of it.
type departure int

const (
	byStop  departure = iota // yield returns false
	byPanic                  // with consumerPanic
	byGoexit
)

var departures = []departure{byStop, byPanic, byGoexit}

func (d departure) String() string {
	return [...]string{"stops", "panics", "calls runtime.Goexit"}[d]
}

// consumerPanic is a value that can be told from any other.
var consumerPanic = &struct{ why string }{"rxtest: the consumer panics"}

// leave is what the consumer does inside yield.
func (d departure) leave() bool {
	switch d {
	case byPanic:
		panic(consumerPanic)
	case byGoexit:
		runtime.Goexit()
	}
	return false
}

// judge checks how a run ended whose consumer has left.
func judge[T any](t TB, scene string, tr *trial[T], d departure) {
	t.Helper()
	switch d {
	case byStop:
		if tr.end != returned || tr.err != nil {
			fail(t, oneResult, scene, "%s, want nil", tr.ending())
		}
	case byPanic:
		if tr.end != panicked || tr.value != any(consumerPanic) {
			fail(t, panicsPass, scene, "%s, want the panic to pass untouched", tr.ending())
		}
	case byGoexit:
		if tr.end != exited {
			fail(t, panicsPass, scene, "%s, want its goroutine to exit", tr.ending())
		}
	}
}
