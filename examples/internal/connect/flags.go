package connect

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/gocql/gocql"

	"github.com/rxcql/rxcql/cql"
)

// Cluster is what the flags say. It is to be read after they were parsed.
type Cluster struct {
	Consistency cql.Consistency // for the example to pass to its queries and sinks

	hosts      string
	dataCenter string
	login      login
	tls        tlsFlags
}

// Bind defines the flags.
func Bind(flags *flag.FlagSet) *Cluster {
	c := &Cluster{}
	flags.StringVar(&c.hosts, "hosts", "", "`nodes` to connect to first, separated by commas, each host or host:port")
	flags.StringVar(&c.dataCenter, "dc", "", "local data `centre`: its nodes are asked first")
	flags.TextVar(&c.Consistency, "consistency", cql.LocalQuorum, "consistency `level` of reads and writes")
	c.login.bind(flags)
	c.tls.bind(flags)
	return c
}

// Named tells whether a cluster was named: whether -hosts was given.
func (c *Cluster) Named() bool { return c.hosts != "" }

// DataCenter is the local data centre, or empty.
func (c *Cluster) DataCenter() string { return c.dataCenter }

// Config makes a new configuration for the cluster. It reads the files that the flags name.
func (c *Cluster) Config() (*gocql.ClusterConfig, error) {
	hosts, port, err := c.contactPoints()
	if err != nil {
		return nil, err
	}
	config := gocql.NewCluster(hosts...)
	config.Port = cmp.Or(port, config.Port)
	config.ProtoVersion = 4
	config.ConnectTimeout = 5 * time.Second
	config.Logger = log.New(io.Discard, "", 0) // failures are returned, too
	if config.Authenticator, err = c.login.authenticator(); err != nil {
		return nil, err
	}
	if config.SslOpts, err = c.tls.options(); err != nil {
		return nil, err
	}
	if c.dataCenter != "" {
		local := gocql.DCAwareRoundRobinPolicy(c.dataCenter)
		config.PoolConfig.HostSelectionPolicy = gocql.TokenAwareHostPolicy(local)
	}
	return config, nil
}

// contactPoints gives the hosts, and the port of the first one that names its own: the nodes that the driver finds
// beyond them have it too. It is 0 if none does.
func (c *Cluster) contactPoints() (hosts []string, port int, err error) {
	for host := range strings.SplitSeq(c.hosts, ",") {
		if host = strings.TrimSpace(host); host == "" {
			continue
		}
		hosts = append(hosts, host)
		name, number, err := net.SplitHostPort(host)
		if err != nil {
			continue // without a port
		}
		own, err := strconv.ParseUint(number, 10, 16)
		if err != nil || own == 0 || name == "" {
			return nil, 0, fmt.Errorf("-hosts: %q is neither host nor host:port", host)
		}
		port = cmp.Or(port, int(own))
	}
	if len(hosts) == 0 {
		return nil, 0, errors.New("-hosts names no host")
	}
	return hosts, port, nil
}
