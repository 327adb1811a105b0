package flow

import "slices"

// PipelineBottleneck is a stage of a [Pipeline] that a run waits for.
type PipelineBottleneck struct {
	Pipeline string // the name that it has in Pipelines
	Stage    string // the name that it has in the pipeline
	Kind     Kind
	Share    float64 // of the goroutine's time, as a Bottleneck has it
}

// Bottlenecks gives the stages that the runs which are under way wait for, under the names that their totals have: for
// metrics beside those of [Pipeline]. Where several runs wait for the same stage it has the largest of their shares. Runs
// are left out that nothing can be said of yet, or that began after the totals were added up.
func (s Snapshot) Bottlenecks() []PipelineBottleneck {
	var all []PipelineBottleneck
	for i := range s.Runs {
		r := &s.Runs[i]
		if r.State != Running || r.Bottleneck.Kind == "" {
			continue
		}
		p := s.totalsOf(r)
		if p == nil {
			continue
		}
		b := PipelineBottleneck{Pipeline: p.Name, Stage: p.stageOf(r.Bottleneck), Kind: r.Bottleneck.Kind, Share: r.Bottleneck.Share}
		at := slices.IndexFunc(all, func(o PipelineBottleneck) bool {
			return o.Pipeline == b.Pipeline && o.Stage == b.Stage && o.Kind == b.Kind
		})
		if at < 0 {
			all = append(all, b)
		} else {
			all[at].Share = max(all[at].Share, b.Share)
		}
	}
	return all
}

// totalsOf gives the pipeline that a run is counted in; nil if there is none.
func (s Snapshot) totalsOf(r *Run) *Pipeline {
	for _, name := range []string{r.Name, Others} {
		if i := slices.IndexFunc(s.Pipelines, func(p Pipeline) bool { return p.Name == name }); i >= 0 {
			return &s.Pipelines[i]
		}
	}
	return nil
}

// stageOf gives the name under which the pipeline counts the stage of a bottleneck.
func (p *Pipeline) stageOf(b Bottleneck) string {
	if slices.ContainsFunc(p.Stages, func(s Stage) bool { return s.Kind == b.Kind && s.Name == b.Name }) {
		return b.Name
	}
	return Others
}
