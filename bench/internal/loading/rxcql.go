package loading

import (
	"context"

	"github.com/gocql/gocql"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

// byRxcql loads the file as examples/load does: cells that are not known when the program is compiled, of the types that
// the table has, at the pace that the sink finds.
func byRxcql(ctx context.Context, config *gocql.ClusterConfig, file string) (rows int, err error) {
	session, err := cql.Connect(ctx, config)
	if err != nil {
		return 0, err
	}
	defer session.Close()
	prepared, err := session.Prepare(ctx, "SELECT "+columns+" FROM "+Table)
	if err != nil {
		return 0, err
	}
	readings := source.CSV[source.Row](source.File(file)).Columns(prepared.Columns).Rows()
	report, err := sink.Insert[source.Row](session, Table).Write(ctx, readings)
	return int(report.Written), err
}
