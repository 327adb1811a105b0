package cassandra

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"text/template"
	"time"
)

// startTimeout is how long a node may take until it is up: 10 s by itself on two cores, more beside a compiler.
const startTimeout = 180 * time.Second

//go:embed recipe
var recipe embed.FS

var configuration = template.Must(template.ParseFS(recipe, "recipe/cassandra.yaml"))

// node is one Cassandra: its folder, its command line, and its process while it runs. The exported fields are the
// places of recipe/cassandra.yaml.
type node struct {
	Address, Seed           string
	StoragePort, NativePort int
	Nodes                   int // of the cluster
	Auth                    bool
	Dir                     string

	java    string
	lib     string
	heapMB  int
	scratch string // removed if our process dies before the node; may be empty
	process *process
}

// start writes the configuration and runs the node until it is up.
func (n *node) start(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, startTimeout, fmt.Errorf("not up after %v", startTimeout))
	defer cancel()
	if err := n.configure(); err != nil {
		return fmt.Errorf("cassandra: configuration of node %s: %w", n.Address, err)
	}
	p, err := startProcess(n.scratch, n.command()...)
	if err != nil {
		return fmt.Errorf("cassandra: node %s: %w", n.Address, err)
	}
	n.process = p
	select {
	case <-p.log.up:
		return nil
	case <-p.ended:
		return n.died()
	case <-ctx.Done():
		n.stop()
		return fmt.Errorf("cassandra: node %s: %w\n%s", n.Address, context.Cause(ctx), p.log.tail())
	}
}

// stop kills the node, if it runs: what it holds is thrown away, so there is nothing to end in good order.
func (n *node) stop() {
	if n.process != nil {
		n.process.kill()
		n.process = nil
	}
}

// died returns an error with the last lines of the log if the node ended without having been asked to.
func (n *node) died() error {
	if n.process == nil {
		return nil
	}
	select {
	case <-n.process.ended:
		err := n.process.err
		if err == nil {
			err = errors.New("exit status 0")
		}
		return fmt.Errorf("cassandra: node %s ended by itself: %w\n%s", n.Address, err, n.process.log.tail())
	default:
		return nil
	}
}

func (n *node) configure() error {
	if err := os.MkdirAll(n.path("tmp"), 0o755); err != nil {
		return err
	}
	for _, name := range []string{"jvm.options", "logback.xml"} {
		content, err := recipe.ReadFile("recipe/" + name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(n.path(name), content, 0o644); err != nil {
			return err
		}
	}
	yaml, err := os.Create(n.path("cassandra.yaml"))
	if err != nil {
		return err
	}
	return errors.Join(configuration.Execute(yaml, n), yaml.Close())
}

func (n *node) command() []string {
	config := url.URL{Scheme: "file", Path: n.path("cassandra.yaml")}
	// How long a node waits to hear of others; a single one has none.
	ringDelay := 100 * time.Millisecond
	argv := []string{n.java, fmt.Sprintf("-Xms%dM", n.heapMB), fmt.Sprintf("-Xmx%dM", n.heapMB)}
	if n.Nodes > 1 {
		ringDelay = 3 * time.Second // with 100 ms a node does not meet the seed
		// Several nodes are there to be killed and started: without the optimizing compiler a start is half the work.
		argv = append(argv, "-XX:TieredStopAtLevel=1")
	}
	return append(argv,
		"@"+n.path("jvm.options"),
		"-Dcassandra.config="+config.String(),
		"-Dlogback.configurationFile="+n.path("logback.xml"),
		"-Dcassandra.storagedir="+n.Dir,
		"-Djava.io.tmpdir="+n.path("tmp"), "-Djna.tmpdir="+n.path("tmp"),
		fmt.Sprintf("-Dcassandra.ring_delay_ms=%d", ringDelay.Milliseconds()),
		"-Dcassandra.superuser_setup_delay_ms=0", // else the first user comes 10 s after the start
		"-cp", filepath.Join(n.lib, "*"),
		"org.apache.cassandra.service.CassandraDaemon",
	)
}

func (n *node) path(name string) string { return filepath.Join(n.Dir, name) }
