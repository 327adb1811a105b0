package cassandra

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"github.com/gocql/gocql"
)

// Options say what Start brings up.
type Options struct {
	// Nodes is how many, 1 to 3; 0 means 1. One listens on 127.0.0.1, several on 127.0.1.1 and the following.
	Nodes int
	// HeapMB is the heap of each node in MiB; 0 means 1024 for one node and 400 for each of several. A node takes
	// about 400 MiB on top of its heap.
	HeapMB int
	// Auth has users log in, and lets them do what they were granted only. The first is cassandra, whose password is the
	// same; it comes some moments after Start has returned.
	Auth bool
	// Dir is where data goes, and stays; empty means a temporary folder that Stop removes.
	Dir string
}

// Nodes is a cluster that Start brought up. Its methods are not for concurrent use.
type Nodes struct {
	nodes []*node
	auth  bool
	temp  string // the folder to remove; may be empty
}

// Start brings up a cluster and returns when every node answers. It takes about 10 s for one node on two cores and
// about 40 s for three, which have to join one after another; the first time of all it downloads Cassandra before.
// Cancelling ctx ends the start; a cluster that is up no longer looks at ctx. The caller calls Stop.
func Start(ctx context.Context, opts Options) (*Nodes, error) {
	count := max(opts.Nodes, 1)
	if opts.Nodes < 0 || opts.Nodes > 3 || opts.HeapMB < 0 {
		return nil, fmt.Errorf("cassandra: Options%+v: want 1 to 3 nodes, and a heap that is not negative", opts)
	}
	cache, err := cacheDir()
	if err != nil {
		return nil, err
	}
	t, err := findTools(ctx, wellKnownJDKs, !cached(cache))
	if err != nil {
		return nil, err
	}
	lib, err := jars(ctx, cache, t)
	if err != nil {
		return nil, err
	}
	addresses := []string{"127.0.0.1"}
	if count > 1 {
		addresses = []string{"127.0.1.1", "127.0.1.2", "127.0.1.3"}[:count]
	}
	ports, err := freePorts(2, addresses...)
	if err != nil {
		return nil, fmt.Errorf("cassandra: %w", err)
	}

	n := &Nodes{auth: opts.Auth}
	dir, err := filepath.Abs(opts.Dir)
	if err != nil {
		return nil, fmt.Errorf("cassandra: %w", err)
	}
	if opts.Dir == "" {
		if n.temp, err = os.MkdirTemp("", "rxcql-cassandra-"); err != nil {
			return nil, fmt.Errorf("cassandra: %w", err)
		}
		dir = n.temp
	}
	heap := opts.HeapMB
	if heap == 0 {
		heap = 1024
		if count > 1 {
			heap = 400
		}
	}
	for _, address := range addresses {
		next := &node{
			Address: address, Seed: addresses[0], StoragePort: ports[0], NativePort: ports[1], Nodes: count, Auth: opts.Auth,
			Dir: filepath.Join(dir, address), java: t.java, lib: lib, heapMB: heap, scratch: n.temp,
		}
		n.nodes = append(n.nodes, next)
		if err := next.start(ctx); err != nil {
			n.Stop()
			return nil, err
		}
	}
	return n, nil
}

// Hosts returns host:port of every node, also of those that are down.
func (n *Nodes) Hosts() []string {
	var hosts []string
	for _, node := range n.nodes {
		hosts = append(hosts, net.JoinHostPort(node.Address, strconv.Itoa(node.NativePort)))
	}
	return hosts
}

// Cluster returns a new gocql configuration for the nodes, with the first user if they want one.
func (n *Nodes) Cluster() *gocql.ClusterConfig {
	user := ""
	if n.auth {
		user = "cassandra"
	}
	return clusterConfig(n.Hosts(), user, user)
}

// Kill kills node i, counted from 0, with SIGKILL: it loses what it wrote in the last tenth of a second. The others
// take about 20 s to notice. Killing a node that is down does nothing.
func (n *Nodes) Kill(i int) { n.nodes[i].stop() }

// Restart starts node i again on its data and addresses, after killing it if it runs, and returns when it answers.
// The others, and a driver, take some seconds more to notice.
func (n *Nodes) Restart(i int) error {
	n.Kill(i)
	return n.nodes[i].start(context.Background())
}

// Stop kills all nodes and removes their temporary folder. Calling it again does nothing.
func (n *Nodes) Stop() {
	var all sync.WaitGroup
	for _, node := range n.nodes {
		all.Go(node.stop)
	}
	all.Wait()
	if n.temp != "" {
		_ = os.RemoveAll(n.temp) // whatever is left is the system's to clean
	}
}

// died returns an error if a node ended without having been asked to.
func (n *Nodes) died() error {
	var errs []error
	for _, node := range n.nodes {
		errs = append(errs, node.died())
	}
	return errors.Join(errs...)
}
