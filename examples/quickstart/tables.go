package main

import (
	"fmt"

	"github.com/rxcql/rxcql/cql/cqltest"
)

func (s *settings) readings() string { return s.keyspace + ".readings" }
func (s *settings) alerts() string   { return s.keyspace + ".alerts" }

// schema is the statements that make the keyspace and the tables where there are none.
func (s *settings) schema() []string {
	strategy := fmt.Sprintf("'SimpleStrategy', 'replication_factor': %d", s.replication)
	if dc := s.cluster.DataCenter(); dc != "" {
		strategy = fmt.Sprintf("'NetworkTopologyStrategy', '%s': %d", dc, s.replication)
	}
	return []string{
		"CREATE KEYSPACE IF NOT EXISTS " + s.keyspace + " WITH replication = {'class': " + strategy + "}",
		"CREATE TABLE IF NOT EXISTS " + s.readings() + ` (sensor int, at timestamp, celsius double,
			PRIMARY KEY (sensor, at))`,
		"CREATE TABLE IF NOT EXISTS " + s.alerts() + ` (run timestamp, number int, readings int, sensor int,
			at timestamp, fahrenheit double, PRIMARY KEY (run, number))`,
	}
}

// generator makes the readings up as they are read, so that the server needs no memory for them.
func generator(sensors int) cqltest.Generator {
	return cqltest.Generator{
		Partitions: sensors, Rows: perSensor,
		Key: func(p int) []any { return []any{p} },
		Row: func(p, r int) []any { m := madeUp(p, r); return []any{m.At, m.Celsius} },
	}
}
