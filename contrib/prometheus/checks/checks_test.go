package checks_test

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/rxcql/rxcql/rx/flow"
)

func TestEveryAlertAsksForWhatIsExported(t *testing.T) {
	var file struct {
		Groups []struct {
			Name  string
			Rules []struct {
				Alert       string
				Expr        string
				For         model.Duration
				Labels      map[string]string
				Annotations map[string]string
			}
		}
	}
	text, err := os.Open("../alerts.yml")
	require.NoError(t, err)
	defer text.Close()
	decoder := yaml.NewDecoder(text)
	decoder.KnownFields(true)
	require.NoError(t, decoder.Decode(&file))
	all := exported(t)
	seen := make(map[string]bool)
	for _, g := range file.Groups {
		for _, r := range g.Rules {
			require.False(t, seen[r.Alert], "two alerts %s", r.Alert)
			seen[r.Alert] = true
			left, err := all.check(r.Expr)
			require.NoError(t, err, r.Alert)
			require.Contains(t, []string{"info", "warning", "critical"}, r.Labels["severity"], r.Alert)
			require.NotEmpty(t, r.Annotations["summary"], r.Alert)
			require.LessOrEqual(t, time.Duration(r.For), time.Hour, r.Alert)
			for _, text := range r.Annotations {
				for _, l := range regexp.MustCompile(`\$labels\.(\w+)`).FindAllStringSubmatch(text, -1) {
					require.True(t, left[l[1]], "%s has no label %s", r.Alert, l[1])
				}
			}
		}
	}
	require.Len(t, seen, 5)
}

func TestEveryPanelAsksForWhatIsExported(t *testing.T) {
	type target struct{ Expr, LegendFormat, RefID string }
	var dashboard struct {
		Panels []struct {
			ID      int
			Type    string
			Title   string
			GridPos struct{ X, Y, W, H int }
			Targets []target
		}
		Templating struct {
			List []struct {
				Name  string
				Type  string
				Query json.RawMessage
			}
		}
	}
	text, err := os.ReadFile("../grafana.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &dashboard))
	all := exported(t)
	ids, asked, space := make(map[int]bool), 0, make(map[[2]int]string)
	for _, p := range dashboard.Panels {
		require.False(t, ids[p.ID], "two panels %d", p.ID)
		ids[p.ID] = true
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				require.Less(t, x, 24, p.Title)
				require.Empty(t, space[[2]int{x, y}], "%s lies over another panel", p.Title)
				space[[2]int{x, y}] = p.Title
			}
		}
		for _, q := range p.Targets {
			asked++
			left, err := all.check(filled(q.Expr))
			require.NoError(t, err, p.Title)
			for _, l := range regexp.MustCompile(`\{\{(\w+)\}\}`).FindAllStringSubmatch(q.LegendFormat, -1) {
				require.True(t, left[l[1]], "%s has no label %s", p.Title, l[1])
			}
			require.Contains(t, q.Expr, `pipeline=~"$pipeline"`, p.Title)
		}
		require.Equal(t, p.Type == "row", len(p.Targets) == 0, p.Title)
	}
	require.Greater(t, asked, 10)
	for _, v := range dashboard.Templating.List {
		if v.Type == "query" {
			var query struct{ Query string }
			require.NoError(t, json.Unmarshal(v.Query, &query))
			m := regexp.MustCompile(`^label_values\((\w+), (\w+)\)$`).FindStringSubmatch(query.Query)
			require.NotNil(t, m, query.Query)
			require.NoError(t, all.has(m[1], m[2], ""))
		}
	}
}

// filled puts something in the place of Grafana's variables.
func filled(expr string) string {
	return strings.NewReplacer("$__rate_interval", "5m", "$pipeline", ".*").Replace(expr)
}

// The checks find what is wrong.
func TestWhatIsNotExportedIsFound(t *testing.T) {
	all := exported(t)
	for expr, want := range map[string]string{
		`rxcql_run`:                                              "no metric rxcql_run",
		`rate(rxcql_stage_retry_total[5m])`:                      "no metric rxcql_stage_retry_total",
		`rxcql_runs{stage="x"}`:                                  "rxcql_runs has no label stage",
		`rxcql_runs_ended_total{state="broken"}`:                 `no state "broken"`,
		`sum by (host) (rxcql_runs)`:                             "no label host",
		`sum by (pipeline) (rxcql_runs) / on (stage) rxcql_runs`: "no label stage",
		`rate(rxcql_runs[5m])`:                                   "rate of the gauge rxcql_runs",
		`rxcql_stage_running{kind="drain"}`:                      `no kind "drain"`,
		`rxcql_runs > `:                                          "parse error",
		`max by (kind) (sum by (stage) (rxcql_stage_running))`:   "no label kind",
		`sum by (pipeline) (rate(rxcql_runs_ended_total[5m])) and on (state) rxcql_runs == 1`: "no label state",
	} {
		_, err := all.check(expr)
		require.ErrorContains(t, err, want, expr)
	}
}

