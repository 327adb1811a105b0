// Package rxcql is the front door of a reactive streams toolkit for Cassandra; the code is in the packages below it.
//
//   - rx: the stream itself, [github.com/rxcql/rxcql/rx.Observable], its contract, constructors and exits
//   - operators: map, filter, buffer, throttle, merge and the rest, as plain functions
//   - source: Cassandra queries and whole tables as streams
//   - checkpoint: where the scan of a table remembers how far it got
//   - sink: where streams end: Cassandra (Insert, Update, Delete, Exec), files of CSV and JSON lines (File, Shards, Append),
//     objects of a store (ShardsTo), an io.Writer (To), HTTP responses, functions and slices
//   - cql: the session, and all that knows the driver
//   - cql/cqltest: a Cassandra server inside the test process, for testing pipelines
//   - rx/flow: what streams are doing, and where the bottleneck is
//   - rx/rxtest: what every Observable and operator must obey, as a reusable test
//   - rx/bridge: github.com/reactivex/rxgo/v2, both ways
//   - contrib/failsafe: a module of its own, with failsafe-go's limiters and circuit breakers
//   - contrib/parquet: a module of its own, with Parquet files as source and sink
//
// README.md has an example and the guarantees, DESIGN.md how it works and why, and examples/quickstart a program to
// run.
package rxcql
