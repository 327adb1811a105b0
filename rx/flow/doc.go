// Package flow shows what streams are doing: a [Monitor] in their context sees their runs as graphs of stages, with what
// went through each, and finds the bottleneck.
//
//	monitor := flow.NewMonitor(flow.Options{})
//	ctx = flow.With(ctx, monitor)
//	report, err := sink.Insert[Alert](session, "lab.alerts").Write(ctx, alerts)
//
// and, meanwhile, on another goroutine, or when it is over:
//
//	for _, run := range monitor.Snapshot().Runs {
//		fmt.Println(run.Name, run.State, run.Bottleneck) // … the sink insert lab.alerts: 81% of the time
//	}
//
// Without a monitor in the context a run costs one look into it for each stage, and an item nothing.
//
// # What is a stage
//
// Sources, sinks, and operators at which goroutines meet or items wait make themselves known as a run of theirs begins. So
// does what [Named] gives a name: operators such as Map and Filter, which are function calls, are not worth one each.
//
//	clean := flow.Named(op.Filter(op.Map(rows, normalize), valid), "clean")
//
// A run begins with the first stage that finds itself in no run, which is the most downstream one, and gets that one's
// name: "insert lab.alerts". Where that would tell nothing, as of Collect or ForEach, it gets the name of its source, of
// several that of the one that begins first: "query lab.readings". [WithName] names it otherwise, and [Do] begins one that
// consists of several streams.
//
// # Where the time goes
//
// While a goroutine runs a part of a pipeline, each of its stages either waits for what is upstream of it, or works, or has
// handed an item on and waits for what is downstream; see [Split]. A boundary knows when its consumer waits since it is
// empty, and when its upstream waits since it is full. These are Flink's idle, busy and backpressured times.
//
// So the stage that all others wait for can be found: of the goroutine that waits least for other goroutines it is the one
// that takes the most time. It is the run's [Bottleneck], and what else is made faster does not matter. Waiting for
// something that is no stage, a server for example, is work; a sink of Cassandra tells how much of its work that is.
//
// Streams that give an item every 20 microseconds or less often are timed item by item. Of faster ones the clock is looked
// at about a thousand times a second, and what was found to be going on got the time since the last look, as with a
// profiler that samples; so single runs of a few milliseconds tell little, and what is added up, much. It costs a few
// nanoseconds an item. Counts of items are exact, also while a run is under way, and what is stuck shows where it is: the time
// since is counted for it within some 100 milliseconds.
//
// # What it costs
//
// Without a monitor, a run costs one look into its context for each stage, and an item nothing. With one, an item costs a few
// nanoseconds for each stage that it passes on its way, and a run some 40 allocations and 10 microseconds, for three
// stages, which tells in services that make a stream for each of many thousand requests a second. BenchmarkNamed and
// BenchmarkRun measure it.
package flow