// metrics are the values of each label of each metric that is exported.
type metrics map[string]*exposed

type exposed struct {
	counter bool
	labels  map[string]map[string]bool
}

// has tells why a metric has no such label, or no such value of a label whose values are not names.
func (m metrics) has(name, label, value string) error {
	of := m[name]
	if of == nil {
		return fmt.Errorf("no metric %s", name)
	}
	values := of.labels[label]
	if label != "" && values == nil {
		return fmt.Errorf("%s has no label %s", name, label)
	}
	switch {
	case value == "", label == "pipeline", label == "stage", values[value]:
	case label == "kind" && slices.Contains([]flow.Kind{flow.Source, flow.Step, flow.Boundary, flow.Sink}, flow.Kind(value)):
	default:
		return fmt.Errorf("%s has no %s %q", name, label, value)
	}
	return nil
}

// check tells what is wrong with an expression, or else which labels its results have.
func (m metrics) check(expr string) (left map[string]bool, err error) {
	tree, err := parser.ParseExpr(expr)
	if err != nil {
		return nil, err
	}
	return m.labels(tree)
}

// labels tells which labels the results of a part of an expression have.
func (m metrics) labels(e parser.Node) (left map[string]bool, err error) {
	switch e := e.(type) {
	case *parser.VectorSelector:
		return m.selected(e)
	case *parser.AggregateExpr:
		if left, err = m.labels(e.Expr); err != nil {
			return nil, err
		}
		if err := among(e.Grouping, left); err != nil {
			return nil, err
		}
		return only(e.Grouping), nil
	case *parser.BinaryExpr:
		return m.both(e)
	case *parser.Call:
		if err := m.rates(e); err != nil {
			return nil, err
		}
	}
	left = make(map[string]bool)
	for child := range parser.ChildrenIter(e) {
		of, err := m.labels(child)
		if err != nil {
			return nil, err
		}
		for l := range of {
			left[l] = true
		}
	}
	return left, nil
}

func (m metrics) selected(s *parser.VectorSelector) (map[string]bool, error) {
	left := make(map[string]bool)
	if err := m.has(s.Name, "", ""); err != nil {
		return nil, err
	}
	for _, match := range s.LabelMatchers {
		if match.Name == model.MetricNameLabel {
			continue
		}
		value := match.Value
		if match.Type != labels.MatchEqual {
			value = ""
		}
		if err := m.has(s.Name, match.Name, value); err != nil {
			return nil, err
		}
	}
	for l := range m[s.Name].labels {
		left[l] = true
	}
	return left, nil
}

// both sides of an operator must have the labels that they are matched by.
func (m metrics) both(e *parser.BinaryExpr) (map[string]bool, error) {
	left, err := m.labels(e.LHS)
	if err != nil {
		return nil, err
	}
	right, err := m.labels(e.RHS)
	if err != nil {
		return nil, err
	}
	if match := e.VectorMatching; match != nil && match.On {
		if err := among(match.MatchingLabels, left); err != nil {
			return nil, err
		}
		if err := among(match.MatchingLabels, right); err != nil {
			return nil, err
		}
		if !e.Op.IsSetOperator() && match.Card == parser.CardOneToOne {
			return only(match.MatchingLabels), nil
		}
	}
	return left, nil
}

// rates are of counters.
func (m metrics) rates(c *parser.Call) error {
	if c.Func.Name != "rate" && c.Func.Name != "increase" {
		return nil
	}
	over, ok := c.Args[0].(*parser.MatrixSelector)
	if !ok {
		return fmt.Errorf("the %s of something else than a metric", c.Func.Name)
	}
	name := over.VectorSelector.(*parser.VectorSelector).Name
	if of := m[name]; of != nil && !of.counter {
		return fmt.Errorf("the %s of the gauge %s", c.Func.Name, name)
	}
	return nil
}

func among(wanted []string, have map[string]bool) error {
	for _, l := range wanted {
		if !have[l] {
			return fmt.Errorf("no label %s on what it is grouped or matched by", l)
		}
	}
	return nil
}

func only(names []string) map[string]bool {
	all := make(map[string]bool)
	for _, l := range names {
		all[l] = true
	}
	return all
}
