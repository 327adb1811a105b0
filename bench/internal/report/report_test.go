package report_test

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/bench/internal/contest"
	"github.com/rxcql/rxcql/bench/internal/report"
)

func sample() report.Report {
	return report.Report{
		Title: "Reading & counting", Names: []string{"absent", "yours", "rxcql", "mine"},
		Figures: []contest.Figure{contest.Rate, contest.CPU, contest.FirstRow},
		Results: contest.Results{
			"rxcql": {{RowsPerSecond: 1_234_567, CPUPerRow: 20, FirstRowMs: 1.254}, {RowsPerSecond: 1_234_567, CPUPerRow: 30, FirstRowMs: 1.5}, {RowsPerSecond: 1_234_567, CPUPerRow: 27, FirstRowMs: 1.38}},
			"yours": {{RowsPerSecond: 10, CPUPerRow: 50}, {RowsPerSecond: 20, CPUPerRow: 40}, {RowsPerSecond: 15, CPUPerRow: 60}},
			"mine":  {{RowsPerSecond: 999, CPUPerRow: 100}, {RowsPerSecond: 999, CPUPerRow: 100}, {RowsPerSecond: 999, CPUPerRow: 100}},
		},
		Failures: contest.Failures{"absent": errors.New("no such package\nand much more")},
		NotRun:   []string{"theirs", "ours"},
	}
}

func TestTableHasMediansAndSpreads(t *testing.T) {
	var out strings.Builder
	require.NoError(t, sample().Table(&out))
	require.Equal(t, `| | rows/s | client CPU, ns/row | of yours's | first row, ms |
|---|---:|---:|---:|---:|
| yours | 15 (10–20) | 50 (40–60) | 1.00 | – |
| rxcql | 1,234,567 | 27 (20–30) | 0.45 (0.40–0.75) | 1.38 (1.25–1.50) |
| mine | 999 | 100 | 2.00 (1.67–2.50) | – |

Left out: absent: no such package

Not run this time: theirs, ours.
`, out.String())
}

func TestPlotHasABarForEach(t *testing.T) {
	var out strings.Builder
	require.NoError(t, sample().Plot(&out, contest.Rate))
	bars := 0
	for d := xml.NewDecoder(strings.NewReader(out.String())); ; {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "path" {
			bars++
		}
	}
	require.Equal(t, 3, bars)
	require.Contains(t, out.String(), ">1,234,567<")
	require.Contains(t, out.String(), `width="430.0"`) // the longest
	require.Contains(t, out.String(), "Reading &amp; counting")
}

func TestPasteReplacesWhatIsBetween(t *testing.T) {
	document := filepath.Join(t.TempDir(), "doc.md")
	require.NoError(t, os.WriteFile(document, []byte("a\n<!-- read -->\nold\n<!-- /read -->\nb\n"), 0o600))
	require.NoError(t, report.Paste(document, "read", []byte("new\n")))
	require.NoError(t, report.Paste(document, "read", []byte("newer\n")))
	content, err := os.ReadFile(document)
	require.NoError(t, err)
	require.Equal(t, "a\n<!-- read -->\nnewer\n<!-- /read -->\nb\n", string(content))
	require.ErrorContains(t, report.Paste(document, "load", nil), "<!-- load -->")
}
