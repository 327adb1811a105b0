package integration_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
)

// table reads a definition of the keyspace, and checks that its columns are those of SELECT *, in their order.
func (t *target) table(name string) cql.Table {
	t.Helper()
	table, err := t.session.Table(t.Context(), t.keyspace+"."+name)
	require.NoError(t, err)
	require.Equal(t, t.keyspace, table.Keyspace)
	page, err := t.session.Fetch(t.Context(), cql.PageRequest{Statement: cql.Statement{CQL: "SELECT * FROM " + table.String()}, Size: 1})
	require.NoError(t, err)
	var names, all []string
	for _, c := range table.Columns {
		names = append(names, c.Name)
	}
	for _, c := range page.Columns() {
		all = append(all, c.Name)
	}
	require.Equal(t, all, names)
	return table
}

func TestDefinitionOfATable(t *testing.T) {
	onBoth(t, func(t *target) {
		t.exec(`CREATE TABLE KS."Wide" (b int, "A" text, z int static, "Y" set<text> static, c timestamp, d frozen<tuple<int, text>>,
			y map<int, frozen<list<text>>>, "X x" frozen<list<int>>, v vector<float, 3>, PRIMARY KEY ((b, "A"), c, d)) WITH CLUSTERING ORDER BY (c DESC, d ASC)`)
		table := t.table(`"Wide"`)
		require.Equal(t, cql.Table{Keyspace: t.keyspace, Name: "Wide", ID: table.ID, Columns: []cql.TableColumn{
			{Name: "b", Kind: cql.PartitionKey, Position: 0, Type: "int"},
			{Name: "A", Kind: cql.PartitionKey, Position: 1, Type: "text"},
			{Name: "c", Kind: cql.Clustering, Position: 0, Type: "timestamp", Descending: true},
			{Name: "d", Kind: cql.Clustering, Position: 1, Type: "frozen<tuple<int, text>>"},
			{Name: "Y", Kind: cql.Static, Position: -1, Type: "set<text>"},
			{Name: "z", Kind: cql.Static, Position: -1, Type: "int"},
			{Name: "X x", Kind: cql.Regular, Position: -1, Type: "frozen<list<int>>"},
			{Name: "v", Kind: cql.Regular, Position: -1, Type: "vector<float, 3>"},
			{Name: "y", Kind: cql.Regular, Position: -1, Type: "map<int, frozen<list<text>>>"},
		}}, table)

		_, _, err := t.session.SizeEstimate(t.Context(), table)
		require.NoError(t, err)

		t.exec("CREATE TABLE KS.counted (p int PRIMARY KEY, n counter)")
		require.True(t, t.table("counted").Counter)
		_, err = t.session.Table(t.Context(), t.keyspace+".nothing")
		require.ErrorIs(t, err, cql.ErrUndefined)
		require.ErrorIs(t, err, cql.Invalid)
	})
}

func TestATableThatChanges(t *testing.T) {
	onBoth(t, func(t *target) {
		t.exec("CREATE TABLE KS.t (p int PRIMARY KEY, v int)")
		before := t.table("t")
		require.Equal(t, before, t.table("T"))
		t.exec("ALTER TABLE KS.t ADD w text")
		altered := t.table("t")
		require.Equal(t, before.ID, altered.ID)
		require.Equal(t, append(slices.Clone(before.Columns), cql.TableColumn{Name: "w", Kind: cql.Regular, Position: -1, Type: "text"}), altered.Columns)
		t.exec("DROP TABLE KS.t")
		t.exec("CREATE TABLE KS.t (p int PRIMARY KEY, v int)")
		anew := t.table("t")
		require.NotEqual(t, before.ID, anew.ID)
		require.Equal(t, before.Columns, anew.Columns)
	})
}

