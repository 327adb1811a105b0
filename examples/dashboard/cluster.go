package main

import (
	"context"
	"io"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/examples/internal/sample"
)

// receipts is the table that is written on the server inside the process.
const receipts = "shop.receipts"

// connected connects to the cluster that is named; where none is, to a server inside the process that has the tables.
func connected(ctx context.Context, s *settings, log io.Writer) (session *cql.Session, disconnect func(), err error) {
	return sample.OpenTables(ctx, s.cluster, log, func(server *cqltest.Server) {
		sample.Fill(server, sample.Table, s.rows)
		server.MustExec("CREATE TABLE " + receipts + " (customer int, number int, at timestamp, cents int, tax int, PRIMARY KEY (customer, number))")
	}, sample.Table, receipts)
}
