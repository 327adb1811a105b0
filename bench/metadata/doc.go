// Package metadata measures what it costs to have the columns' metadata sent with each page, which is what keeps a
// stream from decoding by the types of a table that is no longer there.
//
//	RXCQL_CASSANDRA_HOSTS=127.0.0.1:9042 go test -bench . ./metadata
package metadata
