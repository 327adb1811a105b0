package flow

import (
	"cmp"
	"maps"
	"slices"

	"github.com/rxcql/rxcql/internal/stage"
)

// totals are a Pipeline that is being added to.
type totals struct {
	Pipeline
	byKey map[totalKey]int // in Stages
}

type totalKey struct {
	kind Kind
	name string
}

// mostTotals is how many stages of a pipeline are told apart.
const mostTotals = 256

// total gives the totals of a name. k.mu is held.
func (k *keeper) total(name string) *totals { return totalOf(k.totals, name, k.options.Pipelines) }

// totalOf gives the totals of a name, of which there are so many at most.
func totalOf(all map[string]*totals, name string, most int) *totals {
	t := all[name]
	if t == nil && len(all) >= most {
		name = Others
		t = all[name]
	}
	if t == nil {
		t = &totals{Pipeline: Pipeline{Name: name, Stages: []Stage{}}, byKey: make(map[totalKey]int)}
		all[name] = t
	}
	return t
}

// end adds a run that has ended.
func (t *totals) end(s stage.State, all []Stage) {
	switch s {
	case stage.Completed:
		t.Completed++
	case stage.Failed:
		t.Failed++
	case stage.Canceled:
		t.Canceled++
	default:
		t.Left++
	}
	for i := range all {
		t.add(all[i], false)
	}
}

// add adds a stage, with what it has at the moment if it is under way.
func (t *totals) add(s Stage, live bool) {
	key := totalKey{s.Kind, s.Name}
	i, ok := t.byKey[key]
	if !ok && len(t.Stages) >= mostTotals {
		key.name = Others
		i, ok = t.byKey[key]
	}
	if !ok {
		i = len(t.Stages)
		t.byKey[key] = i
		t.Stages = append(t.Stages, Stage{Name: key.name, Kind: key.kind})
	}
	to := &t.Stages[i]
	to.Begun += s.Begun
	to.In += s.In
	to.Out += s.Out
	to.Seconds.Upstream += s.Seconds.Upstream
	to.Seconds.Own += s.Seconds.Own
	to.Seconds.Downstream += s.Seconds.Downstream
	to.Seconds.Requests += s.Seconds.Requests
	to.Errors += s.Errors
	to.Retries += s.Retries
	to.Drops += s.Drops
	if live {
		to.Running += s.Running
		to.Buffer.Now += s.Buffer.Now
		to.Buffer.Max += s.Buffer.Max
		to.Calls.Now += s.Calls.Now
		to.Calls.Max += s.Calls.Max
	}
	for _, v := range s.Values {
		if live || !v.Gauge {
			to.Values = addValue(to.Values, v)
		}
	}
}

func addValue(to []Value, v Value) []Value {
	i, ok := slices.BinarySearchFunc(to, v.Name, func(v Value, name string) int { return cmp.Compare(v.Name, name) })
	if ok {
		to[i].add(v)
		return to
	}
	return slices.Insert(to, i, v)
}

// copied gives totals that may be added to while the others are.
func (t *totals) copied() *totals {
	c := &totals{Pipeline: t.Pipeline, byKey: maps.Clone(t.byKey)}
	c.Stages = slices.Clone(t.Stages)
	for i := range c.Stages {
		c.Stages[i].Values = slices.Clone(c.Stages[i].Values)
	}
	return c
}

// pipelines copies all totals. k.mu is held.
func (k *keeper) pipelines() map[string]*totals {
	all := make(map[string]*totals, len(k.totals))
	for name, t := range k.totals {
		all[name] = t.copied()
	}
	return all
}

// sorted gives the pipeline with its stages in the order of their kinds and names.
func (t *totals) sorted() Pipeline {
	slices.SortFunc(t.Stages, func(a, b Stage) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	})
	for i := range t.Stages {
		t.Stages[i].ID = i
	}
	return t.Pipeline
}
