// Package operators measures the same in-memory pipelines in this module and in the other stream libraries of Go: rxgo
// v2.5.0 (as it is, and with buffered channels throughout), samber/ro v0.3.0, destel/rill v0.7.0 and reugn/go-streams
// v0.13.0.
//
//	go test -bench . ./operators             # three minutes, most of them for the two that cannot be stopped
//	go test -bench Item -count 5 ./operators # without those
//
// # How to read it
//
// An op is an item; in TakeOne it is a run. ns/op is the time that passed, and changes with whatever else the machine
// does. cpu-ns/op is what all processors together were busy with it, goroutines and scheduler included: the cost of an
// item, rather stable. times-rxcql is that as a multiple of this module's, measured right before.
//
// All streams are of pointers, taken from a ring of rows that fits into a cache, so that nobody pays for boxing. The
// functions do next to nothing: beside a row that is decoded, or a request, most of these differences vanish, and what
// remains is whether a stage is a function call or a goroutine and a channel.
//
// # What it gave
//
// BENCHMARKS.md has the table. TakeOne is not in it, as its cost is that of a run and not of an item: 0.3 µs with rxcql, 6 µs
// with rxgo, and seconds with samber/ro and rill, which run their sources to the end.
//
// A stage of rxcql is 8 to 10 ns where the compiler does not see through it (Map5). Of a boundary a bit more than half is the
// producer's, its source included, and the rest the consumer's (by a profile), who work at the same time.
//
// The pipelines are in pipelines_test.go, each library's way to do them in a file of its own, written as its
// documentation does it; TestLibrariesAgree checks that they do the same. Where one is missing the library has no such
// operator: ro has no map with a bound of calls at a time; go-streams none that ends a stream, or that keeps the order
// with several workers, which rxgo does only for items that carry their position. rill is made for work that is slower
// than a channel, and says so. go-streams' Boundary is a bare Go channel of 1,024 places, which is what its sources
// are.
package operators
