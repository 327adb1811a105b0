package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/gocql/gocql"
	"golang.org/x/time/rate"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
)

// lab is the cluster with the two tables that the job works on.
type lab struct {
	session     *cql.Session
	server      *cqltest.Server // nil on a real cluster
	pages       *pages
	consistency cql.Consistency
	readings    string // the table to read
	alerts      string // the table to write
	rows        int    // in readings
	rate        rate.Limit
	started     time.Time
}

// open connects, makes the tables and fills the first one.
func open(stop context.Context, s *settings, out io.Writer) (_ *lab, err error) {
	l := &lab{
		pages:       &pages{},
		consistency: s.cluster.Consistency,
		readings:    s.readings(),
		alerts:      s.alerts(),
		rows:        s.sensors * perSensor,
		rate:        s.rate,
		started:     time.Now().UTC().Truncate(time.Millisecond), // as exact as a timestamp of CQL
	}
	defer func() {
		if err != nil {
			l.close()
		}
	}()
	config, err := l.config(s)
	if err != nil {
		return nil, err
	}
	config.QueryObserver = l.pages
	if l.session, err = s.cluster.Connect(stop, config); err != nil {
		return nil, err
	}
	for _, statement := range s.schema() {
		if err := l.session.Execute(stop, cql.Statement{CQL: statement}); err != nil {
			return nil, err
		}
	}
	if l.server == nil {
		return l, l.fill(stop, s.sensors, out)
	}
	fmt.Fprintln(out, "Running against a test server inside this process; -hosts 10.0.0.1 uses your cluster.")
	fmt.Fprintf(out, "Its table %s has %s rows.\n", l.readings, thousands(l.rows))
	l.server.Generate(l.readings, generator(s.sensors))
	return l, nil
}

// config is for the cluster that was named, or for a server inside the process.
func (l *lab) config(s *settings) (*gocql.ClusterConfig, error) {
	if s.cluster.Named() {
		return s.cluster.Config()
	}
	l.server = cqltest.NewServer(cqltest.LogSize(0)) // a log would count as our memory
	return l.server.Cluster(), nil
}

// pace is the throttle in words.
func (l *lab) pace() string {
	if l.rate == rate.Inf {
		return "no throttle"
	}
	return fmt.Sprintf("at most %v batches a second", l.rate)
}

// firstAlert is what the alerts of this run are counted from.
func (l *lab) firstAlert() Alert { return Alert{Run: l.started} }

// shutdown lets what is under way end, for a while, and disconnects.
func (l *lab) shutdown() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	err := l.session.Shutdown(ctx)
	l.close()
	return err
}

func (l *lab) close() {
	if l.session != nil {
		l.session.Close()
	}
	if l.server != nil {
		l.server.Close()
	}
}
