package operators_test

import (
	"fmt"
	"time"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
)

func ExampleReduce() {
	words := rx.From("to", "be", "or", "not", "to", "be")
	counts := op.Reduce(words,
		func() map[string]int { return map[string]int{} },
		func(m map[string]int, word string) map[string]int { m[word]++; return m })
	show(counts)
	// Output: [map[be:2 not:1 or:1 to:2]]
}

// A counter's readings become what was used since the one before; the flush tells the total.
func ExampleStatefulMap() {
	type state struct{ first, last int }
	readings := rx.From(100, 103, 103, 110)
	used := op.StatefulMap(readings,
		func() state { return state{-1, -1} },
		func(s state, v int) (state, string) {
			if s.first < 0 {
				return state{v, v}, fmt.Sprint("from ", v)
			}
			return state{s.first, v}, fmt.Sprint("+", v-s.last)
		},
		func(s state) (string, bool) { return fmt.Sprint("total ", s.last-s.first), s.first >= 0 })
	show(used)
	// Output: [from 100 +3 +0 +7 total 10]
}

func ExamplePairwise() {
	heights := rx.From(3, 7, 4, 4)
	show(op.Map(op.Pairwise(heights), func(p [2]int) int { return p[1] - p[0] }))
	// Output: [4 -3 0]
}

func ExampleUnbatch() {
	pages := rx.From([]string{"a", "b"}, nil, []string{"c"})
	show(op.Unbatch(pages))
	// Output: [a b c]
}

// The rows of a partition come together, and so become one slice; a partition of more than three rows becomes several.
func ExampleBufferAdjacent() {
	type row struct {
		sensor string
		value  int
	}
	rows := rx.From(row{"attic", 1}, row{"attic", 2}, row{"cellar", 3}, row{"hall", 4}, row{"hall", 5}, row{"hall", 6}, row{"hall", 7})
	show(op.BufferAdjacent(rows, 3, func(r row) string { return r.sensor }))
	// Output: [[{attic 1} {attic 2}] [{cellar 3}] [{hall 4} {hall 5} {hall 6}] [{hall 7}]]
}

func ExampleSplitWhen() {
	lines := rx.From("# one", "a", "b", "# two", "c")
	show(op.SplitWhen(lines, 100, func(line string) bool { return line[0] == '#' }))
	// Output: [[# one a b] [# two c]]
}

func ExampleSplitAfter() {
	words := rx.From("Veni.", "I", "came.", "And", "so")
	show(op.SplitAfter(words, 100, func(word string) bool { return word[len(word)-1] == '.' }))
	// Output: [[Veni.] [I came.] [And so]]
}

type pulse struct {
	at   time.Time
	rate int
}

func (p pulse) time() time.Time { return p.at }

// pulses are measured at the given minutes after twelve.
func pulses(minutes ...int) rx.Observable[pulse] {
	noon := time.Date(2026, 3, 5, 12, 0, 0, 0, time.UTC)
	return op.Map(rx.From(minutes...), func(m int) pulse {
		return pulse{noon.Add(time.Duration(m) * time.Minute), 60 + m}
	})
}

func highest(rate int, p pulse) int { return max(rate, p.rate) }

func showWindows(src rx.Observable[op.Windowed[int]]) {
	show(op.Map(src, func(w op.Windowed[int]) string {
		return fmt.Sprintf("%s–%s: %d;", w.Start.Format("15:04"), w.End.Format("15:04"), w.Value)
	}))
}

func ExampleWindow() {
	showWindows(op.Window(pulses(1, 8, 12, 35), op.Tumbling(10*time.Minute), pulse.time, zero, highest))
	// Output: [12:00–12:10: 68; 12:10–12:20: 72; 12:30–12:40: 95;]
}

// Rows of a table that is clustered by time, latest first.
func ExampleWindow_descending() {
	showWindows(op.Window(pulses(35, 12, 8, 1), op.Tumbling(10*time.Minute).Descending(), pulse.time, zero, highest))
	// Output: [12:30–12:40: 95; 12:10–12:20: 72; 12:00–12:10: 68;]
}

// Several series, one after the other as a table's partitions come: each has windows of its own. max must be at least
// the length of the longest series, as a longer one would be cut and its windows at the cut be two.
func ExampleWindow_series() {
	type reading struct {
		patient string
		pulse
	}
	at := func(minute int) time.Time { return time.Date(2026, 3, 5, 12, minute, 0, 0, time.UTC) }
	rows := rx.From(
		reading{"ada", pulse{at(1), 61}}, reading{"ada", pulse{at(8), 68}}, reading{"ada", pulse{at(12), 72}},
		reading{"bob", pulse{at(2), 80}}, reading{"bob", pulse{at(3), 79}},
	)
	series := op.BufferAdjacent(rows, 1000, func(r reading) string { return r.patient })
	show(op.ConcatMap(series, func(rows []reading) rx.Observable[string] {
		windows := op.Window(rx.From(rows...), op.Tumbling(10*time.Minute), reading.time, zero,
			func(rate int, r reading) int { return highest(rate, r.pulse) })
		return op.Map(windows, func(w op.Windowed[int]) string {
			return fmt.Sprintf("%s %s: %d;", rows[0].patient, w.Start.Format("15:04"), w.Value)
		})
	}))
	// Output: [ada 12:00: 68; ada 12:10: 72; bob 12:00: 80;]
}

func ExampleSliding() {
	showWindows(op.Window(pulses(1, 8, 12), op.Sliding(10*time.Minute, 5*time.Minute), pulse.time, zero, highest))
	// Output: [11:55–12:05: 61; 12:00–12:10: 68; 12:05–12:15: 72; 12:10–12:20: 72;]
}

func ExampleSessions() {
	showWindows(op.Window(pulses(1, 8, 12, 35), op.Sessions(10*time.Minute), pulse.time, zero, highest))
	// Output: [12:01–12:22: 72; 12:35–12:45: 95;]
}
