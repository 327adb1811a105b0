package rxtest

import "fmt"

// TB is what the checks need of a test. *testing.T, *testing.B, *testing.F and rapid's *T have it. The functions of
// this package must be called on the goroutine of the test, as FailNow must.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
	FailNow()
}

// rule is the number of a rule of rx's contract.
type rule int

const (
	onGoroutine rule = 1 + iota
	nothingLeft
	oneResult
	independent
	cancelPrompt
	panicsPass
	givenAway
)

var ruleNames = map[rule]string{
	onGoroutine:  "yield on the run's goroutine",
	nothingLeft:  "nothing is left behind",
	oneResult:    "one result",
	independent:  "runs are independent",
	cancelPrompt: "cancel is prompt",
	panicsPass:   "panics pass",
	givenAway:    "items are given away",
}

// fail ends the test with a breach of r in the given scene.
func fail(t TB, r rule, scene, format string, args ...any) {
	t.Helper()
	t.Errorf("rx contract, rule %d (%s): %s: %s", r, ruleNames[r], scene, fmt.Sprintf(format, args...))
	t.FailNow()
}

func quote(err error) string {
	if err == nil {
		return "nil"
	}
	return fmt.Sprintf("%q", err)
}
