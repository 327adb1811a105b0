// Package cassandra brings up a real Apache Cassandra for the integration tests, from its published Maven
// artifacts: no Docker, only a JDK (11 or 17) and Maven.
//
// A package with integration tests hands its TestMain over, and asks for a keyspace where it needs one:
//
//	func TestMain(m *testing.M) { os.Exit(cassandra.Main(m)) }
//
//	func TestReads(t *testing.T) {
//		cluster := cassandra.Cluster(t)
//		cluster.Keyspace = cassandra.Keyspace(t) // fresh, dropped when the test ends
//		session, err := cluster.CreateSession()
//		...
//	}
//
// The first test that asks brings up one node, Main stops it. So that the packages of one `make test` share a
// node, the command in the folder serve starts it for all of them:
//
//	go run ./internal/cassandra/serve -- go test -race ./...
//
// A test that kills nodes needs a cluster of its own: see [Own]. No node outlives its test process, not even
// when that is killed with SIGKILL.
//
// # Environment
//
//	RXCQL_CASSANDRA_HOSTS      "h1:9042,h2": use this cluster and start none (port 9042 where none is given)
//	RXCQL_CASSANDRA_USER       with RXCQL_CASSANDRA_PASSWORD: log in with a password
//	RXCQL_SKIP_INTEGRATION=1   skip these tests, and print "SKIPPED: n"
//	RXCQL_NO_SKIP=1            a test that would be skipped fails instead (CI sets it)
//
// The jars (66 MB) are downloaded once, into the user's cache folder; processes that start at the same time
// wait for the one that downloads.
package cassandra
