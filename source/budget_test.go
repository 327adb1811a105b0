package source_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/internal/virtualtime"
	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/source"
)

// The pages of a query are requests of which a Budget allows a share to be retried.
func TestABudgetBoundsTheRetriesOfPages(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, session := serveInBubble(t)
		numbers(server, 300)
		server.Inject(cqltest.Fault{Match: onPage(2), Err: cqltest.ServerError("oops")})
		retry := operators.Backoff{Attempts: -1, Base: time.Microsecond, Budget: operators.NewBudget(10, 0)}
		got, err := source.Query[int](session, selectNumbers).PageSize(100).ReadAhead(0).Retry(retry).Rows().Collect(t.Context())
		require.Equal(t, upTo(100), got)
		var failed *source.PageError
		require.ErrorAs(t, err, &failed)
		require.Equal(t, 1+2*10, failed.Attempts, "the first, and ten for each of the two pages")
	})
}
