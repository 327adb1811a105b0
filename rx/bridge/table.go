// # Every operator of rxgo's, and what takes its place
//
// op is package operators, Observable is [rx.Observable]; what is called plain Go needs no operator. A stream is a
// function, so one that is missing is written in a few lines; TakeUntil with a predicate, for example, is
//
//	func takeUntil[T any](src rx.Observable[T], last func(T) bool) rx.Observable[T] {
//		return func(ctx context.Context, yield func(T) bool) error {
//			return src(ctx, func(v T) bool { return yield(v) && !last(v) })
//		}
//	}
//
// Methods of rxgo.Observable:
//
//	All                                                  op.Find what does not hold; a loop over Observable.All
//	AverageFloat32, AverageFloat64, AverageInt           op.Reduce to a sum and a number
//	AverageInt8, AverageInt16, AverageInt32, AverageInt64  op.Reduce to a sum and a number
//	BackOffRetry                                         op.Retry with an op.Backoff
//	BufferWithCount                                      op.Buffer
//	BufferWithTime, BufferWithTimeOrCount                op.BufferBy
//	Connect                                              op.Broadcast to several sinks; an op.Hub where they come and go
//	Contains                                             op.Find; a loop over Observable.All
//	Count                                                op.Reduce; a variable in Observable.ForEach
//	Debounce                                             op.Debounce
//	DefaultIfEmpty                                       op.DefaultIfEmpty
//	Distinct                                             op.Distinct, whose memory is bounded
//	DistinctUntilChanged                                 op.DistinctUntilChanged
//	DoOnCompleted, DoOnError, DoOnNext                   op.Tap
//	ElementAt                                            op.Skip, then Observable.First
//	Error                                                what every run returns; Observable.ForEach
//	Errors                                               a stream has one error; op.TryMap has its OnError for those of items
//	Filter                                               op.Filter
//	Find                                                 op.Find
//	First                                                Observable.First; op.Take of one
//	FirstOrDefault                                       op.DefaultIfEmpty of op.Take
//	FlatMap                                              op.ConcatMap: rxgo runs one stream at a time; op.FlatMap runs several
//	ForEach                                              Observable.ForEach
//	GroupBy, GroupByDynamic                              op.GroupBy
//	IgnoreElements                                       op.Filter with what is never true
//	Join                                                 op.JoinSorted by key; by time through bridge.Via
//	Last                                                 op.Last
//	LastOrDefault                                        op.DefaultIfEmpty of op.Last
//	Map                                                  op.Map; op.TryMap where it can fail or block
//	Marshal, Unmarshal                                   op.TryMap
//	Max, Min                                             op.Reduce; op.Last of op.Scan gives nothing for nothing
//	Observe                                              the stream is a function: call it; Observable.All
//	OnErrorResumeNext                                    op.Catch
//	OnErrorReturn                                        op.Catch with rx.From
//	OnErrorReturnItem                                    op.ResumeWith with rx.From
//	Reduce                                               op.Reduce; op.Last of op.Scan gives nothing for nothing
//	Repeat                                               op.Repeat, which runs its source again
//	Retry                                                op.Retry
//	Run                                                  Observable.ForEach
//	Sample                                               op.Sample by time; by another stream through bridge.Via
//	Scan                                                 op.Scan
//	Send                                                 plain Go: send in Observable.ForEach, and select on ctx
//	SequenceEqual                                        plain Go: slices.Equal of what Observable.Collect gives
//	Serialize                                            op.MapAsync keeps the order in the first place
//	Skip                                                 op.Skip
//	SkipLast                                             op.SkipLast
//	SkipWhile                                            op.SkipWhile
//	StartWith                                            op.StartWith; op.Concat for a stream
//	SumFloat32, SumFloat64, SumInt64                     op.Reduce
//	Take                                                 op.Take
//	TakeLast                                             op.TakeLast
//	TakeUntil                                            plain Go: see above
//	TakeWhile                                            op.TakeWhile
//	TimeInterval                                         op.StatefulMap with time.Since
//	Timestamp                                            op.Map with time.Now
//	ToMap, ToMapWithValueSelector                        op.Reduce into a map
//	ToSlice                                              Observable.Collect
//	WindowWithCount                                      op.Buffer: what a window holds is a slice
//	WindowWithTime, WindowWithTimeOrCount                op.BufferBy; op.Window by the time in the items
//	ZipFromIterable                                      op.Zip
//
// Functions that make an Observable or a Single:
//
//	Amb              bridge.From(rxgo.Amb(…)) with bridge.To around its streams
//	CombineLatest    op.CombineLatest
//	Concat           op.Concat
//	Create, Defer    rx.New; rx.Defer
//	Empty            rx.Empty
//	FromChannel      rx.FromChan
//	FromEventSource  op.Hub; rx.FromChan for one reader
//	Interval         rx.Interval
//	Just, JustItem   rx.From
//	Merge            op.Merge
//	Never            rx.Never
//	Range            rx.Range
//	Start            op.MapAsync over rx.From with the functions
//	Thrown           rx.Fail
//	Timer            rx.Timer
//
// Options:
//
//	Serialize                      op.MapAsync keeps the order in the first place
//	WithBackPressureStrategy       op.OnOverflow, which counts what it drops
//	WithBufferedChannel            op.Prefetch
//	WithContext                    plain Go: the ctx that the stream is run with
//	WithErrorStrategy              op.OnError, an argument of the operators that call a function that can fail
//	WithObservationStrategy        plain Go: a go statement
//	WithPool, WithCPUPool          op.MapAsync, op.MapAsyncUnordered, op.MapAsyncPartitioned
//	WithPublishStrategy            op.Broadcast; op.Hub
package bridge
