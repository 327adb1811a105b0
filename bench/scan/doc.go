// Command scan compares reading a whole table: a loop over gocql's Scan, written by hand, and an rxcql stream, each
// with the same map, filter and grouping into slices of 500. It loads the table if it is not there, runs both in turn
// for several rounds in alternating order, and prints medians of rows per second and of the client's CPU time per row.
//
//	go run ./scan -hosts 127.0.0.1:9042
package main
