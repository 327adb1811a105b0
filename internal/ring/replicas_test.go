package ring_test

import (
	"maps"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rxcql/rxcql/internal/ring"
)

// clockwise is the nodes in the order in which their tokens come from a token on, each once. It looks at every token
// for every node.
func clockwise(nodes []ring.Node, token int64) []ring.Node {
	nearest := func(n ring.Node) uint64 { // how far its nearest token is
		d := uint64(n.Tokens[0]) - uint64(token) // wraps around as the ring does
		for _, t := range n.Tokens {
			d = min(d, uint64(t)-uint64(token))
		}
		return d
	}
	nodes = slices.Clone(nodes)
	slices.SortStableFunc(nodes, func(a, b ring.Node) int {
		if nearest(a) < nearest(b) {
			return -1
		}
		return 1
	})
	return nodes
}

// modelOfDC is NetworkTopologyStrategy within a data center, as its documentation has it: of each rack the first node,
// and if these are too few, of the others those that come first.
func modelOfDC(order []ring.Node, dc string, rf int) map[string]bool {
	chosen, racks := map[string]bool{}, map[string]bool{}
	for _, n := range order {
		if n.DC == dc && !racks[n.Rack] && len(chosen) < rf {
			chosen[n.ID], racks[n.Rack] = true, true
		}
	}
	for _, n := range order {
		if n.DC == dc && len(chosen) < rf {
			chosen[n.ID] = true
		}
	}
	return chosen
}

func ids(nodes []ring.Node) []string {
	var out []string
	for _, n := range nodes {
		out = append(out, n.ID)
	}
	return out
}

// distinctTokens leaves each token to one node, so that the model need not know who gets it.
func distinctTokens(nodes []ring.Node) []ring.Node {
	seen := map[int64]bool{}
	for i := range nodes {
		nodes[i].Tokens = slices.DeleteFunc(nodes[i].Tokens, func(t int64) bool {
			twice := seen[t]
			seen[t] = true
			return twice
		})
	}
	return slices.DeleteFunc(nodes, func(n ring.Node) bool { return len(n.Tokens) == 0 })
}

func TestReplicasAreThoseOfTheModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		nodes := distinctTokens(anyNodes().Draw(t, "nodes"))
		r := ring.New(nodes)
		token := anyToken().Draw(t, "token")
		order := clockwise(nodes, token)
		rf := map[string]int{"dc1": rapid.IntRange(0, 4).Draw(t, "dc1"), "dc2": rapid.IntRange(0, 4).Draw(t, "dc2")}

		got := r.Replicas(token, map[string]string{"class": "org.apache.cassandra.locator.SimpleStrategy", "replication_factor": strconv.Itoa(rf["dc1"] + 1)})
		require.Equal(t, ids(order[:min(rf["dc1"]+1, len(order))]), got)
		require.Equal(t, order[0].ID, got[0], "the owner is first")

		replication := map[string]string{"class": "NetworkTopologyStrategy", "dc3": "3"}
		chosen := map[string]bool{}
		for dc, n := range rf {
			replication[dc] = strconv.Itoa(n)
			maps.Copy(chosen, modelOfDC(order, dc, n))
		}
		want := ids(slices.DeleteFunc(slices.Clone(order), func(n ring.Node) bool { return !chosen[n.ID] }))
		require.Equal(t, want, r.Replicas(token, replication))
	})
}

func TestReplicas(t *testing.T) {
	nodes := []ring.Node{
		{ID: "c", DC: "dc1", Rack: "r1", Tokens: []int64{0}},
		{ID: "a", DC: "dc1", Rack: "r1", Tokens: []int64{10}},
		{ID: "b", DC: "dc1", Rack: "r2", Tokens: []int64{20}},
		{ID: "d", DC: "dc2", Rack: "r1", Tokens: []int64{30, ring.Max}},
		{ID: "joining", DC: "dc1", Rack: "r3"},
	}
	r := ring.New(nodes)
	simple := func(rf string) map[string]string {
		return map[string]string{"class": "SimpleStrategy", "replication_factor": rf}
	}
	network := func(dc1, dc2 string) map[string]string {
		return map[string]string{"class": "NetworkTopologyStrategy", "dc1": dc1, "dc2": dc2}
	}
	for _, c := range []struct {
		name        string
		token       int64
		replication map[string]string
		want        []string
	}{
		{"the end of an owned range", 10, simple("1"), []string{"a"}},
		{"what follows it", 11, simple("1"), []string{"b"}},
		{"the ring's start", ring.Min, simple("2"), []string{"c", "a"}},
		{"the ring's end", ring.Max, simple("2"), []string{"d", "c"}},
		{"more than there are", 5, simple("9"), []string{"a", "b", "d", "c"}},
		{"a second rack first", 0, network("2", "0"), []string{"c", "b"}},
		{"as many as nodes", 0, network("3", "1"), []string{"c", "a", "b", "d"}},
		{"more than nodes", 0, network("5", "5"), []string{"c", "a", "b", "d"}},
		{"the owner is none of them", 25, network("2", "0"), []string{"c", "b"}},
		{"nowhere", 25, network("0", ""), nil},
		{"a transient replica", 0, network("3/1", "0"), []string{"c", "a"}},
		{"a transient replica that there is no node for", 0, network("4/1", "0"), []string{"c", "a", "b"}},
		{"of a simple strategy", 0, simple("3/1"), []string{"c", "a"}},
		{"nonsense", 0, simple("many"), []string{"c"}},
		{"everywhere", 15, map[string]string{"class": "org.apache.cassandra.locator.EverywhereStrategy"}, []string{"b", "d", "c", "a"}},
		{"local", 15, map[string]string{"class": "org.apache.cassandra.locator.LocalStrategy"}, []string{"a"}},
		{"local, elsewhere", 25, map[string]string{"class": "LocalStrategy"}, []string{"a"}},
		{"not known", 15, map[string]string{"class": "com.example.OurStrategy"}, []string{"b"}},
		{"nothing", 15, nil, []string{"b"}},
	} {
		require.Equal(t, c.want, r.Replicas(c.token, c.replication), c.name)
	}
	require.Empty(t, ring.New(nil).Replicas(0, simple("1")))
	require.Empty(t, ring.New(nodes[4:]).Replicas(0, simple("1")))

	both := []ring.Node{{ID: "z", Tokens: []int64{1, 5}}, {ID: "y", Tokens: []int64{5, 5}}}
	require.Equal(t, []string{"y", "z"}, ring.New(both).Replicas(5, simple("2")), "a token that two claim")
	require.Equal(t, []string{"z", "y"}, ring.New(both).Replicas(6, simple("2")))
}
