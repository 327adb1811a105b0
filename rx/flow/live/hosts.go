package live

import (
	"fmt"
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

// checkHost tells what is wrong with a name or address that nobody can ask by.
func checkHost(host string) error {
	name := canonical(host)
	if ip, err := netip.ParseAddr(name); err == nil {
		if ip.IsUnspecified() || ip.Zone() != "" {
			return fmt.Errorf("Options.Hosts: %q is no address that a browser asks for", host)
		}
		return nil
	}
	other := strings.IndexFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '.' && r != '_'
	})
	if name == "" || other >= 0 {
		return fmt.Errorf("Options.Hosts: %q is no name or IP address: write it without a scheme, port and path, such as "+
			"flow.example.com, and a name of other letters as browsers send it, such as xn--strae-oqa.example", host)
	}
	return nil
}

// canonical is a name or address in the one form in which it is compared.
func canonical(host string) string {
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Unmap().String()
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
}
