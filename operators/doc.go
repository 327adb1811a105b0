// Package operators transforms and combines streams: functions from [rx.Observable] to [rx.Observable]. By
// convention it is imported as op.
//
// # Direct style
//
// An operator takes the stream that it works on as its first argument and returns the next one. A pipeline is plain
// Go: types are inferred, intermediate streams have names, and nothing runs before somebody reads the last one.
//
//	events := source.Query[Event](session, "SELECT … FROM events WHERE day = ?", day).Rows()
//	big    := op.Filter(events, func(e Event) bool { return e.Size > 1<<20 })
//	ids    := op.Map(big, func(e Event) string { return e.ID })
//	first  := op.Take(ids, 10)
//	for id, err := range first.All(ctx) { … }
//
// Because streams are cold, every one of these may be read more than once, and each reading runs the pipeline anew.
//
// A function that can neither fail nor block is given to the plain form, such as [Map]. One that can gets the run's
// context and returns an error: [TryMap]. What happens after such an error is an argument of the operator that calls
// the function ([OnError]), never a mode of the whole stream. Names are those of ReactiveX, and where it has none,
// those of Pekko Streams.
//
// # What every operator tells
//
// Each operator's comment ends with these facts, in these words:
//
//   - Ordered: what comes out is in the order of what came in. Not ordered: it need not be.
//   - Not concurrent: everything, the given functions included, happens on the goroutine that runs the stream; the
//     operator starts none, or one that only waits for what it says, such as a context's end. Concurrent: it says what
//     runs at the same time. Its yield never does.
//   - Buffers nothing: an item that came in has gone out, or was dropped on purpose, before the next is asked for.
//     Otherwise it says how many items it holds or reads ahead at most.
//   - On error: what it does when its upstream fails. "Passes it on" means that the stream ends with the same error,
//     after everything that came before it.
//   - On cancel: what it does when the context ends, where there is more to say than that the stream ends with it.
//
// The rest is the same for all and is the contract of package rx: an operator ends when its consumer leaves, ends
// promptly with the context, keeps no state between runs, lets panics pass, and leaves nothing behind.
//
// Arguments that make no sense, such as a buffer of less than one item or a nil stream or function, are mistakes in the
// program and panic when the operator is called, not when the stream runs.
//
// A stage that is not concurrent costs a few nanoseconds an item, beside the functions given to it, and allocates
// nothing but what it emits. Stages that are concurrent cost more; where two goroutines meet, items change hands in
// slices, not one by one.
//
// # The operators
//
// ReactiveX's names, and Pekko's marked (P). Package rx/bridge has a table of every operator of rxgo's and what takes
// its place here.
//
//	operator              also known as                      ordered     concurrent           buffers at most
//	Map                   map                                yes         no                   nothing
//	TryMap                mapAsync(1) with supervision (P)   yes         no                   nothing
//	MapAsync              mapAsync (P)                       yes         upstream, n calls    n items
//	MapAsyncUnordered     mapAsyncUnordered (P)              no          upstream, n calls    n items
//	MapAsyncPartitioned   mapAsyncPartitioned (P)            per key     upstream, n calls    n items
//	LookupJoin            groupedWithin with mapAsync (P)    yes         upstream, n calls    n batches, and 2 to 3
//	GroupBy               groupBy, merged                    per key     upstream, keys       64 items a key, and 64
//	ReduceByKey           groupBy with fold (P)              yes         no                   max keys and accumulators
//	Divert                divertTo (P)                       yes         the sink             64 items
//	Filter                filter                             yes         no                   nothing
//	FilterMap             collect (P)                        yes         no                   nothing
//	Unbatch               mapConcat (P)                      yes         no                   nothing
//	Take                  take                               yes         no                   nothing
//	TakeWhile             takeWhile                          yes         no                   nothing
//	Skip                  skip, drop (P)                     yes         no                   nothing
//	SkipWhile             skipWhile, dropWhile (P)           yes         no                   nothing
//	TakeLast              takeLast                           yes         no                   n items
//	SkipLast              skipLast                           yes         no                   n items
//	Last                  last                               yes         no                   1 item
//	Find                  find, first with a predicate       yes         no                   nothing
//	Distinct              distinct                           yes         no                   max keys
//	DistinctUntilChanged  distinctUntilChanged               yes         no                   1 key
//	DefaultIfEmpty        defaultIfEmpty                     yes         no                   nothing
//	OrElse                switchIfEmpty, orElse (P)          yes         no                   nothing
//	Scan                  scan with a seed                   yes         no                   the accumulator
//	Reduce                reduce with a seed, fold (P)       yes         no                   the accumulator
//	StatefulMap           statefulMap (P)                    yes         no                   the state
//	Pairwise              pairwise, sliding(2) (P)           yes         no                   1 item
//	Buffer                buffer by count, grouped (P)       yes         no                   n-1 items
//	BufferBy              buffer, groupedWeightedWithin (P)  yes         upstream, if timed   2 buffers if timed, else 1
//	BufferAdjacent        bufferUntilChanged                 yes         no                   max-1 items
//	SplitWhen             splitWhen (P)                      yes         no                   max-1 items
//	SplitAfter            splitAfter (P)                     yes         no                   max-1 items
//	Window                window with reduce, by event time  yes         no                   size/every accumulators
//	Concat                concat                             yes         no                   nothing
//	StartWith             startWith, prepend (P)             yes         no                   nothing
//	ConcatMap             concatMap, flatMapConcat (P)       yes         no                   nothing
//	Merge                 merge                              per stream  n streams            64 items
//	Interleave            interleave (P)                     yes         all streams          64 items a stream
//	MergeSorted           mergeSorted (P)                    yes         all streams          64 items a stream
//	JoinSorted            SQL's merge join                   yes         both streams         64 items a stream, max equal
//	Zip                   zip                                yes         both streams         64 items a stream
//	CombineLatest         combineLatest                      per stream  both streams         64 items
//	FlatMap               flatMap, flatMapMerge (P)          per stream  upstream, n streams  64 items
//	Prefetch              observeOn, buffer (P)              yes         upstream             n items
//	Conflate              conflateWithSeed (P)               yes         upstream             one accumulator
//	Batch                 batch (P)                          yes         upstream             max items
//	Sample                sample, RxJava's throttleLast      yes         upstream             one item
//	Debounce              debounce                           yes         upstream             one item
//	ThrottleFirst         throttleFirst                      yes         no                   nothing
//	ThrottleLast          RxJS's auditTime                   yes         upstream             one item
//	OnOverflow            onBackpressureBuffer, -Drop, …     yes         upstream             n items
//	Throttle              throttle (P)                       yes         no                   nothing
//	Timeout               timeout                            yes         no, one waits        nothing
//	Until                 takeUntil                          yes         no, one waits        nothing
//	Killable              KillSwitch (P)                     yes         no, one waits        nothing
//	Broadcast             Broadcast (P), publish, connect    yes         the source, sinks    64 items a sink
//	Hub.Feed              MergeHub (P)                       yes         no, one waits        nothing
//	Hub.Stream            BroadcastHub (P)                   per feed    the feeds            n items
//	DeadLetters           dead letter channel                yes         the sink             64 failures
//	Retry                 retryWhen with a backoff           yes         no                   nothing
//	Catch                 catch, onErrorResumeNext           yes         no                   nothing
//	ResumeWith            onErrorResumeNext                  yes         no                   nothing
//	Repeat                repeat, repeatWhen                 yes         no                   nothing
//	Finally               finally                            yes         no                   nothing
//	Using                 using                              yes         no                   nothing
//	Tap                   do: doOnNext, doOnError, …         yes         no                   nothing
//
// [Limited] and [Guarded] are for the function that is given to MapAsync and its like: they limit how many calls are
// under way by how long they take, and hold calls up while the other side is down.
package operators
