package flow_test

import (
	"encoding/json"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/rx/flow"
)

func picture() flow.Run {
	return flow.Run{
		ID: 1, Name: "orders", State: flow.Failed, Seconds: 12.34, Error: "no such table",
		Bottleneck: flow.Bottleneck{Stage: 0, Name: "insert shop.orders", Kind: flow.Sink, Share: 0.812},
		Stages: []flow.Stage{
			{ID: 0, Name: "insert shop.orders", Kind: flow.Sink, In: 12345, PerSecond: 1018.4, Share: flow.Split{Own: 0.812}, Drops: 2,
				Values: []flow.Value{{Name: "requests_in_flight", Gauge: true, Value: 16}, {Name: "written_bytes", Value: 2.5e6}, {Name: "pages", Value: 1234}}},
			{ID: 1, Name: "Prefetch", Kind: flow.Boundary, Out: 12345, Buffer: flow.Level{Now: 64, Max: 64}},
			{ID: 2, Name: "consumer", Kind: flow.Source, Out: 1},
		},
		Edges: []flow.Edge{{From: 1, To: 0}, {From: 2, To: 1}, {From: 1, To: 2, Aside: true}},
	}
}

func TestText(t *testing.T) {
	require.Equal(t, `orders: failed after 12.3s; the sink insert shop.orders: 81% of the time
  no such table
  sink insert shop.orders: 12,345 items, 1,018/s, 81% own work and unnamed steps, 2 dropped, 2.5 MB written, 1,234 pages
    boundary Prefetch: 12,345 items, 0/s, 0% unnamed steps
      source consumer: 1 item, 0/s, 0% own work
`, picture().Text())
}

func TestWhatIsUnderWayIsShownWhileItIs(t *testing.T) {
	r := picture()
	r.State = flow.Running
	require.Contains(t, r.Text(), "16 requests in flight")
	require.Contains(t, r.Text(), "64 of 64 in its buffer")
}

func TestFiguresHaveTheirUnits(t *testing.T) {
	for want, v := range map[string]flow.Value{
		"1.9 MB written":         {Name: "written_bytes", Value: 1.91674e6},
		"12 B read":              {Name: "read_bytes", Value: 12},
		"49.7ms latency p99":     {Name: "latency_p99_seconds", Gauge: true, Value: 0.0496631},
		"1m3s limiter wait":      {Name: "limiter_wait_seconds", Value: 63.04},
		"43% progress":           {Name: "progress_share", Gauge: true, Value: 0.426767},
		"1 page":                 {Name: "pages", Value: 1},
		"1,234,567 pages":        {Name: "pages", Value: 1234567},
		"2.5 requests window":    {Name: "requests_window", Gauge: true, Value: 2.5},
		"+Inf limiter rate":      {Name: "limiter_rate", Gauge: true, Value: math.Inf(1)},
		"1e+300 latency seconds": {Name: "latency_seconds", Gauge: true, Value: 1e300},
		"0s":                     {Name: "seconds"},
		"3":                      {Name: "", Value: 3},
	} {
		require.Equal(t, want, v.String())
	}
}

func TestMermaid(t *testing.T) {
	require.Equal(t, `flowchart LR
    s0[("sink insert shop.orders<br/>12,345 items<br/>1,018/s<br/>81% own work and unnamed steps<br/>2 dropped<br/>2.5 MB written<br/>1,234 pages")]
    s1[["boundary Prefetch<br/>12,345 items<br/>0/s<br/>0% unnamed steps"]]
    s2(["source consumer<br/>1 item<br/>0/s<br/>0% own work"])
    s1 --> s0
    s2 --> s1
    s1 -.-> s2
    style s0 stroke-width:4px
`, picture().Mermaid())
}

var entity = regexp.MustCompile(`#([0-9]+);`)

// TestNamesAreShownAsTheyAre has names of any kind come back from what Mermaid reads, and make no line and no quote.
func TestNamesAreShownAsTheyAre(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.OneOf(rapid.String(), rapid.StringOfN(rapid.SampledFrom([]rune("\"`#;<>[](){}|&\\%\n end-x--->")), 0, 20, -1)).Draw(rt, "name")
		r := flow.Run{Name: name, Error: name, Stages: []flow.Stage{{Name: name, Kind: flow.Step}}}
		lines := strings.Split(strings.TrimSuffix(r.Mermaid(), "\n"), "\n")
		require.Len(rt, lines, 2)
		label := regexp.MustCompile(`^    s0\["([^"]*)"\]$`).FindStringSubmatch(lines[1])
		require.NotNil(rt, label, "%q", lines[1])
		shown, _, ok := strings.Cut(label[1], "<br/>")
		require.True(rt, ok)
		require.NotRegexp(rt, "[<>`\"\\[\\](){}|&\\\\]", shown)
		back := entity.ReplaceAllStringFunc(shown, func(e string) string {
			n, err := strconv.Atoi(strings.Trim(e, "#;"))
			require.NoError(rt, err)
			return string(rune(n))
		})
		want := strings.Map(func(c rune) rune {
			if c == unicode.ReplacementChar || !unicode.IsPrint(c) {
				return '·'
			}
			return c
		}, name)
		require.Equal(rt, "step "+want, back)

		text := r.Text()
		rows := 2
		if name != "" { // there is an error
			rows++
		}
		require.Equal(rt, rows, strings.Count(text, "\n"), "%q", text)
		for _, c := range strings.ReplaceAll(text, "\n", "") {
			require.True(rt, unicode.IsPrint(c), "%q", text)
		}
	})
}

