package cqltest_test

import (
	"encoding/binary"
	"io"
	"net"
	"strconv"
	"testing"

	"github.com/gocql/gocql"
	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql/cqltest"
)

func TestDriverReadsTheSchema(t *testing.T) {
	srv := newServer(t)
	s := connect(t, srv)
	srv.MustExec(`CREATE TABLE t (b int, a text, c timestamp, d uuid, s set<text> STATIC, v frozen<map<text, list<int>>>, PRIMARY KEY ((a, b), c, d))
		WITH CLUSTERING ORDER BY (c DESC, d ASC) AND comment = 'x' AND gc_grace_seconds = 10`)
	ks, err := s.KeyspaceMetadata("ks")
	require.NoError(t, err)
	tab := ks.Tables["t"]
	require.Equal(t, "a", tab.PartitionKey[0].Name)
	require.Equal(t, "b", tab.PartitionKey[1].Name)
	require.Equal(t, "c", tab.ClusteringColumns[0].Name)
	require.Equal(t, "desc", tab.ClusteringColumns[0].ClusteringOrder)
	require.Equal(t, gocql.TypeTimestamp, tab.Columns["c"].Type.Type())
	require.Equal(t, gocql.ColumnStatic, tab.Columns["s"].Kind)
	require.Equal(t, "frozen<map<text, frozen<list<int>>>>", tab.Columns["v"].Validator)
	got := rows(t, s.Query(`SELECT column_name, kind, position, clustering_order, type FROM system_schema.columns WHERE keyspace_name = ? AND table_name = ?`, "ks", "t"))
	require.Equal(t, []string{
		"a partition_key 0 none text", "b partition_key 1 none int", "c clustering 0 desc timestamp", "d clustering 1 asc uuid",
		"s static -1 none set<text>", "v regular -1 none frozen<map<text, frozen<list<int>>>>",
	}, got)
}

func TestSchemaChangesReachOtherSessions(t *testing.T) {
	srv := newServer(t)
	a, b := connect(t, srv), connect(t, srv)
	require.NoError(t, a.Query(`CREATE TABLE t (p int PRIMARY KEY)`).Exec())
	var exists *gocql.RequestErrAlreadyExists
	require.ErrorAs(t, b.Query(`CREATE TABLE t (p int PRIMARY KEY)`).Exec(), &exists)
	require.NoError(t, b.Query(`CREATE TABLE IF NOT EXISTS t (p int PRIMARY KEY)`).Exec())
	require.NoError(t, b.Query(`ALTER TABLE t ADD (v int, w text)`).Exec())
	require.NoError(t, b.Query(`ALTER TABLE t RENAME p TO q`).Exec())
	require.NoError(t, a.Query(`INSERT INTO t (q, v, w) VALUES (1, 2, 'x')`).Exec())
	require.NoError(t, b.Query(`ALTER TABLE t DROP v`).Exec())
	require.NoError(t, b.Query(`ALTER TABLE t ADD v int`).Exec())
	require.Equal(t, []string{"1 <nil>"}, pairs(t, a.Query(`SELECT q, v FROM t`)), "a column that was dropped comes back empty")
	require.NoError(t, a.Query(`TRUNCATE t`).Exec())
	require.Empty(t, ints(t, b.Query(`SELECT q FROM t`).Iter()))
	require.NoError(t, a.Query(`DROP TABLE t`).Exec())
	require.ErrorContains(t, b.Query(`SELECT q FROM t`).Exec(), "unconfigured table t")
	require.NoError(t, a.Query(`DROP KEYSPACE ks`).Exec())
	require.ErrorContains(t, srv.Exec(`CREATE TABLE ks.t (p int PRIMARY KEY)`), "Keyspace 'ks' doesn't exist")
}

