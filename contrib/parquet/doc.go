// Package parquet writes streams to Apache Parquet files and reads them, by the CQL types of their columns: rows of
// Cassandra tables, and structs, whose fields are columns as they are for sink.CSV and source.Query. It is a module of its
// own, so that those who do not use it do not get the requirements of github.com/parquet-go/parquet-go.
//
//	report, err := parquet.Write[source.Row]("/backup/readings.parquet").Write(ctx, readings)
//	readings := parquet.Read[source.Row]("/backup/readings.parquet").Rows()
//
// # Types
//
// All columns are optional, for null. What there are logical types for other engines read as such:
//
//	ascii, text                         STRING
//	boolean                             BOOLEAN
//	tinyint, smallint, int              INT(8), INT(16), INT(32)
//	bigint, counter                     INT(64)
//	float, double                       FLOAT, DOUBLE
//	blob, custom types                  BYTE_ARRAY
//	uuid, timeuuid                      UUID
//	timestamp                           TIMESTAMP(MILLIS), in UTC
//	date                                DATE
//	time                                TIME(NANOS)
//	list, set, vector                   LIST
//	map                                 MAP
//	tuple, user-defined type            a group with a column for each part; those of a tuple are named _0, _1, …
//	varint, decimal, duration, inet     STRING, as package sink has them in CSV: 12345, -0.50, 1mo3d, 2001:db8::1
//
// Parquet has a logical type DECIMAL, but with one scale for a column, where in Cassandra each value has its own, and
// INTERVAL counts in milliseconds without a sign; as texts these keep what they are.
//
// What is written is read back as it was, except that a value of no bytes is null unless its type has such a value, and
// that a tuple or user-defined type that was written before its type had all its parts gets nulls for them. A null inside
// of a collection is kept; as a map's key it is an error.
//
// What is written tells its columns itself (under the key rxcql.columns of its metadata), so that rows can be read without
// knowing the table. Of other files [Source.Columns] tells which columns to read, and as what, or the fields of a struct do.
//
// # Files of strangers
//
// A file is believed what it says of its sizes: parquet-go makes room for as much as the footer and the headers of pages
// name, up to some GiB, before it looks whether that is there. A damaged file ends with an error, but may cost that memory
// first; read files that you do not trust in a process whose memory is limited.
package parquet
