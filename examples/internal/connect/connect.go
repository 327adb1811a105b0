package connect

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gocql/gocql"

	"github.com/rxcql/rxcql/cql"
)

// Open connects to the cluster as the flags say, for an example that changes nothing in [Cluster.Config].
func (c *Cluster) Open(ctx context.Context) (*cql.Session, error) {
	config, err := c.Config()
	if err != nil {
		return nil, err
	}
	return c.Connect(ctx, config)
}

// Connect opens a session. It fails if the local data centre has no nodes: the driver would take those of any other
// without a word.
func (c *Cluster) Connect(ctx context.Context, config *gocql.ClusterConfig) (*cql.Session, error) {
	session, err := cql.Connect(ctx, config)
	if err != nil || c.dataCenter == "" {
		return session, err
	}
	if err := c.checkDataCenter(ctx, session); err != nil {
		session.Close()
		return nil, err
	}
	return session, nil
}

func (c *Cluster) checkDataCenter(ctx context.Context, session *cql.Session) error {
	hosts, err := session.Hosts(ctx)
	if err != nil {
		return err
	}
	var names []string
	for _, h := range hosts {
		names = append(names, h.DataCenter)
	}
	if slices.Contains(names, c.dataCenter) {
		return nil
	}
	slices.Sort(names)
	return fmt.Errorf("-dc: no node is in data centre %q; there is %s", c.dataCenter, strings.Join(slices.Compact(names), ", "))
}
