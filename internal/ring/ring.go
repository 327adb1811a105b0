package ring

import (
	"cmp"
	"iter"
	"slices"
)

// Node is a node of the cluster.
type Node struct {
	ID, DC, Rack string
	Tokens       []int64 // in any order; a node that is still joining has none
}

// Ring is the tokens of a cluster and whose they are. It never changes, and may be used concurrently.
type Ring struct {
	places []place               // by token, each token once
	dcs    map[string]datacenter // of nodes that have tokens
	first  string                // the least ID of them
}

// place is a token: its node owns what lies between the token before, exclusive, and this one.
type place struct {
	token int64
	node  *Node
}

// datacenter counts what has tokens in it.
type datacenter struct {
	nodes int
	racks map[string]bool
}

// New makes a Ring of a cluster's nodes. A token that several nodes claim, which happens for a moment when one replaces
// another, goes to the one with the least ID.
func New(nodes []Node) *Ring {
	r := &Ring{dcs: map[string]datacenter{}}
	nodes = slices.Clone(nodes)
	slices.SortStableFunc(nodes, func(a, b Node) int { return cmp.Compare(a.ID, b.ID) })
	for i := range nodes {
		for _, t := range nodes[i].Tokens {
			r.places = append(r.places, place{t, &nodes[i]})
		}
	}
	slices.SortStableFunc(r.places, func(a, b place) int { return cmp.Compare(a.token, b.token) })
	r.places = slices.CompactFunc(r.places, func(a, b place) bool { return a.token == b.token })
	for n := range r.from(0) {
		dc, ok := r.dcs[n.DC]
		if !ok {
			dc.racks = map[string]bool{}
		}
		dc.nodes++
		dc.racks[n.Rack] = true
		r.dcs[n.DC] = dc
		if r.first == "" || n.ID < r.first {
			r.first = n.ID
		}
	}
	return r
}

// owner is the index of the place that a token belongs to; the ring is not empty.
func (r *Ring) owner(token int64) int {
	i, _ := slices.BinarySearchFunc(r.places, token, func(p place, t int64) int { return cmp.Compare(p.token, t) })
	return i % len(r.places) // behind the last token is the first one's
}

// from gives the nodes in the order of the ring, starting with that of a place, each once.
func (r *Ring) from(first int) iter.Seq[*Node] {
	return func(yield func(*Node) bool) {
		seen := map[string]bool{}
		for i := range r.places {
			n := r.places[(first+i)%len(r.places)].node
			if seen[n.ID] {
				continue
			}
			seen[n.ID] = true
			if !yield(n) {
				return
			}
		}
	}
}
