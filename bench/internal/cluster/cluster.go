// Package cluster has the configuration of gocql that all contestants in Go begin with.
package cluster

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/gocql/gocql"
)

// Config is gocql's own for these contact points, host:port with commas between them, but patient with a server that has
// much to do, and with the consistency that the peers in other languages have by default. A single contact point is the only
// one that is talked to, whatever it says of others: it may be no node, but what counts requests.
func Config(hosts string) (*gocql.ClusterConfig, error) {
	points := strings.Split(hosts, ",")
	config := gocql.NewCluster(points...)
	config.Timeout, config.ConnectTimeout = 2*time.Minute, time.Minute
	config.Consistency = gocql.LocalOne
	config.RetryPolicy = patience{&gocql.ExponentialBackoffRetryPolicy{NumRetries: 10, Min: 100 * time.Millisecond, Max: 10 * time.Second}}
	host, text, err := net.SplitHostPort(points[0])
	if err != nil {
		return nil, fmt.Errorf("contact point %q: want host:port: %w", points[0], err)
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		return nil, fmt.Errorf("contact point %q: %w", points[0], err)
	}
	config.Port = port // of the hosts that the driver discovers
	if ip := net.ParseIP(host); ip != nil && len(points) == 1 {
		config.AddressTranslator = gocql.AddressTranslatorFunc(func(net.IP, int) (net.IP, int) { return ip, port })
	}
	return config, nil
}

// patience tries again on the same host: gocql's policies go on to the next one, which a single node does not have. rxcql
// has its own.
type patience struct {
	*gocql.ExponentialBackoffRetryPolicy
}

func (patience) GetRetryType(error) gocql.RetryType { return gocql.Retry }
