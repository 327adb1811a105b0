package flow

import (
	"fmt"
	"strconv"
	"strings"
)

// Mermaid shows the run as a flow chart of https://mermaid.js.org, which GitHub and many others draw: the stages with
// arrows in the direction in which items go, the bottleneck among them drawn bold. Names are escaped, so that they are
// shown as they are, whatever they are.
func (r Run) Mermaid() string {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	for i, s := range r.Stages {
		open, shut := "[", "]"
		switch s.Kind {
		case Source:
			open, shut = "([", "])"
		case Boundary:
			open, shut = "[[", "]]"
		case Sink:
			open, shut = "[(", ")]"
		}
		facts := s.facts(r.State != Running && r.State != "")
		for i := range facts {
			facts[i] = escape(facts[i])
		}
		fmt.Fprintf(&b, "    s%d%s\"%s<br/>%s\"%s\n", i, open, escape(s.title()), strings.Join(facts, "<br/>"), shut)
	}
	for _, e := range r.Edges {
		arrow := "-->"
		if e.Aside {
			arrow = "-.->"
		}
		if r.has(e) {
			fmt.Fprintf(&b, "    s%d %s s%d\n", e.From, arrow, e.To)
		}
	}
	if n := r.Bottleneck.Stage; r.Bottleneck.Kind != "" && n >= 0 && n < len(r.Stages) {
		fmt.Fprintf(&b, "    style s%d stroke-width:4px\n", n)
	}
	return b.String()
}

// escape writes all but letters, digits and a few harmless characters of s as Mermaid's #number;, in which nothing has a
// meaning but to be shown.
func escape(s string) string {
	var b strings.Builder
	for _, c := range plain(s) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.ContainsRune(" .,_-/%", c):
			b.WriteRune(c)
		default:
			b.WriteByte('#')
			b.WriteString(strconv.Itoa(int(c)))
			b.WriteByte(';')
		}
	}
	return b.String()
}
