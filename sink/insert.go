package sink

import (
	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/operators"
)

// Insert makes a sink that inserts each item as a row of a table, named as in CQL: keyspace.table. T must have all
// columns of the primary key; or, for static columns alone, those of the partition key and no clustering columns. A
// row whose clustering columns are all nil is one of static columns, as a scan gives it for a partition without rows,
// and is written as that.
//
//	report, err := sink.Insert[Reading](session, "lab.readings").Write(ctx, readings)
func Insert[T any](s *cql.Session, table string) Mutation[T] {
	return newMutation[T](s, spec{verb: insert, table: table})
}

// Update makes a sink that updates the row of a table that each item has the primary key of. Unlike Insert's, a row
// that has no values is no row. Counters are added to, which is not idempotent: such an update is not sent again where it
// may have been applied, and refused in a resumable job; see [ErrNotIdempotent]. For collections see [Mutation.Append]
// and [Mutation.Remove].
func Update[T any](s *cql.Session, table string) Mutation[T] {
	return newMutation[T](s, spec{verb: update, table: table})
}

// Delete makes a sink that deletes the row of a table that each item has the primary key of, which T must have all of; its
// other columns do not matter. To delete partitions or ranges, use [Exec].
func Delete[T any](s *cql.Session, table string) Mutation[T] {
	return newMutation[T](s, spec{verb: remove, table: table})
}

// Exec makes a sink that executes an INSERT, UPDATE or DELETE for each item, with what bind makes of it as arguments in
// the order of the markers. If bind is nil, markers are named, as :day, and stand for the columns of T, which may have
// others too. Unless [Mutation.Idempotent] says that it does no harm, the statement is not sent again where it may have
// been applied. Statements with the same partition key are executed in the order of their items if each column of that key
// has a marker of its own; others in any order, with timestamps in the order in which they are sent. A condition (IF …)
// that does not hold is an answer; see [Mutation.NotApplied].
func Exec[T any](s *cql.Session, statement string, bind func(T) []any) Mutation[T] {
	m := newMutation[T](s, spec{verb: execute, text: statement})
	m.bind, m.batch = bind, 1
	return m
}

func newMutation[T any](s *cql.Session, sp spec) Mutation[T] {
	return Mutation[T]{session: s, spec: sp, batch: mostInBatch, retry: operators.Backoff{Attempts: defaultAttempts}}
}
