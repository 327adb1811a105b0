// Package integration holds the tests whose outcome depends on a server. Each runs twice: against the in-process
// server of cql/cqltest and against a real Cassandra, so that the one cannot drift from the other.
package integration
