// Verify compares two tables, on one cluster or on two, such as a copy with what it was made from. It tells how many
// ranges of tokens differ, and which, by the number of rows in them and a hash of their content.
//
//	go run ./examples/verify
//	go run ./examples/verify -hosts 10.0.0.1 shop.orders shop.orders_copy
//	go run ./examples/verify -hosts 10.0.0.1 shop.orders -- -hosts 10.9.0.1 -consistency ALL shop.orders
//
// Behind -- are the flags and the table of another cluster. Without -hosts it starts a Cassandra server inside its own
// process, with a table and a copy of it in which a row was changed and one is missing.
//
// Both tables are read at once, in the same ranges of tokens, so they must have the same primary key; nodes, their tokens
// and the order in which rows come do not matter. A row's hash is SHA-256 over its cells as the servers send them, and a
// range's is the sum of the first 128 bits of those of its rows: whatever their order, and no two rows cancel out, as
// they would with XOR. Cells are compared, not their timestamps; for these name them: -columns 'id,name,writetime(name)'.
//
// More -splits narrow down where they differ; -all lists every range.
//
// The exit code is diff's: 0 if nothing differs, 1 if something does, 2 for trouble.
package main
