package cqltest

import (
	"fmt"
	"net"
	"strings"

	"github.com/gocql/gocql"

	"github.com/rxcql/rxcql/cql/cqltest/internal/syntax"
)

const (
	releaseVersion = "5.0.6"
	datacenter     = "datacenter1"
	rack           = "rack1"
	partitioner    = "org.apache.cassandra.dht.Murmur3Partitioner"
)

// systemSchemas are the tables that drivers read, by their full names.
var systemSchemas = func() map[string]*schema {
	out := map[string]*schema{}
	for _, text := range []string{
		`system.local (key text PRIMARY KEY, bootstrapped text, broadcast_address inet, broadcast_port int, cluster_name text,
			cql_version text, data_center text, host_id uuid, listen_address inet, listen_port int, native_protocol_version text,
			partitioner text, rack text, release_version text, rpc_address inet, rpc_port int, schema_version uuid, tokens set<text>)`,
		`system.peers (peer inet PRIMARY KEY, data_center text, host_id uuid, rack text, release_version text, rpc_address inet,
			schema_version uuid, tokens set<text>)`,
		`system.peers_v2 (peer inet, peer_port int, data_center text, host_id uuid, native_address inet, native_port int, rack text,
			release_version text, schema_version uuid, tokens set<text>, PRIMARY KEY (peer, peer_port))`,
		`system.size_estimates (keyspace_name text, table_name text, range_start text, range_end text, mean_partition_size bigint,
			partitions_count bigint, PRIMARY KEY (keyspace_name, table_name, range_start, range_end))`,
		`system_schema.keyspaces (keyspace_name text PRIMARY KEY, durable_writes boolean, replication frozen<map<text, text>>)`,
		`system_schema.tables (keyspace_name text, table_name text, comment text, flags frozen<set<text>>, id uuid,
			PRIMARY KEY (keyspace_name, table_name))`,
		`system_schema.columns (keyspace_name text, table_name text, column_name text, clustering_order text, kind text, position int,
			type text, PRIMARY KEY (keyspace_name, table_name, column_name))`,
		`system_schema.views (keyspace_name text, view_name text, base_table_id uuid, base_table_name text,
			bloom_filter_fp_chance double, caching frozen<map<text, text>>, comment text, compaction frozen<map<text, text>>,
			compression frozen<map<text, text>>, crc_check_chance double, dclocal_read_repair_chance double,
			default_time_to_live int, extensions frozen<map<text, blob>>, gc_grace_seconds int, id uuid,
			include_all_columns boolean, max_index_interval int, memtable_flush_period_in_ms int, min_index_interval int,
			read_repair_chance double, speculative_retry text, where_clause text, PRIMARY KEY (keyspace_name, view_name))`,
		`system_schema.types (keyspace_name text, type_name text, field_names frozen<list<text>>, field_types frozen<list<text>>,
			PRIMARY KEY (keyspace_name, type_name))`,
		`system_schema.functions (keyspace_name text, function_name text, argument_types frozen<list<text>>,
			argument_names frozen<list<text>>, body text, called_on_null_input boolean, language text, return_type text,
			PRIMARY KEY (keyspace_name, function_name, argument_types))`,
		`system_schema.aggregates (keyspace_name text, aggregate_name text, argument_types frozen<list<text>>, final_func text,
			initcond text, return_type text, state_func text, state_type text,
			PRIMARY KEY (keyspace_name, aggregate_name, argument_types))`,
		`system_schema.indexes (keyspace_name text, table_name text, index_name text, kind text, options frozen<map<text, text>>,
			PRIMARY KEY (keyspace_name, table_name, index_name))`,
		`system_schema.triggers (keyspace_name text, table_name text, trigger_name text, options frozen<map<text, text>>,
			PRIMARY KEY (keyspace_name, table_name, trigger_name))`,
		`system_traces.sessions (session_id uuid PRIMARY KEY, client inet, command text, coordinator inet, duration int,
			request text, started_at timestamp)`,
		`system_traces.events (session_id uuid, event_id timeuuid, activity text, source inet, source_elapsed int, thread text,
			PRIMARY KEY (session_id, event_id))`,
	} {
		p, err := syntax.Parse("CREATE TABLE " + text)
		if err != nil {
			panic(err)
		}
		st := p.Statement.(*syntax.CreateTable)
		s, err := newSchema(st)
		if err != nil {
			panic(err)
		}
		s.id = tableID(uint64(len(out)) | 1<<31)
		out[s.keyspace+"."+s.name] = s
	}
	return out
}()

type systemKey struct {
	table string
	node  *node
}

