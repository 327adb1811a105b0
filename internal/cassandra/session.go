package cassandra

import (
	"net"
	"strconv"
	"time"

	"github.com/gocql/gocql"
)

// clusterConfig returns the driver's configuration for a cluster whose hosts come with their ports. Its timeouts are
// above the server's own, with room for a machine that also compiles.
func clusterConfig(hosts []string, user, password string) *gocql.ClusterConfig {
	c := gocql.NewCluster(hosts...)
	// For the hosts that the driver discovers.
	if _, port, err := net.SplitHostPort(hosts[0]); err == nil {
		if n, err := strconv.Atoi(port); err == nil {
			c.Port = n
		}
	}
	c.ProtoVersion = 4
	c.Timeout = 30 * time.Second
	c.ConnectTimeout = 30 * time.Second
	if user != "" {
		c.Authenticator = gocql.PasswordAuthenticator{Username: user, Password: password}
	}
	return c
}
