// Package async holds what asynchronous operators are made of: a [Group] that owns the goroutines of one run, a
// [Queue] that carries items from producers on those goroutines to the consumer on the run's, and a [Window] that
// makes calls with a stream's items, several at a time.
//
// An operator calls [Run] inside its own run; everything it starts through the group has ended when Run returns, on
// whatever way it returns: rules 2 and 6 of rx's contract. The operator's yield stays on the goroutine that called
// Run: rule 1.
package async