func TestPicturesOfAnyRun(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := flow.Run{Bottleneck: flow.Bottleneck{Kind: flow.Sink, Stage: rapid.IntRange(-2, 9).Draw(rt, "bottleneck")}}
		for i := range rapid.IntRange(0, 6).Draw(rt, "stages") {
			r.Stages = append(r.Stages, flow.Stage{ID: i, Kind: flow.Step, Name: "s", Out: rapid.Int64().Draw(rt, "out")})
		}
		for range rapid.IntRange(0, 10).Draw(rt, "edges") {
			r.Edges = append(r.Edges, flow.Edge{From: rapid.IntRange(-2, 9).Draw(rt, "from"), To: rapid.IntRange(-2, 9).Draw(rt, "to")})
		}
		require.Equal(rt, 1+len(r.Stages), strings.Count(r.Text(), "\n"), "each stage is shown once, circles or not")
		require.Contains(rt, r.Mermaid(), "flowchart")
	})
}

func TestJSONHasTheUnitsInItsNames(t *testing.T) {
	r := picture()
	r.Start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	text, err := json.Marshal(r)
	require.NoError(t, err)
	require.JSONEq(t, `{
		"id": 1, "name": "orders", "state": "failed", "start": "2026-01-02T03:04:05Z", "seconds": 12.34,
		"error": "no such table", "window_seconds": 0,
		"bottleneck": {"stage": 0, "name": "insert shop.orders", "kind": "sink", "share": 0.812},
		"stages": [
			{"id": 0, "name": "insert shop.orders", "kind": "sink", "running": 0, "begun": 0, "items_in": 12345, "items_out": 0,
				"items_per_second": 1018.4, "seconds": {"upstream": 0, "own": 0, "downstream": 0},
				"share": {"upstream": 0, "own": 0.812, "downstream": 0}, "errors": 0, "retries": 0, "drops": 2,
				"values": [{"name": "requests_in_flight", "gauge": true, "value": 16}, {"name": "written_bytes", "gauge": false, "value": 2500000}, {"name": "pages", "gauge": false, "value": 1234}]},
			{"id": 1, "name": "Prefetch", "kind": "boundary", "running": 0, "begun": 0, "items_in": 0, "items_out": 12345,
				"items_per_second": 0, "seconds": {"upstream": 0, "own": 0, "downstream": 0},
				"share": {"upstream": 0, "own": 0, "downstream": 0}, "buffer": {"now": 64, "max": 64},
				"errors": 0, "retries": 0, "drops": 0},
			{"id": 2, "name": "consumer", "kind": "source", "running": 0, "begun": 0, "items_in": 0, "items_out": 1,
				"items_per_second": 0, "seconds": {"upstream": 0, "own": 0, "downstream": 0},
				"share": {"upstream": 0, "own": 0, "downstream": 0}, "errors": 0, "retries": 0, "drops": 0}
		],
		"edges": [{"from": 1, "to": 0}, {"from": 2, "to": 1}, {"from": 1, "to": 2, "aside": true}]
	}`, string(text))
}

func TestJSONLeavesOutWhatIsNoNumber(t *testing.T) {
	at := flow.Stage{Name: "limited", Kind: flow.Step, Values: []flow.Value{
		{Name: "nothing", Value: math.NaN()}, {Name: "least", Value: math.Inf(-1)}, {Name: "burst", Value: 3}, {Name: "limit", Value: math.Inf(1)},
	}}
	none := at
	none.Values = none.Values[:2]
	text, err := json.Marshal(flow.Snapshot{
		Runs: []flow.Run{{Stages: []flow.Stage{at, none}}}, Pipelines: []flow.Pipeline{{Stages: []flow.Stage{at}}},
	})
	require.NoError(t, err)
	var s flow.Snapshot
	require.NoError(t, json.Unmarshal(text, &s))
	burst := []flow.Value{{Name: "burst", Value: 3}}
	require.Equal(t, burst, s.Runs[0].Stages[0].Values)
	require.Nil(t, s.Runs[0].Stages[1].Values)
	require.Equal(t, burst, s.Pipelines[0].Stages[0].Values)
	require.Len(t, at.Values, 4, "the snapshot itself has them")
}
