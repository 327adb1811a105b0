// Package bridge joins streams with those of github.com/reactivex/rxgo/v2, both ways.
//
//	bridge.To(src)                  // goes wherever rxgo takes an Observable or an Iterable
//	bridge.From[Reading](obs)       // what rxgo makes of something, as a typed stream
//	bridge.Via[Reading, string](src, func(in rxgo.Observable) rxgo.Observable {
//		return in.Map(…).Distinct(…)    // operators of rxgo's in the middle of a pipeline
//	})
//
// It is for programs that have rxgo already. Others are better served by package operators: it has what rxgo has (see
// the table below), typed, and without a goroutine and a channel per operator; bench/operators compares their speeds.
// No other package of this module imports rxgo, and so only programs that import this one link it; rxgo in turn links
// testify and net/http.
//
// # What crosses
//
// Context: rxgo is made to observe with a context that ends with the run, however that ends. Errors cross as they are,
// once: an error of ours is rxgo's error item, and the first error item is the end of a stream of ours. Backpressure:
// rxgo's channels are unbuffered unless an option says otherwise, so our stream is as many items ahead as there are
// operators between. Panics of our streams cross by [Via] and [From] as everywhere here. An item of the wrong type is a
// [*TypeError].
//
// A run that has returned has left no stream of ours behind; with From and To instead of Via that holds for those which
// rxgo observed with the run's context, as lazy operators do. It does not wait for rxgo's own goroutines, which have
// been told to end, since some never do.
//
// # What to know of rxgo v2.5.0
//
// Each of these was tried, or read in its source.
//
// It leaves goroutines behind:
//
//   - Observed without [rxgo.WithContext], every operator that is left before its end, by Take, First, Find, an error or
//     a reader that stops, blocks for ever with everything before it. From and Via observe with one.
//   - Operators and factories that start when they are called know only the context that they are given then:
//     BackOffRetry, GroupBy, GroupByDynamic, Retry, Sample, SequenceEqual, Serialize, StartWith, ZipFromIterable, Amb,
//     CombineLatest, Concat, Create, Interval, Merge, Start, Timer, and all with the Eager strategy. So too those that
//     make a Single: All, Average…, Contains, Count, ElementAt, FirstOrDefault, LastOrDefault, ToMap. Give them
//     WithContext with a context that you cancel when the stream has been read; in a function given to Via, one made
//     around the reading.
//   - Amb, CombineLatest, Concat, Merge, Sample and the Window operators send without looking at any context. Their
//     goroutines end only if what they make is read to its end. Use Merge and Concat of package operators instead.
//   - FromEventSource and Interval never forget an observer, and block all the others for one that has left.
//     [rx.Interval] can be given to To.
//
// It takes a context's end for the stream's: whatever is observed under a context that ends looks complete. Streams from
// From and Via end with the error instead, as far as the context is the run's own, and Via also where it was given to
// an operator.
//
// It can be observed once only:
//
//   - BufferWithTime, BufferWithTimeOrCount, Debounce, FlatMap, Join, TimeInterval, WindowWithTime,
//     WindowWithTimeOrCount and the Singles close a closed channel the second time, and end the process. Those that
//     start when they are called give the second observer nothing, or some of the items.
//   - A Single or OptionalSingle that is observed twice at once has a data race.
//   - So build such chains anew for each run: Via does, and [rx.Defer] for From.
//
// It ends the process: by a panic in any function that it was given; Just(nil); TakeLast(0); a key for Distinct,
// DistinctUntilChanged or ToMap that cannot be compared; FromEventSource may hang for ever after a cancel instead.
//
// It gets results wrong:
//
//   - Take(n) is complete only when item n+1 comes, which it takes from its source and drops. An error in that place
//     fails it.
//   - SkipLast(n) gives the first n items.
//   - Count hides an error. Sample, Debounce and Repeat lose or invent items at the end: Debounce drops the last item,
//     Repeat(n) gives the items n+1 times and keeps all of them in memory.
//   - BufferWithCount, Last, LastOrDefault, TakeLast, Max, Min, All, Contains and Repeat send what they hold after an
//     error. Here that is lost, as the error is the end. BufferWithTimeOrCount may exceed its count.
//   - FlatMap, GroupBy and GroupByDynamic call their function with error items too: return rxgo.Thrown(i.E) for one, or
//     the error is lost.
//   - The error of FirstOrDefault, LastOrDefault and ElementAt may come with an item after it.
//   - OnErrorReturn and OnErrorReturnItem go on reading after the error.
//   - CombineLatest calls its function with a nil in the place of a stream's first item, at times. ZipFromIterable does
//     not notice that the second stream has ended as long as the first has no item.
//   - Just flattens slices and channels, at all depths. [To] and [rx.From] do not.
//   - With the strategy ContinueOnError items come after an error. From ends at the first one.
package bridge
