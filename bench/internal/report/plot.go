package report

import (
	"fmt"
	"html"
	"io"
	"strings"

	"github.com/rxcql/rxcql/bench/internal/contest"
)

const (
	nameWidth  = 250
	barWidth   = 430
	figures    = 130 // for the number beside a bar
	lineHeight = 26
	head       = 56
)

// Plot draws one figure as an SVG: a bar for each contestant's median, and a line from the least to the most.
func (r Report) Plot(out io.Writer, f contest.Figure) error {
	var names []string
	longest := 0.0
	for _, name := range r.Names {
		if _, _, most := f.Spread(r.Results[name]); most > 0 {
			names, longest = append(names, name), max(longest, most)
		}
	}
	better := "more is better"
	if f.Less {
		better = "less is better"
	}
	var text strings.Builder
	width, height := nameWidth+barWidth+figures, head+lineHeight*len(names)+10
	fmt.Fprintf(&text, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %[1]d %[2]d" font-family="sans-serif" font-size="13">`+"\n", width, height)
	text.WriteString(`<rect width="100%" height="100%" fill="white"/>` + "\n")
	fmt.Fprintf(&text, `<text x="12" y="24" font-size="16">%s</text>`+"\n", html.EscapeString(r.Title))
	fmt.Fprintf(&text, `<text x="12" y="42" fill="#555">%s, %s; medians, and lines from the least to the most</text>`+"\n", html.EscapeString(f.Name), better)
	scale := barWidth / longest
	for i, name := range names {
		median, least, most := f.Spread(r.Results[name])
		y := head + lineHeight*i
		colour := "#9aa5b1"
		if strings.HasPrefix(name, "rxcql") {
			colour = "#2f80c2"
		}
		fmt.Fprintf(&text, `<text x="%d" y="%d" text-anchor="end">%s</text>`+"\n", nameWidth-8, y+17, html.EscapeString(name))
		fmt.Fprintf(&text, `<rect x="%d" y="%d" width="%.1f" height="%d" fill="%s"/>`+"\n", nameWidth, y+4, median*scale, lineHeight-8, colour)
		fmt.Fprintf(&text, `<path d="M%.1f %d H%.1f" stroke="#222"/>`+"\n", nameWidth+least*scale, y+lineHeight/2, nameWidth+most*scale)
		fmt.Fprintf(&text, `<text x="%.1f" y="%d">%s</text>`+"\n", nameWidth+most*scale+6, y+17, Number(median, f.Digits))
	}
	text.WriteString("</svg>\n")
	_, err := io.WriteString(out, text.String())
	return err
}
