package main

import (
	"context"
	"fmt"
	"io"

	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

// readBack tells what was written, and what of it is in the table: the alerts of this run.
func (l *lab) readBack(written sink.Report, hot int, out io.Writer) error {
	alerts := source.Query[Alert](l.session,
		"SELECT run, number, readings, sensor, at, fahrenheit FROM "+l.alerts+" WHERE run = ?", l.started).
		Consistency(l.consistency).Rows()
	var (
		count, readings int
		hottest         Alert
	)
	for alert, err := range alerts.All(context.Background()) {
		if err != nil {
			return err
		}
		count++
		readings += alert.Readings
		if count == 1 || alert.Fahrenheit > hottest.Fahrenheit {
			hottest = alert
		}
	}
	fmt.Fprintf(out, "   Wrote %s, one for each batch of up to 500, for %s; read back: %s for %s.\n",
		plural(written.Written, "alert"), plural(hot, "hot reading"), plural(count, "alert"), plural(readings, "reading"))
	if count > 0 {
		fmt.Fprintf(out, "   The hottest: %.1f °F at sensor %d on %s.\n",
			hottest.Fahrenheit, hottest.Sensor, hottest.At.UTC().Format("2 January 2006, 15:04"))
	}
	return nil
}
