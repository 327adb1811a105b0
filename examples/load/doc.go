// Load writes the rows of a file to a table, and survives whatever happens to it.
//
//	go run ./examples/load
//	go run ./examples/load -hosts 10.0.0.1 -dir /var/tmp/orders shop.orders orders.csv.gz
//	export | go run ./examples/load -hosts 10.0.0.1 -dir /var/tmp/orders -format jsonl shop.orders -
//
// Without -hosts it starts a Cassandra server inside its own process, and makes rows up if there is no file. The table
// must exist; it tells the types of the values. Columns that are named writetime(c), maxwritetime(c) and ttl(c) by -columns,
// as queries and the example export have them, give column c its time of writing and its time to live; -ttl gives all one.
//
// # What it reads
//
// CSV with a line of names first (-no-header: in the order of -columns), null and values as cqlsh's COPY and sink.CSV write
// them; or JSON lines in the form of Cassandra's SELECT JSON, as sink.JSONL writes them. The name tells which, or -format;
// what is compressed by gzip or zstd is read as it is. Of several rows with the same primary key the last one wins.
//
// # What cannot be read or written
//
// It goes into files of the directory -dir, until it is more than -max-dead, lines and rows together and in all runs of the
// job: lines that are no rows to rejected.jsonl, each with its place and the reason; and rows that the servers do not take
// to dead-letters.jsonl, with the reason. The first lines are told on standard error as they come. Correct the records in
// rejected.jsonl and load them by -rejected; write the rows again by -replay, which needs no file:
//
//	go run ./examples/load -hosts 10.0.0.1 -dir /var/tmp/more -rejected shop.orders /var/tmp/orders/rejected.jsonl
//	go run ./examples/load -hosts 10.0.0.1 -dir /var/tmp/again -replay /var/tmp/orders/dead-letters.jsonl shop.orders
//
// Without -dir the first of them stops it.
//
// # Going on
//
// Rows are acknowledged by some 10,000 at a time, and where they end in the file is kept in -dir: stopped (^C, SIGTERM) or
// killed (kill -9), the same command with -resume goes on there, if the file is still the one that it was. Rows that come
// again do no harm. One process at a time works in -dir: a second one is refused. Nothing is kept in -dir before it is known that the table has the columns.
//
// # How it ends
//
// The last thing on standard output is a report in JSON; it is complete if the file was read to its end. The exit code is 0
// if all was written; 2 if some lines or rows were not, and standard error says where they are; 3 after a signal; and 1 for any other failure. Progress goes to standard error: a bar on a terminal, else
// lines. -rate and -bytes bound the rows and bytes a second. All flags: -h.
package main
