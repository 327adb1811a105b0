package rxprom

import "github.com/rxcql/rxcql/rx/flow"

// series is what a sample is of.
type series struct {
	metric                *metric
	pipeline, stage, kind string
	more                  string // the label that only this metric has
}

// samples are those of one scrape. What gets the same labels is added up.
type samples struct {
	of  *Collector
	sum map[series]float64
}

func (s *samples) pipeline(p *flow.Pipeline) {
	of := series{pipeline: label(p.Name)}
	s.add(runs, of, float64(p.Running))
	for state, n := range map[flow.State]int64{
		flow.Completed: p.Completed, flow.Failed: p.Failed, flow.Canceled: p.Canceled, flow.Left: p.Left,
	} {
		of.more = string(state)
		s.add(runsEnded, of, float64(n))
	}
	for i := range p.Stages {
		s.stage(p, &p.Stages[i])
	}
}

func (s *samples) stage(p *flow.Pipeline, at *flow.Stage) {
	of := stageOf(p.Name, at.Kind, at.Name)
	s.add(stageRunning, of, float64(at.Running))
	s.add(stageBegun, of, float64(at.Begun))
	if at.Kind != flow.Source || at.In > 0 { // an rx.New that is an operator has some
		s.add(stageIn, of, float64(at.In))
	}
	if at.Kind != flow.Sink || at.Out > 0 {
		s.add(stageOut, of, float64(at.Out))
	}
	for part, seconds := range map[string]float64{
		"upstream": at.Seconds.Upstream, "own": at.Seconds.Own, "downstream": at.Seconds.Downstream,
	} {
		of.more = part
		s.add(stageSeconds, of, seconds)
	}
	of.more = ""
	if at.Kind == flow.Sink {
		s.add(stageRequests, of, at.Seconds.Requests)
	}
	s.add(stageErrors, of, float64(at.Errors))
	s.add(stageRetries, of, float64(at.Retries))
	s.add(stageDrops, of, float64(at.Drops))
	if at.Kind == flow.Boundary || at.Buffer != (flow.Level{}) {
		s.add(bufferItems, of, float64(at.Buffer.Now))
		s.add(bufferCapacity, of, float64(at.Buffer.Max))
	}
	if at.Kind == flow.Boundary || at.Calls != (flow.Level{}) {
		s.add(callsInFlight, of, float64(at.Calls.Now))
		s.add(callsLimit, of, float64(at.Calls.Max))
	}
	for _, v := range at.Values {
		if m := s.of.value(v); m != nil {
			s.add(m, of, v.Value)
		}
	}
}

// bottlenecks tells the stages that runs which are under way wait for, by the largest share of those with the same labels.
func (s *samples) bottlenecks(snapshot flow.Snapshot) {
	for _, b := range snapshot.Bottlenecks() {
		of := stageOf(b.Pipeline, b.Kind, b.Stage)
		of.metric = stageBottleneck
		s.sum[of] = max(s.sum[of], b.Share)
	}
}

func stageOf(pipeline string, kind flow.Kind, name string) series {
	return series{pipeline: label(pipeline), kind: string(kind), stage: label(name)}
}

func (s *samples) add(m *metric, of series, v float64) {
	of.metric = m
	s.sum[of] += v
}
