package stage

import (
	"context"
	"time"
)

// Host keeps the runs of the contexts that it is in.
type Host interface {
	// Begin is told of a run before its first stage begins.
	Begin(*Run)
	// End is told of its end.
	End(*Run)
	// Ticker is for the meters of all runs.
	Ticker() *Ticker
}

type key struct{}

// With returns a context in which stages make themselves known to h.
func With(ctx context.Context, h Host) context.Context {
	return context.WithValue(ctx, key{}, &Probe{host: h})
}

// WithName returns a context in which a run that begins gets a name.
func WithName(ctx context.Context, name string) context.Context {
	at, _ := ctx.Value(key{}).(*Probe)
	if at == nil || at.run != nil {
		return ctx
	}
	return context.WithValue(ctx, key{}, &Probe{host: at.host, name: name})
}

// On tells whether a stage that begins with ctx has a monitor.
func On(ctx context.Context) bool {
	at, _ := ctx.Value(key{}).(*Probe)
	return at != nil && (at.run == nil || !at.run.over.Load())
}

// From returns the probe of the stage that gave ctx to what is upstream of it, or to a function of the user's; nil if
// there is no monitor, or no stage.
func From(ctx context.Context) *Probe {
	p, _ := ctx.Value(key{}).(*Probe)
	if p == nil || p.stage == nil {
		return nil
	}
	return p
}

// Begin notes that a stage begins to run: in the run of ctx, or, if it is in none, as one of its own, which ends when the
// stage does. What is upstream of the stage gets the context that it returns. It returns ctx and nil if ctx has no host.
func Begin(ctx context.Context, kind Kind, name string) (context.Context, *Probe) {
	return begin(ctx, kind, name, kind == Boundary)
}

// begin is Begin. plain is for stages whose names tell nothing of a run that begins with them.
func begin(ctx context.Context, kind Kind, name string, plain bool) (context.Context, *Probe) {
	at, _ := ctx.Value(key{}).(*Probe)
	if at == nil || at.run != nil && at.run.over.Load() {
		return ctx, nil
	}
	p := at.begin(kind, name, plain)
	p.outer = ctx
	return context.WithValue(ctx, key{}, p), p
}

// BeginRun begins a run that is named by itself, and consists of the stages that begin in the context that it returns,
// until [Probe.End]. It returns ctx and nil if ctx has no host.
func BeginRun(ctx context.Context, name string) (context.Context, *Probe) {
	at, _ := ctx.Value(key{}).(*Probe)
	if at == nil {
		return ctx, nil
	}
	p := &Probe{host: at.host, owner: true, outer: ctx}
	p.run = newRun(p.host, name, true)
	return context.WithValue(ctx, key{}, p), p
}

// epoch is what the times of phases are relative to.
var epoch = time.Now()

// Now is the time on the monotonic clock.
func Now() time.Duration { return time.Since(epoch) }
