package async

import (
	"context"
	"errors"
	"runtime"
	"runtime/debug"
	"sync"

	"github.com/rxcql/rxcql/internal/demand"
	"github.com/rxcql/rxcql/internal/stage"
	"github.com/rxcql/rxcql/rx"
)

// errLeft is the cause of the context of a group whose run is over.
var errLeft = errors.New("rx: the consumer has left")

// Group owns the goroutines of one run of an operator.
type Group struct {
	ctx    context.Context
	apart  context.Context // ctx without the consumer's demand
	cancel context.CancelCauseFunc
	wg     sync.WaitGroup
	probe  *stage.Probe // nil if nobody watches

	mu       sync.Mutex
	over     bool           // the body has ended, and nothing more is borrowed
	panicked *rx.PanicError // the first panic on a goroutine of the group
	goexit   bool           // a goroutine of the group called runtime.Goexit
}

// Run calls body with a new group and returns its result. Before Run returns, and also when body panics or exits its
// goroutine, the group's context is cancelled and all its goroutines have ended. If body returned normally and a
// goroutine of the group had panicked, Run panics with that as a *rx.PanicError; if one had called runtime.Goexit,
// so does Run.
func Run(ctx context.Context, body func(g *Group) error) error { return run(ctx, nil, body) }

// Boundary is [Run] for an operator of that name whose upstream runs on goroutines of the group, by [Group.Upstream], and
// whose consumer is on the run's: a boundary that a monitor sees.
func Boundary(ctx context.Context, name string, body func(g *Group) error) error {
	upstream, p := stage.Begin(ctx, stage.Boundary, name)
	if p == nil {
		return run(ctx, nil, body)
	}
	defer p.End(stage.ErrPanicked, false) // if body does not return
	err := run(upstream, p, body)
	p.End(err, false)
	return err
}

func run(ctx context.Context, p *stage.Probe, body func(g *Group) error) error {
	g := &Group{probe: p}
	g.ctx, g.cancel = context.WithCancelCause(ctx)
	g.apart = demand.Without(g.ctx)
	defer g.stop()
	err := body(g)
	g.stop()
	if g.panicked != nil {
		panic(g.panicked)
	}
	if g.goexit {
		runtime.Goexit()
	}
	return err
}

func (g *Group) stop() {
	g.mu.Lock()
	g.over = true
	g.mu.Unlock()
	g.cancel(errLeft)
	g.wg.Wait()
}

// Done is closed when the run was cancelled from outside or a goroutine of the group panicked.
func (g *Group) Done() <-chan struct{} { return g.ctx.Done() }

// Context is for what runs under the group's control on the run's goroutine: derived from the run's, and cancelled when
// the run is over.
func (g *Group) Context() context.Context { return g.ctx }

// Go runs f on a goroutine of the group. A panic or Goexit of f cancels the group. Only the run's goroutine and
// goroutines of the group may call it. f's context is the group's, without the demand of a subscriber: what f fills,
// the bounded buffer of an asynchronous boundary, is the demand for what f runs.
func (g *Group) Go(f func(ctx context.Context)) {
	g.wg.Add(1)
	go g.call(f)
}

// Upstream is [Group.Go] for an f that runs what is upstream of the operator.
func (g *Group) Upstream(f func(ctx context.Context)) {
	if g.probe == nil {
		g.Go(f)
		return
	}
	g.Go(func(ctx context.Context) {
		began := g.probe.Start(stage.Inner)
		defer g.probe.Stop(stage.Inner, began)
		f(ctx)
	})
}

// Probe is for what a monitor is told of the operator; nil if there is none.
func (g *Group) Probe() *stage.Probe { return g.probe }

// Borrow runs f on the calling goroutine, which is not the group's, as if by Go: the run does not end before f has, and
// a panic of f is raised on the run's goroutine instead of this one. It returns false, without having called f, if the
// run is over. Any goroutine may call it, at any time.
func (g *Group) Borrow(f func(ctx context.Context)) bool {
	g.mu.Lock()
	if g.over {
		g.mu.Unlock()
		return false
	}
	g.wg.Add(1) // under the lock, since Wait must not have begun
	g.mu.Unlock()
	g.call(f)
	return true
}

// call runs f as a part of the run, which has counted it.
func (g *Group) call(f func(ctx context.Context)) {
	defer g.wg.Done()
	returned := false
	defer func() {
		if !returned {
			g.abort(recover())
		}
	}()
	f(g.apart)
	returned = true
}

// abort notes how a goroutine ended that did not return; value is nil for a Goexit.
func (g *Group) abort(value any) {
	g.mu.Lock()
	switch {
	case value == nil:
		g.goexit = true
	case g.panicked == nil:
		// A panic that crossed a boundary upstream of this one is already what the consumer is to see.
		if p, ok := value.(*rx.PanicError); ok {
			g.panicked = p
		} else {
			g.panicked = &rx.PanicError{Value: value, Stack: debug.Stack()}
		}
	}
	g.mu.Unlock()
	g.cancel(errLeft)
}
