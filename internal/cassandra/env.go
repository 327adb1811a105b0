package cassandra

import (
	"fmt"
	"net"
	"strconv"
	"strings"
)

const (
	envHosts      = "RXCQL_CASSANDRA_HOSTS"
	envUser       = "RXCQL_CASSANDRA_USER"
	envPassword   = "RXCQL_CASSANDRA_PASSWORD"
	envSkip       = "RXCQL_SKIP_INTEGRATION"
	envNoSkip     = "RXCQL_NO_SKIP"
	envSkipReport = "RXCQL_SKIP_REPORT" // set by Serve: the file in which each package notes how many tests it skipped

	defaultPort = "9042"
)

// settings is what the environment says.
type settings struct {
	hosts          []string // each with its port; empty: bring up a node
	user, password string
	skip, noSkip   bool
	skipReport     string
}

func readSettings(getenv func(string) string) (settings, error) {
	s := settings{user: getenv(envUser), password: getenv(envPassword), skipReport: getenv(envSkipReport)}
	var err error
	if s.skip, err = parseFlag(envSkip, getenv(envSkip)); err != nil {
		return settings{}, err
	}
	if s.noSkip, err = parseFlag(envNoSkip, getenv(envNoSkip)); err != nil {
		return settings{}, err
	}
	if s.hosts, err = parseHosts(getenv(envHosts)); err != nil {
		return settings{}, err
	}
	return s, nil
}

func parseFlag(name, value string) (bool, error) {
	if value == "" {
		return false, nil
	}
	on, err := strconv.ParseBool(value)
	if err != nil {
		return false, fmt.Errorf("%s=%q: want 1 or 0", name, value)
	}
	return on, nil
}

// parseHosts reads "h1:9042,h2,[::1]:9043" and gives every host a port.
func parseHosts(list string) ([]string, error) {
	if strings.TrimSpace(list) == "" {
		return nil, nil
	}
	var hosts []string
	for i, entry := range strings.Split(list, ",") {
		host, err := parseHost(strings.TrimSpace(entry))
		if err != nil {
			return nil, fmt.Errorf("%s=%q: entry %d: %w", envHosts, list, i+1, err)
		}
		hosts = append(hosts, host)
	}
	return hosts, nil
}

func parseHost(entry string) (string, error) {
	if ip := strings.TrimSuffix(strings.TrimPrefix(entry, "["), "]"); net.ParseIP(ip) != nil {
		return net.JoinHostPort(ip, defaultPort), nil
	}
	host, port := entry, defaultPort
	if strings.ContainsAny(entry, ":[]") {
		var err error
		if host, port, err = net.SplitHostPort(entry); err != nil {
			return "", fmt.Errorf("want host or host:port: %w", err)
		}
	}
	if host == "" {
		return "", fmt.Errorf("no host in %q", entry)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return "", fmt.Errorf("the port in %q must be a number from 1 to 65535", entry)
	}
	return net.JoinHostPort(host, port), nil
}