// TestDefinitionOfAView: cqltest has no views.
func TestDefinitionOfAView(t *testing.T) {
	t.Run("Cassandra", func(t *testing.T) {
		tt := onCassandra(t)
		tt.exec("CREATE TABLE KS.t (p int PRIMARY KEY, v int, w int)")
		err := tt.session.Execute(t.Context(), cql.Statement{CQL: tt.in(
			"CREATE MATERIALIZED VIEW KS.by_v AS SELECT p, v FROM KS.t WHERE v IS NOT NULL AND p IS NOT NULL PRIMARY KEY (v, p)")})
		if cql.ClassOf(err) == cql.Invalid && strings.Contains(err.Error(), "disabled") {
			t.Log("the cluster, which is not ours, has no views:", err)
			return
		}
		require.NoError(t, err)
		view := tt.table("by_v")
		require.Equal(t, cql.Table{Keyspace: tt.keyspace, Name: "by_v", ID: view.ID, View: true, Columns: []cql.TableColumn{
			{Name: "v", Kind: cql.PartitionKey, Position: 0, Type: "int"},
			{Name: "p", Kind: cql.Clustering, Position: 0, Type: "int"},
		}}, view)
	})
}

func TestReplicationOfAKeyspace(t *testing.T) {
	onBoth(t, func(t *target) {
		replication, err := t.session.Keyspace(t.Context(), t.keyspace)
		require.NoError(t, err)
		require.Equal(t, map[string]string{"class": "org.apache.cassandra.locator.SimpleStrategy", "replication_factor": "1"}, replication)
		replication, err = t.session.Keyspace(t.Context(), "system_schema")
		require.NoError(t, err)
		require.Equal(t, map[string]string{"class": "org.apache.cassandra.locator.LocalStrategy"}, replication)
		_, err = t.session.Keyspace(t.Context(), "nowhere")
		require.ErrorIs(t, err, cql.ErrUndefined)

		partitioner, err := t.session.Partitioner(t.Context())
		require.NoError(t, err)
		require.Equal(t, "org.apache.cassandra.dht.Murmur3Partitioner", partitioner)
	})
}

// keywords are all that CQL has, reserved or not, and some other names.
const keywords = `access add aggregate all allow alter and any apply as asc ascii ascii authorize batch before begin between bigint
	blob boolean by bypass called cast clustering columnfamily compact contains count counter create custom date datacenters
	decimal default delete desc describe distinct double drop duration empty entries execute exists expect filtering finalfunc
	float from frozen full function functions generated grant group hashed identity if in index infinity inet initcond input
	insert int internals into is json key keys keyspace keyspaces language like limit list login map masked materialized
	mbean mbeans modify nan nologin norecursive nosuperuser not null of on only options or order partition password per
	permission permissions primary rename replace restrict returns revoke role roles schema select select_masked set sfunc
	smallint static storage stype superuser table text time timestamp timeuuid tinyint to token tokens tokenize trigger
	truncate ttl tuple type unlogged unmask unset update use user users using uuid values varchar varint vector view where
	with writetime x X x1 _ _x 1x Select a.b`

// TestQuotedNames: what Quote leaves without quotes needs none, and what it quotes is the name again.
func TestQuotedNames(t *testing.T) {
	onBoth(t, func(t *target) {
		names := slices.Compact(strings.Fields(keywords + " a\"b \"\" é"))
		names = append(names, "two words")
		var create, quoted strings.Builder
		for _, n := range names {
			create.WriteString(cql.Quote(n) + " int, ")
			quoted.WriteString(", " + cql.Quote(n))
		}
		t.exec("CREATE TABLE KS.words (" + create.String() + "pk int PRIMARY KEY)")
		page, err := t.session.Fetch(t.Context(), cql.PageRequest{Statement: cql.Statement{CQL: t.in("SELECT pk" + quoted.String() + " FROM KS.words")}, Size: 1})
		require.NoError(t, err)
		var got []string
		for _, c := range page.Columns()[1:] {
			got = append(got, c.Name)
		}
		require.Equal(t, names, got)
	})
}

// TestDefinitionsOfAWrappedSession: they come by queries like any other.
func TestDefinitionsOfAWrappedSession(t *testing.T) {
	onBoth(t, func(t *target) {
		t.exec("CREATE TABLE KS.t (p int PRIMARY KEY, v int)")
		want := t.table("t")
		wrapped := cql.Wrap(t.other())
		t.Cleanup(wrapped.Close)
		got, err := wrapped.Table(t.Context(), t.keyspace+".t")
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
}
