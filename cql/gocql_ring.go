package cql

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/gocql/gocql"
)

// ringPolicy watches the nodes of the cluster as gocql tells its host selection policy; there is no other way to ask
// v1.7 for them.
type ringPolicy struct {
	gocql.HostSelectionPolicy

	mu    sync.Mutex
	hosts map[string]*gocql.HostInfo // by host id
}

func (p *ringPolicy) AddHost(h *gocql.HostInfo) {
	p.set(h)
	p.HostSelectionPolicy.AddHost(h)
}

func (p *ringPolicy) HostUp(h *gocql.HostInfo) {
	p.set(h)
	p.HostSelectionPolicy.HostUp(h)
}

func (p *ringPolicy) RemoveHost(h *gocql.HostInfo) {
	p.mu.Lock()
	delete(p.hosts, h.HostID())
	p.mu.Unlock()
	p.HostSelectionPolicy.RemoveHost(h)
}

// Pick asks the policy. A token-aware one panics when a statement has fewer arguments than its partition key markers;
// it is then asked again without the statement, so that the request fails with what the driver says of arguments.
func (p *ringPolicy) Pick(q gocql.ExecutableQuery) (next gocql.NextHost) {
	defer func() {
		if recover() != nil {
			next = p.HostSelectionPolicy.Pick(nil)
		}
	}()
	if first, ok := q.Context().Value(routeKey{}).(*gocql.Query); ok {
		q = routed{q, first}
	}
	return p.HostSelectionPolicy.Pick(q)
}

// routed is a batch that goes where its first statement would: the driver does not find the replicas for one whose
// arguments it has to ask for.
type routed struct {
	gocql.ExecutableQuery
	first *gocql.Query
}

func (r routed) GetRoutingKey() ([]byte, error) { return r.first.GetRoutingKey() }

type routeKey struct{}

// routedBy gives the context for a batch with this first statement.
func (d *gocqlDriver) routedBy(ctx context.Context, first *bound) context.Context {
	return context.WithValue(ctx, routeKey{}, d.session.Query(first.text, first.values...).WithContext(ctx))
}

func (p *ringPolicy) set(h *gocql.HostInfo) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hosts[h.HostID()] = h
}

func (p *ringPolicy) list() []*gocql.HostInfo {
	p.mu.Lock()
	defer p.mu.Unlock()
	hosts := make([]*gocql.HostInfo, 0, len(p.hosts))
	for _, h := range p.hosts {
		hosts = append(hosts, h)
	}
	return hosts
}

// Hosts lists the nodes that the driver told its policy of; for a wrapped session, what the system tables of one
// coordinator say.
func (d *gocqlDriver) Hosts(ctx context.Context) ([]Host, error) {
	if d.ring == nil {
		return d.hostsFromTables(ctx)
	}
	infos := d.ring.list()
	hosts := make([]Host, len(infos))
	for i, h := range infos {
		hosts[i] = Host{
			ID: h.HostID(), Address: h.ConnectAddressAndPort(), DataCenter: h.DataCenter(), Rack: h.Rack(),
			Tokens: h.Tokens(), Up: h.IsUp(),
		}
	}
	return hosts, nil
}

// hostsFromTables reads the system tables.
func (d *gocqlDriver) hostsFromTables(ctx context.Context) ([]Host, error) {
	var all []Host
	err := d.everyNode(ctx, func(ctx context.Context, table string) (*gocql.HostInfo, error) {
		hosts, from, err := d.readHosts(ctx, table)
		all = append(all, hosts...)
		return from, err
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b Host) int { return strings.Compare(a.ID, b.ID) })
	return slices.CompactFunc(all, func(a, b Host) bool { return a.ID == b.ID }), nil
}

// everyNode reads system.local and system.peers so that no node is left out; read gives the coordinator. None lists
// itself among its peers, and successive requests may go to different ones, unless they can be made to prefer one. So it
// reads until what it saw is the whole: both tables of one coordinator, or the peers of two.
func (d *gocqlDriver) everyNode(ctx context.Context, read func(ctx context.Context, table string) (*gocql.HostInfo, error)) error {
	const attempts = 8
	local, err := read(ctx, "system.local")
	if err != nil {
		return err
	}
	ctx = PreferHosts(ctx, local.HostID())
	var first *gocql.HostInfo
	for i := range attempts {
		from, err := read(ctx, "system.peers")
		if err != nil {
			return err
		}
		if from == local || i > 0 && from != first {
			return nil
		}
		first = from
	}
	return fmt.Errorf("the coordinator of system.local never answered for system.peers in %d attempts; use Connect, with which requests can be sent to a node", attempts)
}

func (d *gocqlDriver) readHosts(ctx context.Context, table string) ([]Host, *gocql.HostInfo, error) {
	iter := d.ask(ctx, "SELECT host_id, rpc_address, data_center, rack, tokens FROM "+table)
	from := iter.Host()
	var (
		hosts    []Host
		id       gocql.UUID
		address  net.IP
		dc, rack string
		tokens   []string
	)
	for iter.Scan(&id, &address, &dc, &rack, &tokens) {
		hosts = append(hosts, Host{
			ID: id.String(), Address: net.JoinHostPort(address.String(), strconv.Itoa(from.Port())), DataCenter: dc,
			Rack: rack, Tokens: tokens, Up: true,
		})
		tokens = nil
	}
	return hosts, from, iter.Close()
}
