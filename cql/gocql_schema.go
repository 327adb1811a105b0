package cql

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/gocql/gocql"
)

// schemaQuestions has one caller at a time ask for the versions of the schema, and not without end: whoever loops over
// arguments that are refused asks each time.
type schemaQuestions struct {
	turn chan struct{} // holds one element when nobody asks; who takes it may look at what is below

	began  time.Time // when the last question was asked
	answer string
	err    error
	second time.Time // the start of the second in which so many were asked
	asked  int
}

// mostQuestions is how many are asked in a second; then the last answer is given, which is a second old at most.
const mostQuestions = 10

func newSchemaQuestions() *schemaQuestions {
	q := &schemaQuestions{turn: make(chan struct{}, 1)}
	q.turn <- struct{}{}
	return q
}

// versions gives what ask answers. Those who wait share the answer to a question that was asked after they came.
func (q *schemaQuestions) versions(ctx context.Context, ask func(context.Context) (string, error)) (string, error) {
	came := time.Now()
	select {
	case <-q.turn:
	case <-ctx.Done():
		return "", ctx.Err()
	}
	defer func() { q.turn <- struct{}{} }()
	now := time.Now()
	if now.Sub(q.second) >= time.Second {
		q.second, q.asked = now, 0
	}
	if q.asked >= mostQuestions || q.began.After(came) && q.err == nil {
		return q.answer, q.err
	}
	q.began, q.asked = now, q.asked+1
	q.answer, q.err = ask(ctx)
	return q.answer, q.err
}

// schemaVersions gives the versions of the schema that the nodes have. One node's would not do: another may be behind,
// prepare a statement for the schema that it has, and catch up later.
func (d *gocqlDriver) schemaVersions(ctx context.Context) (string, error) {
	var versions []string
	err := d.everyNode(ctx, func(ctx context.Context, table string) (*gocql.HostInfo, error) {
		iter := d.ask(ctx, "SELECT schema_version FROM "+table)
		from := iter.Host()
		var version *gocql.UUID // null for a node of which nothing is known yet
		for iter.Scan(&version) {
			if version != nil {
				versions = append(versions, version.String())
			}
		}
		return from, iter.Close()
	})
	slices.Sort(versions)
	return strings.Join(slices.Compact(versions), " "), err
}
