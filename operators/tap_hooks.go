package operators

import (
	"context"
	"fmt"
)

// What a value can have to be a tap by [HooksOf]: one of these, or several.
type (
	// StartHook has Hooks.OnStart.
	StartHook interface{ OnStart() }
	// NextHook has Hooks.OnNext.
	NextHook[T any] interface{ OnNext(T) }
	// ItemHook is for who does not care what an item is: it stands for Hooks.OnNext of any T.
	ItemHook interface{ OnItem() }
	// AfterNextHook has Hooks.AfterNext.
	AfterNextHook[T any] interface{ AfterNext(T) }
	// ErrorHook has Hooks.OnError.
	ErrorHook interface{ OnError(error) }
	// CompleteHook has Hooks.OnComplete.
	CompleteHook interface{ OnComplete() }
	// CancelHook has Hooks.OnCancel.
	CancelHook interface{ OnCancel() }
	// RunHook has Hooks.PerRun.
	RunHook[T any] interface {
		PerRun(context.Context) Hooks[T]
	}
	// HooksGiver gives all of them, as an [AsyncTap] does.
	HooksGiver[T any] interface{ Hooks() Hooks[T] }
)

// HooksOf makes Hooks of values that have some of the methods above, each what it cares about. A value may also be Hooks
// itself. All are called in the order given.
//
//	var counts op.Counts
//	rows = op.Tap(rows, op.HooksOf[Row](&counts, op.Sizes(sizes, Row.Size)))
//
// It panics if one has none of the methods, as one has whose OnNext takes another type.
func HooksOf[T any](taps ...any) Hooks[T] {
	var all Hooks[T]
	for _, tap := range taps {
		all = all.and(hooksOf[T](tap))
	}
	return all
}

func hooksOf[T any](tap any) (h Hooks[T]) {
	switch t := tap.(type) {
	case Hooks[T]:
		return t
	case HooksGiver[T]:
		return t.Hooks()
	}
	known := false
	if t, ok := tap.(StartHook); ok {
		h.OnStart, known = t.OnStart, true
	}
	if t, ok := tap.(NextHook[T]); ok {
		h.OnNext, known = t.OnNext, true
	} else if t, ok := tap.(ItemHook); ok {
		h.OnNext, known = func(T) { t.OnItem() }, true
	}
	if t, ok := tap.(AfterNextHook[T]); ok {
		h.AfterNext, known = t.AfterNext, true
	}
	if t, ok := tap.(ErrorHook); ok {
		h.OnError, known = t.OnError, true
	}
	if t, ok := tap.(CompleteHook); ok {
		h.OnComplete, known = t.OnComplete, true
	}
	if t, ok := tap.(CancelHook); ok {
		h.OnCancel, known = t.OnCancel, true
	}
	if t, ok := tap.(RunHook[T]); ok {
		h.PerRun, known = t.PerRun, true
	}
	if !known {
		panic(fmt.Sprintf("operators.HooksOf: a %T has no hook for items of type %T", tap, *new(T)))
	}
	return h
}

// and gives hooks that call h's and then o's.
func (h Hooks[T]) and(o Hooks[T]) Hooks[T] {
	all := Hooks[T]{
		OnStart: inTurn(h.OnStart, o.OnStart), OnNext: inTurnForItems(h.OnNext, o.OnNext), AfterNext: inTurnForItems(h.AfterNext, o.AfterNext),
		OnError: inTurnOf(h.OnError, o.OnError), OnComplete: inTurn(h.OnComplete, o.OnComplete), OnCancel: inTurn(h.OnCancel, o.OnCancel),
		PerRun: h.PerRun,
	}
	switch {
	case h.PerRun == nil:
		all.PerRun = o.PerRun
	case o.PerRun != nil:
		all.PerRun = func(ctx context.Context) Hooks[T] { return h.PerRun(ctx).and(o.PerRun(ctx)) }
	}
	return all
}

// inTurn gives a function that calls f and then g, also if f panics: those of g count on being told starts and ends.
func inTurn(f, g func()) func() {
	switch {
	case f == nil:
		return g
	case g == nil:
		return f
	}
	return func() { defer g(); f() }
}

// inTurnOf is inTurn for what has an argument.
func inTurnOf[V any](f, g func(V)) func(V) {
	switch {
	case f == nil:
		return g
	case g == nil:
		return f
	}
	return func(v V) { defer g(v); f(v) }
}

// inTurnForItems is inTurnOf that does not call g if f panics, nor costs an item what that does: the run has ended then.
func inTurnForItems[T any](f, g func(T)) func(T) {
	switch {
	case f == nil:
		return g
	case g == nil:
		return f
	}
	return func(v T) { f(v); g(v) }
}
