package operators

import "github.com/rxcql/rxcql/rx"

// ResumeWith goes on with other when its upstream fails: ReactiveX's onErrorResumeNext with a stream that does not
// depend on the error; [Catch] is given it. With when given, it does so only if one of them is true for the error; [Is]
// makes them. What was emitted before the failure is not repeated.
//
// A consumer that has stopped, also because it failed, is no failure of upstream, nor is the context's end.
//
// Ordered. Not concurrent. Buffers nothing. On error: runs other, whose error is passed on, as are those that when is
// not true for.
func ResumeWith[T any](src, other rx.Observable[T], when ...func(error) bool) rx.Observable[T] {
	given("ResumeWith", src, other, when)
	return Catch(src, func(err error) rx.Observable[T] {
		if !matches(err, when) {
			return rx.Fail[T](err)
		}
		return other
	})
}
