package loading

import (
	"context"

	"github.com/gocql/gocql"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

// openRxcql is for loading the file as examples/load does: cells that are not known when the program is compiled, of the
// types that the table has, at the pace that the sink finds.
func openRxcql(ctx context.Context, config *gocql.ClusterConfig) (func(context.Context, string) (int, error), func(), error) {
	session, err := cql.Connect(ctx, config)
	if err != nil {
		return nil, nil, err
	}
	return func(ctx context.Context, file string) (int, error) {
		prepared, err := session.Prepare(ctx, "SELECT "+columns+" FROM "+Table)
		if err != nil {
			return 0, err
		}
		readings := source.CSV[source.Row](source.File(file)).Columns(prepared.Columns).Rows()
		report, err := sink.Insert[source.Row](session, Table).Write(ctx, readings)
		return int(report.Written), err
	}, session.Close, nil
}
