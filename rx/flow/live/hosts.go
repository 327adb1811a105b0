package live

import (
	"net"
	"net/netip"
	"strings"
)

// mayAsk tells whether a request that names the server so is answered.
func (p *Page) mayAsk(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = canonical(name)
	if ip, err := netip.ParseAddr(name); err == nil && ip.IsLoopback() {
		return true
	}
	return name == "localhost" || p.hosts[name]
}

// canonical is a name or address in the one form in which it is compared.
func canonical(host string) string {
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Unmap().String()
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
}
