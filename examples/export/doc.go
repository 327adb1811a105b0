// Export writes a table of any size to files, as JSON lines or CSV, and survives whatever happens to it.
//
//	go run ./examples/export -to /tmp/orders
//	go run ./examples/export -hosts 10.0.0.1 -dc dc1 -to /backup/orders -format csv shop.orders
//
// Without -hosts it starts a Cassandra server inside its own process and exports a table from there.
//
// # What it writes
//
// The directory gets a file for each range of tokens that has rows, named by where the range starts, and at the end
// manifest.json, which lists them with their ranges, rows and bytes; with -single also one file with the rows of all, in
// the order of the ring. Files are for their owner only, like the checkpoint, which shows keys. Each value of any CQL type
// comes back from them as it was: by examples/load, or by source.JSONL and source.CSV.
//
// # Going on
//
// Stopped (^C, SIGTERM), killed (kill -9) or without power: the same command with -resume goes on, and in the end every
// row is in the files once. Each page is on disk before it is acknowledged, which the checkpoint relies on, and with it
// in pages.jsonl where its file ended then: so what was written after the last checkpoint, and will come again, can be
// cut off. It needs no lock, and no transaction over the two.
//
// # How it ends
//
// The last thing on standard output is a report in JSON, with the command that goes on where something is left to be
// done. The exit code is 0 if all was exported; 2 if some ranges could not be read, though all others were; 3 after a
// signal; and 1 for any other failure. Progress goes to standard error: a bar on a terminal, else lines.
//
// -dry-run tells what would be read, without reading a row. -rate bounds the rows a second. All flags: -h.
package main