// TestStaleMetadataOnProtocolV4: a client that skips metadata reads wrong values as success once another client has
// prepared the same text under the new schema. Asking for the metadata reads right.
func TestStaleMetadataOnProtocolV4(t *testing.T) {
	srv := newServer(t)
	a, b := connect(t, srv), connect(t, srv)
	srv.MustExec(`CREATE TABLE t (p int PRIMARY KEY, v int)`)
	srv.MustExec(`INSERT INTO t (p, v) VALUES (1, 1)`)
	const q = `SELECT v FROM t WHERE p = ?`
	var n int
	require.NoError(t, a.Query(q, 1).Scan(&n))

	srv.MustExec(`DROP TABLE t`)
	srv.MustExec(`CREATE TABLE t (p int PRIMARY KEY, v text)`)
	srv.MustExec(`INSERT INTO t (p, v) VALUES (1, 'abcd')`)
	var text string
	require.NoError(t, b.Query(q, 1).Scan(&text))
	require.Equal(t, "abcd", text)
	require.NoError(t, a.Query(q, 1).Scan(&n))
	require.Equal(t, 0x61626364, n, "the text's bytes as a number, and no error")
	require.Error(t, a.Query(q, 1).NoSkipMetadata().Scan(&n), "with its metadata the type is known")

	srv.MustExec(`DROP TABLE t`)
	require.Error(t, a.Query(q, 1).Scan(&n), "a statement about a dropped table is forgotten")
}

func TestBoundValuesAreChecked(t *testing.T) {
	srv := newServer(t)
	s := connect(t, srv)
	srv.MustExec(`CREATE TABLE t (p int PRIMARY KEY, v text, l frozen<list<int>>)`)
	var refused gocql.RequestError
	for _, args := range [][]any{{raw{1, 2}, "x", nil}, {raw(nil), "x", nil}, {1, raw{0xff}, nil}, {1, "x", raw{0, 0, 0, 9}}} {
		err := s.Query(`INSERT INTO t (p, v, l) VALUES (?, ?, ?)`, args...).Exec()
		require.ErrorAs(t, err, &refused)
		require.Equal(t, gocql.ErrCodeInvalid, refused.Code(), "%v", err)
	}
	require.NoError(t, s.Query(`INSERT INTO t (p, v, l) VALUES (?, ?, ?)`, 1, "x", []int{3}).RoutingKey(nil).Exec())
}

// raw is sent as it is.
type raw []byte

func (r raw) MarshalCQL(gocql.TypeInfo) ([]byte, error) { return r, nil }

func TestRoutingKeyComesFromThePreparedStatement(t *testing.T) {
	srv := newServer(t)
	s := connect(t, srv)
	srv.MustExec(`CREATE TABLE t (a int, b text, c int, PRIMARY KEY ((a, b), c))`)
	for _, q := range []*gocql.Query{
		s.Query(`INSERT INTO t (c, b, a) VALUES (?, ?, ?)`, 1, "x", 2),
		s.Query(`SELECT c FROM t WHERE c > ? AND b = ? AND a = ?`, 1, "x", 2),
	} {
		key, err := q.GetRoutingKey()
		require.NoError(t, err)
		require.Equal(t, []byte{0, 4, 0, 0, 0, 2, 0, 0, 1, 'x', 0}, key)
	}
}

// TestOtherProtocolVersions: the answer is a version error on stream 0, in version 4.
func TestOtherProtocolVersions(t *testing.T) {
	srv := newServer(t)
	c, err := net.Dial("tcp", "127.0.0.1:"+strconv.Itoa(srv.Cluster().Port))
	require.NoError(t, err)
	defer func() { require.NoError(t, c.Close()) }()
	_, err = c.Write([]byte{5, 0, 0, 7, byte(cqltest.OpOptions), 0, 0, 0, 0})
	require.NoError(t, err)
	var h [9]byte
	_, err = io.ReadFull(c, h[:])
	require.NoError(t, err)
	require.Equal(t, []byte{0x84, 0, 0, 0, 0}, h[:5])
	body := make([]byte, binary.BigEndian.Uint32(h[5:]))
	_, err = io.ReadFull(c, body)
	require.NoError(t, err)
	require.Equal(t, uint32(gocql.ErrCodeProtocol), binary.BigEndian.Uint32(body))
	require.Contains(t, string(body), "(5); supported versions are (4/v4)")
}

func TestProtocolIsDiscovered(t *testing.T) {
	srv := newServer(t)
	s := connect(t, srv, func(c *gocql.ClusterConfig) { c.ProtoVersion = 0 })
	require.NoError(t, s.Query(`SELECT key FROM system.local`).Exec())
}
