package rxcql_test

// The code of README.md, so that it compiles; its whole program is compiled by TestReadmeProgram, and what
// is of other modules in their examples. TestReadme compares.

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/checkpoint"
	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/flow"
	"github.com/rxcql/rxcql/rx/flow/flowlog"
	"github.com/rxcql/rxcql/rx/flow/live"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

type Reading struct {
	Sensor  int
	At      time.Time
	Celsius float64
}

type Alert struct {
	Sensor     int
	At         time.Time
	Fahrenheit float64
}

func leaveEarly(ctx context.Context, readings rx.Observable[Reading]) error {
	for reading, err := range readings.All(ctx) {
		if err != nil {
			return err
		}
		if reading.Celsius > 100 {
			fmt.Println("sensor", reading.Sensor, "is on fire")
			break // no page is fetched after this
		}
	}
	return nil
}

// alarm is a Subscriber that asks for a hundred readings at a time.
type alarm struct {
	rx.Subscription
	read int
}

func (a *alarm) OnSubscribe(s rx.Subscription) {
	a.Subscription = s
	s.Request(100)
}

func (a *alarm) OnNext(r Reading) {
	if a.read++; a.read%100 == 0 {
		a.Request(100) // now, or later, from any goroutine; a.Cancel() ends it
	}
}

func (a *alarm) OnError(err error) { fmt.Println("failed:", err) }
func (a *alarm) OnComplete()       { fmt.Println("all read") }

var _ rx.Subscriber[Reading] = (*alarm)(nil)

// alertsOf is the pipeline from above.
func alertsOf(readings rx.Observable[Reading]) rx.Observable[Alert] {
	hot := op.Filter(readings, func(r Reading) bool { return r.Celsius > 30 })
	return op.Map(hot, func(r Reading) Alert { return Alert{r.Sensor, r.At, r.Celsius*9/5 + 32} })
}

// copyAlerts reads the whole table, 8 pages at a time, and keeps in a file how far it got.
func copyAlerts(ctx context.Context, session *cql.Session, path string) error {
	file, err := checkpoint.File(path)
	if err != nil {
		return err
	}
	defer file.Close()
	readings := source.Table[Reading](session, "lab.readings").Resume(file)
	_, err = sink.Insert[Alert](session, "lab.alerts").Work(ctx, func(ctx context.Context, w *sink.Writer[Alert]) error {
		return readings.Each(ctx, 8, func(ctx context.Context, page source.TablePage[Reading]) error {
			return w.Write(ctx, alertsOf(rx.From(page.Rows...))) // nil: this page is done with
		})
	})
	return err
}

func copyUntilInterrupted(ctx context.Context, session *cql.Session) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	err := copyAlerts(ctx, session, "alerts.checkpoint")
	return err
}

func writeWatched(ctx context.Context, session *cql.Session, alerts rx.Observable[Alert]) (sink.Report, error) {
	monitor := flow.NewMonitor(flow.Options{})
	report, err := sink.Insert[Alert](session, "lab.alerts").Write(flow.With(ctx, monitor), alerts)
	fmt.Print(monitor.Snapshot().Runs[0].Text()) // and at any time before, from any goroutine
	return report, err
}

func watchInBrowser(monitor *flow.Monitor, job func() error) error {
	page, err := live.Listen("127.0.0.1:8090", monitor, live.Options{})
	if err != nil {
		return err
	}
	defer page.Close()
	log.Println("Watch it on", page.URL())
	return job()
}

func logged(monitor *flow.Monitor, job func() error) error {
	done := flowlog.Start(monitor, slog.Default(), 10*time.Second) // how runs go on, and how each has ended
	defer done()
	return job()
}

func writeTapped(ctx context.Context, insert sink.Mutation[Alert], alerts rx.Observable[Alert], record func(Alert)) error {
	var counts op.Counts
	audit := op.NewAsyncTap(1000, op.Hooks[Alert]{OnNext: record}) // 1,000 may wait for it; more are dropped, and counted
	defer audit.Close(ctx)
	report, err := insert.Write(ctx, op.Tap(alerts, op.HooksOf[Alert](&counts, audit)))
	log.Println(counts.Read().Items, "alerts,", audit.Dropped(), "of them not recorded;", report.Written, "written")
	return err
}

// readingsAPI serves readings: all of them, or a hundred at a time.
func readingsAPI(session *cql.Session, keys source.Keys) http.Handler {
	readings := source.Query[Reading](session, "SELECT * FROM lab.readings")
	api := http.NewServeMux()
	api.HandleFunc("GET /readings", func(w http.ResponseWriter, r *http.Request) {
		if _, err := sink.HTTP[Reading](w, r).Write(r.Context(), readings.Rows()); err != nil {
			log.Println("not all was sent:", err)
		}
	})
	api.HandleFunc("GET /readings/page", func(w http.ResponseWriter, r *http.Request) {
		cursors := source.Tokens{Keys: keys, Tenant: "public"}
		page, err := readings.PageSize(100).FromToken(cursors, r.FormValue("after")).Page(r.Context())
		var next string // empty at the end
		if err == nil {
			next, err = page.Token(cursors)
		}
		if err != nil {
			status := sink.StatusOf(err) // 400 for a cursor that was altered, or made for another tenant
			http.Error(w, http.StatusText(status), status)
			return
		}
		json.NewEncoder(w).Encode(map[string]any{"readings": page.Rows, "next": next})
	})
	return api
}

func loadReadings(ctx context.Context, session *cql.Session) error {
	rejected := source.RejectFile("rejected.jsonl")
	readings := source.CSV[Reading](source.File("readings.csv.gz")).OnError(rejected.Keep).Rows()
	insert := sink.Insert[Reading](session, "lab.readings").DeadLetters(sink.DeadLetterFile[Reading]("dead.jsonl"), sink.Tolerance{})
	report, err := insert.Write(ctx, readings)
	log.Println(report.Written, "rows written,", report.Dead, "in dead.jsonl,", rejected.Count(), "in rejected.jsonl")
	return err
}

func TestLostReplies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := cqltest.NewServer(cqltest.InMemory())
		defer server.Close()
		server.MustExec("CREATE KEYSPACE lab WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
		server.MustExec("CREATE TABLE lab.readings (sensor int, at timestamp, celsius double, PRIMARY KEY (sensor, at))")
		server.MustExec("INSERT INTO lab.readings (sensor, at, celsius) VALUES (7, '2025-07-01', 31.5)")
		server.Inject(cqltest.Fault{Match: cqltest.On("lab.readings"), Times: 3, Lose: true}) // three times, no answer comes

		session, err := cql.Connect(t.Context(), server.Cluster())
		require.NoError(t, err)
		defer session.Close()
		start := time.Now()
		rows, err := source.Query[Reading](session, "SELECT * FROM lab.readings").Rows().Collect(t.Context())
		require.NoError(t, err)
		require.Len(t, rows, 1)
		require.Greater(t, time.Since(start), 36*time.Second) // three time-outs; the test takes milliseconds
	})
}
