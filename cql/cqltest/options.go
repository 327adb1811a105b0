package cqltest

// Option changes a server before it starts.
type Option func(*options)

type options struct {
	nodes    int
	vnodes   int
	inMemory bool
	exactFit bool
	logSize  int
}

// Nodes makes a cluster of n nodes at 127.0.0.1, 127.0.0.2 and so on, at most 200, all on one port. All of them have
// all the data; what differs is which node a request came to, and the nodes' tokens. Where loopback has only one address
// (macOS), several nodes need InMemory.
func Nodes(n int) Option { return func(o *options) { o.nodes = min(max(n, 1), 200) } }

// VNodes gives each node k tokens, at most 256, instead of one.
func VNodes(k int) Option { return func(o *options) { o.vnodes = min(max(k, 1), 256) } }

// InMemory opens no sockets: the server is reached only through its Dialer, by way of net.Pipe, so that it also works
// inside a testing/synctest bubble, in virtual time. Create the server inside the bubble, and close it there:
// its Dialer refuses whoever is not in the same bubble.
func InMemory() Option { return func(o *options) { o.inMemory = true } }

// ExactFitHasState makes a page that ends exactly with the last row carry a paging state, and an empty last page follow
// it, as a real server does when it has not looked ahead. Without it such a page is the last one.
func ExactFitHasState() Option { return func(o *options) { o.exactFit = true } }

// LogSize bounds how many requests the log keeps, the newest ones; 100,000 without it. The values bound to them are
// kept up to 64 MiB in all.
func LogSize(n int) Option { return func(o *options) { o.logSize = max(n, 0) } }
