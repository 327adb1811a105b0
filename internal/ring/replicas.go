package ring

import (
	"strconv"
	"strings"
)

// Replicas are the IDs of the nodes that hold a token in a keyspace, in the order of the ring, so the token's owner is
// first if it is one of them. replication is the keyspace's, as system_schema.keyspaces has it. Transient replicas do
// not hold everything, and are left out.
//
// Of EverywhereStrategy it is all nodes. With LocalStrategy each node holds data of its own; it is one and the same
// node for all tokens, so that who reads in ranges reads one node's data. Of a strategy that is not known, or says
// nothing that makes sense, it is the owner.
func (r *Ring) Replicas(token int64, replication map[string]string) []string {
	if len(r.places) == 0 {
		return nil
	}
	owner := r.owner(token)
	class := replication["class"]
	switch class[strings.LastIndexByte(class, '.')+1:] {
	case "NetworkTopologyStrategy":
		return r.networkTopology(owner, replication)
	case "SimpleStrategy":
		if rf, ok := parseFactor(replication["replication_factor"]); ok {
			return r.next(owner, rf.all-rf.transient)
		}
	case "EverywhereStrategy":
		return r.next(owner, len(r.places))
	case "LocalStrategy":
		return []string{r.first}
	}
	return r.next(owner, 1)
}

// next are n nodes from a place on, or all if there are not as many.
func (r *Ring) next(first, n int) []string {
	var ids []string
	for node := range r.from(first) {
		if len(ids) == n {
			break
		}
		ids = append(ids, node.ID)
	}
	return ids
}

// networkTopology does what NetworkTopologyStrategy.calculateNaturalReplicas does in Cassandra: in each data
// center it takes the nodes from the place on, but no second one of a rack as long as the replicas that are left are
// needed for the racks that are left.
func (r *Ring) networkTopology(first int, replication map[string]string) []string {
	type need struct {
		replicas int // that are still to be found
		repeats  int // of them, that may be in racks that have one
		racks    map[string]bool
	}
	needs := map[string]*need{}
	open := 0
	for name, dc := range r.dcs {
		rf, ok := parseFactor(replication[name])
		if !ok {
			continue
		}
		all := min(rf.all, dc.nodes)
		transient := max(rf.transient-(rf.all-all), 0)
		needs[name] = &need{all - transient, rf.all - len(dc.racks), map[string]bool{}}
		open += all - transient
	}
	var ids []string
	for node := range r.from(first) {
		if open == 0 {
			break
		}
		n := needs[node.DC]
		switch {
		case n == nil || n.replicas == 0:
			continue
		case !n.racks[node.Rack]:
			n.racks[node.Rack] = true
		case n.repeats > 0:
			n.repeats--
		default:
			continue
		}
		ids = append(ids, node.ID)
		n.replicas--
		open--
	}
	return ids
}

// factor is a replication factor: "3", or "3/1" with one transient replica among the three.
type factor struct{ all, transient int }

func parseFactor(text string) (f factor, ok bool) {
	all, transient, has := strings.Cut(text, "/")
	var err error
	if f.all, err = strconv.Atoi(all); err != nil {
		return f, false
	}
	if has {
		f.transient, err = strconv.Atoi(transient)
	}
	return f, err == nil && f.all > 0 && f.transient >= 0 && f.transient < f.all
}
