// Command bench compares rxcql with its peers, each of which does the same with the same rows on a real Cassandra:
//
//	go run .                                            # all that there is
//	go run . -rows 50000 -rounds 1                      # a quick look
//	go run . -jobs read,load -only rxcql,dsbulk,gocql   # some of it
//	go run . -jobs read -only pointers -profile /tmp/p  # and a CPU profile of it
//
// Without -hosts it brings up a Cassandra of its own, which takes a JDK 11 or 17 and Maven; these and Python 3 are what the
// peers outside Go take, and what is not to be had is left out and said so. The jobs are
//
//	read       all rows by one query → value*2 → value >= 0 → groups of 500 → count
//	export     all rows to a CSV file, by several ranges at a time
//	load       a CSV file into an empty table
//	operators  pipelines in memory beside the other stream libraries of Go; see the package in the folder operators
//
// Each run of each contestant is a process of its own, in several rounds in alternating order, and a round before that
// warms up the server. What comes out is checked. Time is that of the work alone, without starting and connecting; a JVM
// does the same before for -warmup seconds. CPU time is the client's, user and system, of all its threads. Peak memory is
// the resident memory of the process at its most, starting and warming up included. The first row's time is from asking
// until the row is there, the median of 21 queries in a process that has read the table. The pages asked for, for ten rows,
// are counted on the wire: a client asks for ten, or for a stream of which it takes ten, waits for half a second and leaves.
//
// It prints tables of medians, least and most, and writes them with plots into the directory -out, and with -doc between
// the marks of a document. The contestants in Go are in internal/reading, exporting and loading, those outside in the
// folders java and python.
package main
