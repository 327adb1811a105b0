// Command tablescan reads a whole table of seven columns into a CSV file, with source.Table and encoding/csv, and beside
// it the ceiling: gocql that only fetches the same ranges' pages, as many at a time, and decodes nothing. It loads the
// table if it is not there. Each run is a process of its own, so that its peak memory is its own; runs alternate, and the
// medians of rows per second, of CPU time per row and of peak memory are printed.
//
//	go run ./tablescan -hosts 127.0.0.1:9042
package main
