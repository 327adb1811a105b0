package stage

import "context"

// Observe runs src as a stage: a Source or a Step.
func Observe[T any](
	ctx context.Context, kind Kind, name string, src func(context.Context, func(T) bool) error, yield func(T) bool,
) error {
	upstream, p := Begin(ctx, kind, name)
	if p == nil {
		return src(ctx, yield)
	}
	return observed(upstream, p, src, nil, yield)
}

// Drain runs src for a sink that is the consumer of its items. own, if not nil, points to why the sink has failed, if it
// has.
func Drain[T any](
	ctx context.Context, name string, src func(context.Context, func(T) bool) error, own *error, yield func(T) bool,
) error {
	upstream, p := Begin(ctx, Sink, name)
	if p == nil {
		return src(ctx, yield)
	}
	return observed(upstream, p, src, own, yield)
}

func observed[T any](
	ctx context.Context, p *Probe, src func(context.Context, func(T) bool) error, own *error, yield func(T) bool,
) error {
	m := p.Meter()
	left, returned := false, false
	defer func() {
		m.End(returned)
		p.End(ErrPanicked, left) // if it has not ended
	}()
	err := src(ctx, func(v T) bool {
		m.Enter()
		left = !yield(v)
		m.Leave()
		return !left
	})
	returned = true
	m.End(true)
	if own != nil && *own != nil {
		p.End(*own, false)
	} else {
		p.End(err, left)
	}
	return err
}
