package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/rxcql/rxcql/cql/cqltest"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/source"
)

// surviveFailures shows what the driver alone does not do: a page that fails twice is asked for again, and a stream whose
// page fails for good is gone on with from the place that its error tells.
func surviveFailures(lab *lab, query source.Select[Reading], stop context.Context, out io.Writer) error {
	if lab.server == nil {
		fmt.Fprintln(out, "\n4. Pages that fail on purpose: left out, since this is a real cluster.")
		return nil
	}
	fmt.Fprintln(out, "\n4. Taking all, while the server fails on purpose: page 2 twice, page 3 for good")
	busy := lab.server.Inject(cqltest.Fault{Match: lab.page(2), Times: 2, Err: cqltest.Overloaded("too busy")})
	lab.server.Inject(cqltest.Fault{Match: lab.page(3), Times: 1, Err: cqltest.ReadFailure(0, 1, 1, false)})

	var seen tally
	err := op.Until(query.Rows(), stop).ForEach(context.Background(), seen.count)
	var failed *source.PageError
	if errors.As(err, &failed) {
		fmt.Fprintf(out, "   Page 2 failed %s and came all the same.\n", plural(busy.Hits(), "time"))
		fmt.Fprintf(out, "   Page %d failed for good and ended the stream after %s: %v.\n",
			failed.Page, plural(seen.rows, "row"), failed.Class)
		err = op.Until(query.From(failed.State).Rows(), stop).ForEach(context.Background(), seen.count)
	}
	if err != nil || stop.Err() != nil {
		return err
	}
	fmt.Fprintf(out, "   Went on from the paging state in the error: %s in all, %s lost, %s twice.\n",
		plural(seen.rows, "row"), thousands(lab.rows-seen.different()), thousands(seen.twice))
	return nil
}

// page matches the requests for a page of the readings.
func (l *lab) page(n int) func(cqltest.Request) bool {
	readings := cqltest.On(l.readings)
	return func(r cqltest.Request) bool { return r.IsSelect() && r.Page == n && readings(r) }
}
