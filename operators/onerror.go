package operators

import "context"

// SkipItem is an [OnError] that drops every item on which the function failed: Pekko's resuming decider. Pass it last,
// as the rules after it are not asked.
//
//	numbers := op.TryMap(lines, parse, op.SkipItem)
func SkipItem[T any](context.Context, *Failure[T]) Decision { return Resume }

// RetryItem makes an [OnError] that calls the function again with the item on which it failed, after waiting as b says,
// until it succeeds or b's attempts are used up; then it says [Stop], so that the next rule is asked. With when given,
// an error is retried only if one of them is true for it; [Is] makes them.
//
//	patient := op.RetryItem[ID](op.Backoff{Attempts: 3}, op.Is(ErrBusy))
//	answers := op.MapAsync(ids, 16, ask, patient, op.SkipItem)
//
// It is told of failures only and cannot count what a Budget in b is a share of: THE FUNCTION THAT IS CALLED MUST CALL
// [Budget.Request], or the budget allows nothing but what it has a second. [Backoff] has an example.
//
// The wait is where the function was called, and ends early with the context: with n calls at the same time, others
// go on. Unlike [Retry], nothing is repeated but the call.
func RetryItem[T any](b Backoff, when ...func(error) bool) OnError[T] {
	given("RetryItem", when)
	return func(ctx context.Context, f *Failure[T]) Decision {
		if !matches(f.Err, when) || !b.Allow(f.Attempts) || b.Wait(ctx, f.Attempts) != nil {
			return Stop
		}
		return Again
	}
}
