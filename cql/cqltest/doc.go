// Package cqltest is a Cassandra server inside the test process, for CQL what net/http/httptest is for HTTP: a real
// driver connects to it, over loopback or in memory, and speaks the native protocol. It needs nothing installed, starts
// in microseconds, and does on demand what a real cluster does only on its bad days: time-outs, lost replies, dropped
// connections, empty pages, schemas that change in the middle of a scan.
//
//	srv := cqltest.NewServer()
//	defer srv.Close()
//	srv.MustExec(`CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`)
//	srv.MustExec(`CREATE TABLE shop.orders (day date, id int, total int, PRIMARY KEY (day, id))`)
//	session, err := cql.Connect(ctx, srv.Cluster()) // or srv.Cluster().CreateSession(), for gocql alone
//
// Another process connects to it, too, while the test runs, unless it is InMemory: to srv.Cluster().Hosts[0] and
// srv.Cluster().Port.
//
// Exec fills tables directly. Generate makes rows as they are read, hundreds of millions if need be. Inject makes
// requests fail or wait. PageSizes scripts where pages end. Requests is the log of what was asked, with bound values.
// With InMemory it works inside a testing/synctest bubble, where delays take no time. Run such tests with -cpu 1 if you
// run them with -race: timers in a bubble can crash Go's race detector on several processors (go.dev/issue/78156).
//
// # What it evaluates
//
// Native protocol v4: STARTUP, OPTIONS, REGISTER (schema changes only), QUERY, PREPARE, EXECUTE and BATCH; values by
// position and by name, null and unset; paging; skipped metadata; client timestamps; warnings, custom payloads and
// tracing ids. No compression, no authentication, no protocol v3 or v5 (a version error on stream 0, as from a real
// server).
//
//   - CREATE and DROP KEYSPACE; USE; CREATE, DROP and TRUNCATE TABLE; ALTER TABLE ADD, DROP, and RENAME of key columns.
//     Table options but the clustering order are read over; COMPACT STORAGE and default_time_to_live are refused.
//   - INSERT, UPDATE, DELETE of rows, ranges of rows, partitions, columns, elements of maps and sets; USING TTL and
//     TIMESTAMP; counters; collections replaced, added to, subtracted from, m[k] = v, l[i] = v; IF NOT EXISTS, IF
//     EXISTS and IF with comparisons of columns, on one row or on a partition's static columns.
//   - SELECT of columns, *, token(), writetime(), ttl(), COUNT(*) alone, with AS; DISTINCT; WHERE by partition key (=,
//     IN), clustering columns (=, IN, ranges, also several at once as in (a, b) > (1, 2)), token ranges, anything else
//     with ALLOW FILTERING, CONTAINS and CONTAINS KEY; ORDER BY the clustering order or its reverse; LIMIT and PER
//     PARTITION LIMIT.
//   - ? and :name markers; literals of every type; the functions token, now, uuid, currentTimestamp, toTimestamp(now()).
//   - All native types, list, set, map, tuple, frozen and nested, vectors of float, double, int and bigint. Bound values
//     are checked against their types; rows are ordered by the types of their clustering columns, partitions by
//     Murmur3 token.
//   - system.local, peers, peers_v2 as each node sees them; system_schema.keyspaces, tables and columns; the other
//     tables that drivers look at exist and are empty.
//
// Everything else is refused with a syntax or invalid error that names the place, as line:column: user-defined types
// and functions, indexes, views, GROUP BY, JSON, other aggregates, text BATCHes, arithmetic.
//
// # Where it follows Cassandra, down to its traps
//
// Paging states hold the whole place and nothing is kept in the server: they survive connections and other nodes,
// override the start of a token range, wrap around the ring when the range ends before them, and are accepted by tables
// that were dropped and created again. The page size may change from page to page, but a LIMIT that fits into the page
// asked for, or no page size, makes the server forget the state and start again. A malformed state is a protocol error.
//
// Prepared ids are hashes of text and keyspace. A schema change forgets the ids of its table; any client that prepares
// the same text makes the id good again for all, so that metadata which another client has kept is stale without a word.
//
// # Where it differs
//
// All nodes have all data, and consistency levels change nothing. Of two writes with the same timestamp the later one
// wins, because in virtual time many have the same. A DELETE of a range deletes the rows that are there, and does not
// hide rows that are written afterwards with an older timestamp. Timestamps without a zone are UTC.
package cqltest
