// Quickstart is the main job of rxcql in one program: it streams a table page by page, on demand, through operators
// into a sink, and shows what that costs.
//
//	go run ./examples/quickstart
//
// It needs nothing installed but Go: without flags it starts a Cassandra server inside its own process. With -hosts it
// uses a real cluster, where it makes a keyspace and two tables of its own and fills one of them first:
//
//	go run ./examples/quickstart -hosts 10.0.0.1,10.0.0.2 -dc dc1 -rf 3
//
// Interrupt it with ^C: it stops reading, writes what is in its buffers, and ends. More rows (-rows 5000000) without
// the throttle (-rate 0) show that memory does not grow with them. On its own server it then fails pages on purpose, and
// counts that no row is lost or comes twice. All flags: -h.
//
// The pipeline is in main.go, in the function watch; going on after a failure is in failures.go.
package main
