package cql

import "github.com/gocql/gocql"

// preferring is the policy of a session's driver: it gives the hosts that a request's context prefers, then those of
// the policy that it stands for. The driver passes over hosts that are down, or that it has no connection to.
type preferring struct{ *ringPolicy }

func (p preferring) Pick(q gocql.ExecutableQuery) gocql.NextHost {
	if q == nil {
		return p.ringPolicy.Pick(q)
	}
	hosts := p.find(preferredHosts(q.Context()))
	if len(hosts) == 0 {
		return p.ringPolicy.Pick(q)
	}
	var next gocql.NextHost
	return func() gocql.SelectedHost {
		if len(hosts) > 0 {
			host := hosts[0]
			hosts = hosts[1:]
			return preferredHost{host}
		}
		if next == nil { // only now: to pick by token, the driver may have to prepare the statement
			next = p.ringPolicy.Pick(q)
		}
		return next()
	}
}

// preferredHost is a host that was not the policy's choice, so that it is not told how the request went.
type preferredHost struct{ host *gocql.HostInfo }

func (h preferredHost) Info() *gocql.HostInfo { return h.host }
func (h preferredHost) Mark(error)            {}

// find gives the hosts of these ids that there are.
func (p *ringPolicy) find(ids []string) []*gocql.HostInfo {
	if len(ids) == 0 {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	var hosts []*gocql.HostInfo
	for _, id := range ids {
		if h := p.hosts[id]; h != nil {
			hosts = append(hosts, h)
		}
	}
	return hosts
}