// systemTable makes a system table's rows as the node sees them now. Whoever reads it holds db.mu, so that the schema does
// not change.
func (db *database) systemTable(ks string, t syntax.Table, n *node) (*table, error) {
	s := systemSchemas[ks+"."+t.Name]
	if s == nil {
		return nil, invalidAt(t.Pos, "unconfigured table %s (cqltest has no %s.%s)", t.Name, ks, t.Name)
	}
	key := systemKey{ks + "." + t.Name, n}
	if made, ok := db.system.Load(key); ok {
		return made.(*table), nil
	}
	tab := &table{schema: s, store: newStore(s)}
	for _, vals := range db.systemRows(ks+"."+t.Name, n) {
		if err := tab.store.add(s, vals); err != nil {
			return nil, fmt.Errorf("cqltest: %s.%s: %w", ks, t.Name, err)
		}
	}
	db.system.Store(key, tab)
	return tab, nil
}

// add writes a row of Go values in the order of the declared columns.
func (st *store) add(s *schema, vals []any) error {
	cells := make([]cell, s.slots)
	key, ck := make([][]byte, len(s.pk)), make([][]byte, len(s.ck))
	for i, c := range s.declared {
		if i >= len(vals) || vals[i] == nil {
			continue
		}
		b, err := marshal(nil, c.typ, typeInfo(c.typ), vals[i])
		if err != nil {
			return fmt.Errorf("column %s: %w", c.name, err)
		}
		switch c.kind {
		case partitionKey:
			key[c.pos] = b
		case clusteringCl:
			ck[c.pos] = b
		default:
			cells[c.slot] = cell{b: b, written: true}
		}
	}
	r := st.upsert(key).upsert(ck)
	r.marker = cell{b: []byte{}, written: true}
	r.cells = cells
	return nil
}

func (db *database) systemRows(name string, n *node) [][]any {
	var rows [][]any
	version := db.schemaVersion()
	switch name {
	case "system.local":
		return [][]any{{"local", "COMPLETED", n.ip, 7000, "cqltest", "3.4.7", datacenter, n.hostID, n.ip, 7000, "4",
			partitioner, rack, releaseVersion, n.ip, n.port, version, n.tokenStrings()}}
	case "system.peers":
		for _, p := range db.nodes {
			if p != n {
				rows = append(rows, []any{p.ip, datacenter, p.hostID, rack, releaseVersion, p.ip, version, p.tokenStrings()})
			}
		}
	case "system.peers_v2":
		for _, p := range db.nodes {
			if p != n {
				rows = append(rows, []any{p.ip, 7000, datacenter, p.hostID, p.ip, p.port, rack, releaseVersion, version, p.tokenStrings()})
			}
		}
	case "system_schema.keyspaces":
		for _, k := range db.keyspaces {
			rows = append(rows, []any{k.name, k.durable, k.replication})
		}
		local := map[string]string{"class": "org.apache.cassandra.locator.LocalStrategy"}
		for _, ks := range []string{"system", "system_schema", "system_traces"} {
			rows = append(rows, []any{ks, true, local})
		}
	case "system_schema.tables":
		db.eachSchema(func(s *schema) { rows = append(rows, []any{s.keyspace, s.name, "", s.flags(), s.id}) })
	case "system_schema.columns":
		db.eachSchema(func(s *schema) {
			for _, c := range s.declared {
				rows = append(rows, []any{s.keyspace, s.name, c.name, c.clusteringOrder(), string(c.kind), c.pos, c.typ.String()})
			}
		})
	}
	return rows
}

func (db *database) eachSchema(f func(*schema)) {
	for _, k := range db.keyspaces {
		for _, t := range k.tables {
			f(t.schema)
		}
	}
	for _, s := range systemSchemas {
		f(s)
	}
}

// flags are those of a table made by CREATE TABLE without COMPACT STORAGE.
func (s *schema) flags() []string {
	if s.counter {
		return []string{"compound", "counter"}
	}
	return []string{"compound"}
}

func (c *column) clusteringOrder() string {
	switch {
	case c.kind != clusteringCl:
		return "none"
	case c.desc:
		return "desc"
	}
	return "asc"
}

// node is one member of the cluster.
type node struct {
	index  int
	ip     net.IP
	port   int
	hostID gocql.UUID
	tokens []int64
}

func (n *node) tokenStrings() []string {
	return strings.Fields(strings.Trim(fmt.Sprint(n.tokens), "[]"))
}

// newNodes gives each node its share of evenly spread tokens, interleaved as vnodes are.
func newNodes(n, vnodes int) []*node {
	nodes := make([]*node, n)
	for i := range nodes {
		nodes[i] = &node{index: i, ip: net.IPv4(127, 0, 0, byte(i+1)).To4(), hostID: tableID(uint64(i + 1))}
		nodes[i].hostID[0] = 0x40
	}
	total := uint64(n * vnodes)
	for k := range total {
		// One step before the even split, so that with a single token it is not at the ring's very start.
		t := int64(1<<63 + (^uint64(0)/total)*k + ^uint64(0)/total/2)
		nodes[k%uint64(n)].tokens = append(nodes[k%uint64(n)].tokens, t)
	}
	return nodes
}
