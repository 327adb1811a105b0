// Package sink is where streams end: in Cassandra, in files, in a function, in a slice.
//
// A sink runs its stream: nothing flows before. [ForEach] and [Slice] are plain values of type rx.Sink. What [Insert],
// [Update], [Delete] and [Exec] make, a [Mutation], is a value with settings, whose Write gives a report:
//
//	report, err := sink.Insert[Reading](session, "lab.readings").Write(ctx, readings)
//
// It keeps a window of requests under way that adapts to what the servers take, sends rows of one partition together,
// writes those of one key in the order of the stream, repeats what may be repeated, and gives rows that cannot be written
// to the dead letters, if there are any, or stops at the first: each row is written, or told of.
//
// # Files
//
// A [Format], [JSONL] or [CSV], says how items are written, and something else where: [File] writes one file, which is
// there as a whole or not at all, [Shards] one for each shard of a stream, [ShardsTo] objects of a store such as S3, [To]
// what an io.Writer takes, [HTTP] an answer, and [Append] grows a file page by page, for jobs that must survive their
// process. Names that end in .gz or .zst have files compressed, and so has Compress where no name tells. Package source
// reads all of it back; Parquet files are in contrib/parquet.
//
//	report, err := sink.File("/backup/readings.jsonl.zst", sink.JSONL[Reading]()).Write(ctx, readings)
//
// [HTTP] streams rows to a client as it likes them and as fast as it reads, and never lets a cut result pass for a whole
// one.
package sink
