// Package rxtest checks that a stream keeps the contract of package rx, rule by rule, as a reusable test.
//
// [Source] checks a source, or any ready-made Observable: what it yields and how it ends, and how it takes a consumer
// that stops, panics or exits at every item, a context that ends before, during or between items, and several runs at
// once.
//
//	rxtest.Source(t, rxtest.Case[int]{
//		New:  func() rx.Observable[int] { return rx.Range(1, 3) },
//		Want: []int{1, 2, 3},
//	})
//
// [Operator] checks an operator: the same, and how it treats its upstream, for which it gets instrumented ones that
// complete, fail, go on for ever, block, panic or exit after every number of items.
//
//	rxtest.Operator(t, []int{1, 2, 3}, func(src rx.Observable[int]) rx.Observable[string] {
//		return op.Map(src, strconv.Itoa)
//	})
//
// [Publisher] checks by the rules of Reactive Streams what a subscriber gets that requests items in all ways.
//
//	rxtest.Publisher(t, rxtest.Publication[int]{
//		New:  func() rxtest.Subscribable[int] { return rx.Range(1, 3) },
//		Want: []int{1, 2, 3},
//	})
//
// A failure names the rule that was broken and the scene in which it was, for example:
//
//	rx contract, rule 3 (one result): the consumer stops at item 2: run returned "boom", want nil
//
// # Virtual time
//
// All may be called inside a testing/synctest bubble, and should be where the stream allows it: then a hang is
// noticed at once instead of after 20 seconds, "promptly" is measured (100 ms of virtual time), and streams that wait
// for time need none.
//
//	synctest.Test(t, func(t *testing.T) { rxtest.Operator(t, …) })
//
// Streams that use the network, or anything else that was made outside of the bubble, are checked without one: a
// goroutine that waits on a channel or context from outside stops the bubble's clock, and the test hangs for real. A
// stream that leaves a blocked goroutine behind fails its test and then ends the test binary, because a bubble cannot
// be left before its goroutines.
//
// # Limits
//
// A goroutine that run does not wait for, but that ends by itself within a moment, is only found where it runs an
// operator's upstream. Goroutines are told apart by a profiler label that is inherited from the run's goroutine, so
// other tests may run in parallel; a stream that starts goroutines for something shared, as a session's connections,
// names them in [Case].Foreign.
//
// What only an operator's purpose says is for its own tests: which items come out, that its own error outranks its
// upstream's, and that siblings which it has cancelled do not supply the result.
package rxtest
