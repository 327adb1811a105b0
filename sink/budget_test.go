package sink_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/sink"
)

// The rows of an insert are requests of which a Budget allows a share to be retried.
func TestABudgetBoundsTheRetriesOfRows(t *testing.T) {
	server, session := serve(t)
	server.Inject(cqltest.Fault{Err: cqltest.ServerError("oops")})
	retry := operators.Backoff{Attempts: 100, Base: time.Microsecond, Budget: operators.NewBudget(5, 0)}
	_, err := sink.Insert[item](session, "shop.items").Retry(retry).Write(t.Context(), items(1))
	var failed *sink.WriteError
	require.ErrorAs(t, err, &failed)
	require.LessOrEqual(t, failed.Attempts, 1+5, "the first, and five for the row")
	require.Greater(t, failed.Attempts, 1+1, "one would be allowed without a request")
}
