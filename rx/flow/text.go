package flow

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Text shows the run in lines of text for people: what there is to be said of all of it, and then its stages, each below
// the one that it feeds. A stage that feeds several is shown with the first one.
//
//	orders: running for 12.4s; the sink insert shop.orders: 81% of the time
//	  sink insert shop.orders: 12,345 items, 1,018/s, 81% own work and unnamed steps
//	    step clean: 12,410 items, 1,020/s, 11% own work and unnamed steps
//	      source table shop.carts: 12,410 items, 1,020/s, 8% own work
//
// The time of steps without a name, such as a Map, is that of the next stage downstream; [Named] has them told apart. What is
// under way, such as requests in flight, is shown while the run is.
func (r Run) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s %s; %s\n", plain(r.Name), r.State, r.since(), plain(r.Bottleneck.String()))
	if r.Error != "" {
		fmt.Fprintf(&b, "  %s\n", plain(r.Error))
	}
	shown := make([]bool, len(r.Stages))
	feeds := r.feeds()
	var show func(i, depth int)
	show = func(i, depth int) {
		shown[i] = true
		fmt.Fprintf(&b, "%s%s\n", strings.Repeat("  ", depth), plain(r.Stages[i].line(r.State != Running && r.State != "")))
		for _, from := range feeds[i] {
			if !shown[from] {
				show(from, depth+1)
			}
		}
	}
	fed := r.fed()
	for i := range r.Stages {
		if !fed[i] {
			show(i, 1)
		}
	}
	for i := range r.Stages { // in a circle, of which there are none
		if !shown[i] {
			show(i, 1)
		}
	}
	return b.String()
}

func (r Run) since() string {
	took := time.Duration(r.Seconds * float64(time.Second)).Round(100 * time.Millisecond)
	if took < time.Second {
		took = time.Duration(r.Seconds * float64(time.Second)).Round(10 * time.Microsecond)
	}
	if r.State == Running {
		return "for " + took.String()
	}
	return "after " + took.String()
}

// feeds gives, for each stage, those that feed it.
func (r Run) feeds() [][]int {
	all := make([][]int, len(r.Stages))
	for _, e := range r.Edges {
		if r.has(e) && !e.Aside {
			all[e.To] = append(all[e.To], e.From)
		}
	}
	return all
}

// fed tells of each stage whether it feeds another.
func (r Run) fed() []bool {
	all := make([]bool, len(r.Stages))
	for _, e := range r.Edges {
		if r.has(e) && !e.Aside {
			all[e.From] = true
		}
	}
	return all
}

func (r Run) has(e Edge) bool {
	return e.From >= 0 && e.To >= 0 && e.From < len(r.Stages) && e.To < len(r.Stages)
}

// items is how many have gone through the stage.
func (s Stage) items() int64 {
	if s.Kind == Sink {
		return s.In
	}
	return s.Out
}

// title is the stage's kind and name.
func (s Stage) title() string {
	if s.Name == string(s.Kind) {
		return s.Name
	}
	return string(s.Kind) + " " + s.Name
}

func (s Stage) line(ended bool) string {
	return s.title() + ": " + strings.Join(s.facts(ended), ", ")
}

// own says what a stage's own work is: of one that has an upstream, that of the unnamed steps before it, too.
func (s Stage) own() string {
	switch s.Kind {
	case Source:
		return " own work"
	case Boundary:
		if s.Calls.Max > 0 {
			return " own work"
		}
		return " unnamed steps"
	default:
		return " own work and unnamed steps"
	}
}

// waiting says which part of the time of a sink goes by until requests are done, if it is told.
func waiting(requests float64) string {
	if requests < little {
		return ""
	}
	return ", " + percent(requests) + " waiting for requests"
}

// facts are what there is to be said of the stage, in a run that has ended without what is under way.
func (s Stage) facts(ended bool) []string {
	facts := []string{
		counted(s.items(), "item"),
		grouped(int64(math.Round(s.PerSecond))) + "/s",
		percent(s.Share.Own) + s.own() + waiting(s.Share.Requests),
	}
	if s.Buffer.Max > 0 && !ended {
		facts = append(facts, fmt.Sprintf("%s of %s in its buffer", grouped(s.Buffer.Now), grouped(s.Buffer.Max)))
	}
	if s.LagSeconds > 0 {
		facts = append(facts, duration(s.LagSeconds).String()+" lag")
	}
	if s.Calls.Max > 0 && !ended {
		facts = append(facts, fmt.Sprintf("%s of %s calls under way", grouped(s.Calls.Now), grouped(s.Calls.Max)))
	}
	for _, n := range []struct {
		what string
		n    int64
	}{{"errors", s.Errors}, {"retries", s.Retries}, {"dropped", s.Drops}} {
		if n.n > 0 {
			facts = append(facts, grouped(n.n)+" "+n.what)
		}
	}
	for _, v := range s.Values {
		if !ended || !v.Gauge {
			facts = append(facts, v.String())
		}
	}
	return facts
}

// String is like: 1.9 MB written, 49.7ms latency p99, 43% progress, 1,234 pages. The name's last word is the unit.
func (v Value) String() string {
	words := strings.Split(v.Name, "_")
	last := len(words) - 1
	what := strings.Join(words[:last], " ")
	var n string
	switch unit := words[last]; {
	case math.IsInf(v.Value, 0) || math.IsNaN(v.Value) || math.Abs(v.Value) >= 1e15:
		n, what = strconv.FormatFloat(v.Value, 'g', 6, 64), strings.Join(words, " ")
	case unit == "seconds":
		n = duration(v.Value).String()
	case unit == "bytes":
		n = bytes(v.Value)
	case unit == "share":
		n = percent(v.Value)
	case v.Value == math.Trunc(v.Value):
		n, what = grouped(int64(v.Value)), strings.Join(words, " ")
		if v.Value == 1 && !v.Gauge {
			what = strings.TrimSuffix(what, "s")
		}
	default:
		n, what = strconv.FormatFloat(v.Value, 'g', 6, 64), strings.Join(words, " ")
	}
	return strings.TrimSuffix(n+" "+what, " ")
}

// duration is one of so many seconds, in three digits or so.
func duration(seconds float64) time.Duration {
	d := time.Duration(seconds * float64(time.Second))
	for unit := 1000 * time.Second; unit >= time.Microsecond; unit /= 10 {
		if d.Abs() >= 100*unit {
			return d.Round(unit)
		}
	}
	return d
}

// bytes writes a number of them with a decimal unit.
func bytes(n float64) string {
	for _, u := range []struct {
		name string
		of   float64
	}{{"GB", 1e9}, {"MB", 1e6}, {"kB", 1e3}} {
		if math.Abs(n) >= u.of {
			return strconv.FormatFloat(n/u.of, 'f', 1, 64) + " " + u.name
		}
	}
	return strconv.FormatFloat(n, 'f', 0, 64) + " B"
}

// counted is a number of things.
func counted(n int64, what string) string {
	if n != 1 {
		what += "s"
	}
	return grouped(n) + " " + what
}

func percent(share float64) string { return strconv.Itoa(int(math.Round(100*share))) + "%" }

// grouped writes a number with commas.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	first := 0
	if n < 0 {
		first = 1
	}
	for i := len(s) - 3; i > first; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// plain makes one line of s, that shows nothing but itself.
func plain(s string) string {
	return strings.Map(func(c rune) rune {
		if c == utf8.RuneError || !unicode.IsPrint(c) {
			return '·'
		}
		return c
	}, s)
}

// cut gives at most n bytes of s, and no part of a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}
