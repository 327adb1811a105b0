package main

import (
	"context"
	"fmt"
	"io"
	"time"

	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

// fill writes the readings of all sensors that do not have theirs: nothing to a table that is full, and after an
// interruption what is missing.
func (l *lab) fill(stop context.Context, sensors int, out io.Writer) error {
	fmt.Fprintf(out, "Filling table %s with %s rows, but for those that are there.\n", l.readings, thousands(l.rows))
	counted := op.MapAsync(rx.Range(0, sensors), 16, l.count)
	lacking := op.Filter(counted, func(s stock) bool { return s.readings < perSensor })
	readings := op.ConcatMap(lacking, func(s stock) rx.Observable[Reading] {
		return op.Map(rx.Range(0, perSensor), func(r int) Reading { return madeUp(s.sensor, r) })
	})
	taken, second := 0, newEvery(time.Second)
	told := op.Tap(op.Until(readings, stop), op.Hooks[Reading]{OnNext: func(Reading) {
		if taken++; taken%50_000 == 0 || second.over() {
			second.restart()
			fmt.Fprintf(out, "   %11s rows\n", thousands(taken))
		}
	}})
	report, err := sink.Insert[Reading](l.session, l.readings).Consistency(l.consistency).
		Write(context.Background(), told)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Wrote %s.\n", plural(report.Written, "row"))
	return rx.Cause(stop)
}

// stock is how many readings of a sensor are there.
type stock struct {
	sensor   int
	readings int64
}

func (l *lab) count(ctx context.Context, sensor int) (stock, error) {
	count := source.Query[int64](l.session, "SELECT COUNT(*) FROM "+l.readings+" WHERE sensor = ?", sensor)
	n, err := count.Consistency(l.consistency).Rows().First(ctx)
	return stock{sensor, n}, err
}
