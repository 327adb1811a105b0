// Package connect gives all examples the same flags for the cluster that they work on:
//
//	flags := connect.NewFlags("count", "count [flags] keyspace.table counts rows.")
//	cluster := connect.Bind(flags)
//	…
//	help, err := connect.Parse(flags, os.Args[1:], os.Stdout)
//	config, err := cluster.Config()
//	session, err := cluster.Connect(ctx, config)
//
// What is between the last two is the example's: it may set an observer, or take another configuration when no cluster is
// named. Where there is nothing, [Cluster.Open] is both. No secret is ever printed, neither in the usage nor in an error.
package connect
