package bridge_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/reactivex/rxgo/v2"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/bridge"
)

// Rxgo is the oracle for the operators that both have: on random streams ours give what rxgo's give, save what the
// table exclusions lists.

// shared is an operator that both have.
type shared struct {
	name   string
	ours   func(in rx.Observable[int], d draw) rx.Observable[any]
	theirs func(in rxgo.Observable, d draw, own rxgo.Option) rxgo.Iterable // own is for those that do not take the reader's
	asSet  bool
}

// draw is what an operator is tried with.
type draw struct {
	in, other finite
	n         int
}

// finite is a stream of small numbers that completes or fails.
type finite struct {
	items []int
	fails bool
}

func (f finite) ours() rx.Observable[int] {
	if !f.fails {
		return rx.From(f.items...)
	}
	return operators.Concat(rx.From(f.items...), rx.Fail[int](errOurs))
}

// rxgos is made without package bridge, so that this is an oracle for it too.
func (f finite) rxgos() rxgo.Observable {
	items := make([]any, 0, len(f.items)+1)
	for _, v := range f.items {
		items = append(items, v)
	}
	if f.fails {
		items = append(items, errOurs)
	}
	return rxgo.Just(items...)()
}

var draws = rapid.Custom(func(t *rapid.T) draw {
	stream := func(label string) finite {
		return finite{
			items: rapid.SliceOfN(rapid.IntRange(0, 5), 0, 12).Draw(t, label),
			fails: rapid.IntRange(0, 3).Draw(t, label+" fails") == 0,
		}
	}
	return draw{in: stream("in"), other: stream("other"), n: rapid.IntRange(0, 6).Draw(t, "n")}
})

// outcome is how a stream went: what came before its end, and its error.
type outcome struct {
	items []string
	err   error
}

func (o outcome) of(asSet bool) outcome {
	if asSet {
		o.items = slices.Sorted(slices.Values(o.items))
	}
	return o
}

func ran(ctx context.Context, src rx.Observable[any]) outcome {
	items, err := src.Collect(ctx)
	return outcome{written(items), err}
}

// observed reads rxgo's channel to its end, for the sake of the operators that would block for ever otherwise. The
// stream's end is the first error.
func observed(ctx context.Context, src rxgo.Iterable) outcome {
	var (
		items []any
		err   error
	)
	for item := range src.Observe(rxgo.WithContext(ctx)) {
		switch {
		case err != nil:
		case item.E != nil:
			err = item.E
		default:
			items = append(items, item.V)
		}
	}
	return outcome{written(items), err}
}

func written(items []any) []string {
	texts := []string{} // not nil, so that streams of no items are equal
	for _, v := range items {
		texts = append(texts, fmt.Sprintf("%v", v))
	}
	return texts
}

func TestOperatorsGiveWhatRxgosGive(t *testing.T) {
	for _, s := range bothHave() {
		if excludedEverywhere(s.name) {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				d := draws.Filter(func(d draw) bool { return !excluded(s.name, d) }).Draw(t, "draw")
				want, got, via := compare(t.Context(), s, d)
				require.Equal(t, want, got, "rxgo's and ours")
				require.Equal(t, want, via, "rxgo's and rxgo's by way of Via")
			})
		})
	}
}

// compare runs rxgo's operator, ours, and rxgo's by way of Via.
func compare(ctx context.Context, s shared, d draw) (want, got, via outcome) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	own := rxgo.WithContext(ctx)
	want = observed(ctx, s.theirs(d.in.rxgos(), d, own)).of(s.asSet)
	got = ran(ctx, s.ours(d.in.ours(), d)).of(s.asSet)

	var made []rxgo.Iterable
	via = ran(ctx, bridge.Via[int, any](d.in.ours(), func(in rxgo.Observable) rxgo.Iterable {
		made = append(made, s.theirs(in, d, own))
		return made[0]
	})).of(s.asSet)
	if deaf[s.name] {
		for range made[0].Observe() {
		}
	}
	return want, got, via
}

// deaf operators of rxgo's send without looking at a context, so what they make has to be read to its end.
var deaf = map[string]bool{"Concat": true, "Merge": true, "StartWith": true}

// exclusion is where rxgo is not asked.
type exclusion struct {
	operators string          // by spaces
	why       string          // what rxgo does there
	source    string          // of it, in rxgo v2.5.0
	where     func(draw) bool // nil for everywhere
	witness   *draw           // where it shows; nil if rxgo hangs there, ends the process, or differs only at times
}

func excluded(operator string, d draw) bool {
	return slices.ContainsFunc(exclusions, func(e exclusion) bool { return e.concerns(operator) && e.where(d) })
}

func excludedEverywhere(operator string) bool {
	return slices.ContainsFunc(exclusions, func(e exclusion) bool { return e.concerns(operator) && e.where == nil })
}

func (e exclusion) concerns(operator string) bool {
	return slices.Contains(strings.Fields(e.operators), operator)
}

// Whatever is excluded differs: the exclusion is no excuse.
func TestEveryExclusionIsNeeded(t *testing.T) {
	operator := map[string]shared{}
	for _, s := range bothHave() {
		operator[s.name] = s
	}
	for _, e := range exclusions {
		for _, name := range strings.Fields(e.operators) {
			t.Run(name+": "+e.why, func(t *testing.T) {
				require.Contains(t, operator, name)
				require.NotEmpty(t, e.source)
				if e.witness != nil {
					require.True(t, e.where == nil || e.where(*e.witness), "the witness is excluded")
					want, got, _ := compare(t.Context(), operator[name], *e.witness)
					require.NotEqual(t, want, got)
				}
			})
		}
	}
}
