// Migrate copies a table of any size to another one, also of another cluster, and survives whatever happens to it.
//
//	go run ./examples/migrate
//	go run ./examples/migrate -hosts 10.0.0.1 -state /var/tmp/orders -times shop.orders shop.orders_by_customer
//	go run ./examples/migrate -hosts 10.0.0.1 -state /var/tmp/orders shop.orders -- -hosts 10.9.0.1 shop.orders
//
// Flags behind -- are of the cluster that is written to. Without -hosts it starts a Cassandra server inside its own process
// and copies a table there. The table that is written to must exist, with columns of the same types.
//
// # What it does
//
// It reads pages of the table, maps each row, writes the rows, and acknowledges the page when all of them are written:
// scan, map, write, acknowledge, checkpoint. The mapping here is to rename columns (-rename old=new); yours may do anything.
// With -times each column keeps its WRITETIME and its TTL, so that the copy does not hide what was written to it meanwhile,
// by an application that writes to both tables already for instance. Sets and maps that are not frozen get the
// latest WRITETIME of their elements, and no TTL: CQL does not write them one by one. Lists that are not frozen get the time
// of the copy: Cassandra would double them where a page is written again with the same time. A row that is nothing but its
// key has no time that CQL tells, and gets that at which the job began.
//
// # Going on
//
// Stopped (^C, SIGTERM), killed (kill -9) or without power: the same command with -resume goes on. Rows of pages that
// were not acknowledged are written again, which does no harm: an INSERT is idempotent. The directory of -state has the
// checkpoint, which shows keys, and with it what the job is, as it goes on only with the same: from the same table, and
// into the same one, of the same cluster. One process at a time works there: a second one is refused. Nothing is kept there before it is known that the rows fit.
//
// # What cannot be written
//
// Rows that fail for good go to dead-letters.jsonl there, on disk before their page is acknowledged, until there are more
// than -max-dead in one run. The example load writes them again, by -replay.
//
// # How it ends
//
// The last thing on standard output is a report in JSON; it is complete if all was read. The exit code is 0 if all was
// copied; 2 if some ranges could not be read or some rows not be written, though all others were; 3 after a signal; and 1
// for any other failure.
//
// -dry-run finds what does not fit and tells what would be read, and copies nothing. -rate bounds the rows a second. All
// flags: -h.
package main
