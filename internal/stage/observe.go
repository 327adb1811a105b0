package stage

import "context"

// Observe runs src as a stage: a Source or a Step.
func Observe[T any](
	ctx context.Context, kind Kind, name string, src func(context.Context, func(T) bool) error, yield func(T) bool,
) error {
	return observe(ctx, kind, name, false, src, nil, yield)
}

// Drain runs src for a sink that is the consumer of its items, as so many are that a run is not named after it. own, if not nil, points to why the sink has failed, if it
// has.
func Drain[T any](
	ctx context.Context, name string, src func(context.Context, func(T) bool) error, own *error, yield func(T) bool,
) error {
	return observe(ctx, Sink, name, true, src, own, yield)
}

func observe[T any](
	ctx context.Context, kind Kind, name string, plain bool,
	src func(context.Context, func(T) bool) error, own *error, yield func(T) bool,
) error {
	upstream, p := begin(ctx, kind, name, plain)
	if p == nil {
		return src(ctx, yield)
	}
	left := false
	defer func() { p.End(ErrPanicked, left) }() // if it has not ended
	err := metered(upstream, p, src, &left, yield)
	if own != nil && *own != nil {
		p.End(*own, false)
	} else {
		p.End(err, left)
	}
	return err
}

// Consume calls sink with src as a stage: for sinks that do more than run a stream.
func Consume[T any](
	ctx context.Context, name string, src func(context.Context, func(T) bool) error,
	sink func(ctx context.Context, src func(context.Context, func(T) bool) error) error,
) error {
	upstream, p := Begin(ctx, Sink, name)
	if p == nil {
		return sink(ctx, src)
	}
	defer p.End(ErrPanicked, false) // if it has not ended
	err := sink(upstream, func(ctx context.Context, yield func(T) bool) error {
		left := false
		return metered(ctx, p, src, &left, yield)
	})
	p.End(err, false)
	return err
}

// Counted is Metered for a src whose items count as many.
func Counted[T any](
	ctx context.Context, p *Probe, src func(context.Context, func(T) bool) error, count func(T) int, yield func(T) bool,
) error {
	if p == nil {
		return src(ctx, yield)
	}
	m := p.Meter()
	returned := false
	defer func() { m.End(returned) }()
	err := src(ctx, func(v T) bool {
		m.Enter(count(v))
		ok := yield(v)
		m.Leave()
		return ok
	})
	returned = true
	return err
}

// Metered runs src for a consumer that is a part of a sink, which p is of; nil is for none.
func Metered[T any](
	ctx context.Context, p *Probe, src func(context.Context, func(T) bool) error, yield func(T) bool,
) error {
	if p == nil {
		return src(ctx, yield)
	}
	left := false
	return metered(ctx, p, src, &left, yield)
}

// metered runs src with a meter, and notes in left whether its consumer has left.
func metered[T any](
	ctx context.Context, p *Probe, src func(context.Context, func(T) bool) error, left *bool, yield func(T) bool,
) error {
	m := p.Meter()
	returned := false
	defer func() { m.End(returned) }()
	err := src(ctx, func(v T) bool {
		m.Enter(1)
		ok := yield(v)
		m.Leave()
		if !ok {
			*left = true
		}
		return ok
	})
	returned = true
	return err
}
