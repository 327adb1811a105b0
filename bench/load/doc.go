// Command load compares ways to load a CSV file into a table: rxcql as in examples/load, a simple program with gocql, and
// one with gocql that was tuned by hand.
//
//	go run ./load
//	go run ./load -hosts 10.0.0.1:9042
//
// Without -hosts it brings up a Cassandra of its own, which takes JDK 11 or 17 and Maven. It makes a file of rows of
// seven columns, a hundred of each partition one after the other; then each contestant loads it into an empty table, in a
// process of its own, in several rounds in alternating order. After each run all cells of the table are compared with what
// they should be. In the end it prints medians and spreads of rows per second, of the client's CPU time per row and of its
// peak memory.
//
// The file readings.go has the rows, rxcql.go, simple.go and tuned.go the contestants. -profile keeps a CPU profile of
// each.
package main
