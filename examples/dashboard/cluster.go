package main

import (
	"context"
	"fmt"
	"io"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/examples/internal/sample"
)

// receipts is the table that is written on the server inside the process.
const receipts = "shop.receipts"

// connected connects to the cluster that is named; where none is, to a server inside the process that has the tables.
func connected(ctx context.Context, s *settings, log io.Writer) (session *cql.Session, disconnect func(), err error) {
	if s.cluster.Named() {
		config, err := s.cluster.Config()
		if err != nil {
			return nil, nil, err
		}
		session, err := s.cluster.Connect(ctx, config)
		if err != nil {
			return nil, nil, err
		}
		return session, session.Close, nil
	}
	server := cqltest.NewServer(cqltest.LogSize(0))
	sample.Fill(server, sample.Table, s.rows)
	server.MustExec("CREATE TABLE " + receipts + " (customer int, number int, at timestamp, cents int, tax int, PRIMARY KEY (customer, number))")
	session, err = cql.Connect(ctx, server.Cluster())
	if err != nil {
		server.Close()
		return nil, nil, err
	}
	fmt.Fprintf(log, "Running against a test server inside this process, with the tables %s and %s; -hosts 10.0.0.1 uses your cluster.\n",
		sample.Table, receipts)
	return session, func() { session.Close(); server.Close() }, nil
}
