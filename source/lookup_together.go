package source

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/rxcql/rxcql/internal/decode"
	"github.com/rxcql/rxcql/rx"
)

// mostTogether is how many keys are asked for with one request.
const mostTogether = 100

// together is the lookups of one run, which ask for rows of one partition together: while a request for a partition is
// under way others for it wait, and then go as one. So no key waits when there is nothing to wait for, and there are
// larger batches the slower the servers are: the group commit of databases, and what GraphQL's data loaders are for.
//
// Whatever does not go as it should with a batch, its keys are asked for one by one, each with its own error.
type together[T any] struct {
	query Select[T]
	form  rowQuery

	mu     sync.Mutex
	active int                      // lookups under way
	asked  chan struct{}            // closed when marker is known; nil until somebody wants to know
	marker int                      // of the last clustering column; -1: each row is asked for by itself
	lines  map[string][]*waiting[T] // by partition, as long as a request for it is under way
}

// waiting is a lookup that waits for its turn.
type waiting[T any] struct {
	value any            // of the last clustering column
	told  chan answer[T] // gets one
}

// answer is either to ask for some, the first being one's own, or what another has found.
type answer[T any] struct {
	ask  []*waiting[T]
	rows []T // one or none
	ok   bool
}

// newTogether returns nil if the query is not one of rows that could be asked for together.
func newTogether[T any](query Select[T]) *together[T] {
	form, ok := rowQueryOf(query.statement.CQL)
	if !ok || query.state != nil || query.token != nil {
		return nil
	}
	return &together[T]{query: query, form: form, lines: map[string][]*waiting[T]{}}
}

// first gives the first page of a query that differs from the run's in its arguments only.
func (j *together[T]) first(ctx context.Context, query Select[T]) (Page[T], error) {
	args := query.statement.Args
	if j == nil {
		return query.firstRows(ctx)
	}
	partition, ok := j.enter(ctx, args)
	defer j.leave()
	if !ok {
		return query.firstRows(ctx)
	}
	me := &waiting[T]{value: args[j.marker], told: make(chan answer[T], 1)}
	ask := []*waiting[T]{me}
	if j.wait(partition, me) {
		var a answer[T]
		select {
		case a = <-me.told:
		case <-ctx.Done(): // as it has for all others
			return Page[T]{}, rx.Cause(ctx)
		}
		switch ask = a.ask; {
		case a.ok:
			return Page[T]{Rows: a.rows}, nil
		case ask == nil:
			return query.firstRows(ctx)
		}
	}
	if len(ask) == 1 {
		defer j.next(partition)
		return query.firstRows(ctx)
	}
	found := j.ask(ctx, args, ask)
	j.next(partition)
	for i, w := range ask[1:] {
		w.told <- found[i+1]
	}
	if !found[0].ok {
		return query.firstRows(ctx)
	}
	return Page[T]{Rows: found[0].rows}, nil
}

// firstRows gives the first page that has rows, or the last.
func (q Select[T]) firstRows(ctx context.Context) (page Page[T], err error) {
	err = q.ReadAhead(0).Pages()(ctx, func(p Page[T]) bool {
		page = p
		return len(p.Rows) == 0 // more may come after an empty page
	})
	return page, err
}

// enter counts a lookup and gives its partition; false if it is to be asked for by itself: when it is the only one, or
// its arguments are of no use here.
func (j *together[T]) enter(ctx context.Context, args []any) (partition string, ok bool) {
	j.mu.Lock()
	j.active++
	asked, alone, first := j.asked, j.active == 1, false
	if asked == nil && !alone {
		asked, first = make(chan struct{}), true
		j.asked = asked
	}
	j.mu.Unlock()
	switch {
	case asked == nil:
		return "", false
	case first:
		j.marker = j.learn(ctx)
		close(asked)
	default:
		select {
		case <-asked:
		case <-ctx.Done():
			return "", false
		}
	}
	if j.marker < 0 || len(args) != len(j.form.equal) {
		return "", false
	}
	others, err := canonicalArguments(slices.Delete(slices.Clone(args), j.marker, j.marker+1))
	return string(others), err == nil
}

func (j *together[T]) leave() {
	j.mu.Lock()
	j.active--
	j.mu.Unlock()
}

// learn looks the primary key up. That it cannot be is no failure: the query says itself what is wrong.
func (j *together[T]) learn(ctx context.Context) int {
	table, err := j.query.session.Table(ctx, j.form.table)
	if err != nil {
		return -1
	}
	return j.form.lastOf(table)
}

// wait gets in line for a partition, if there is one: false if there was not, and is now.
func (j *together[T]) wait(partition string, w *waiting[T]) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	line, busy := j.lines[partition]
	if !busy {
		j.lines[partition] = nil
		return false
	}
	j.lines[partition] = append(line, w)
	return true
}

// next has the first in line ask for itself and those behind it.
func (j *together[T]) next(partition string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	line := j.lines[partition]
	if len(line) == 0 {
		delete(j.lines, partition)
		return
	}
	n := min(len(line), mostTogether)
	j.lines[partition] = slices.Clone(line[n:])
	line[0].told <- answer[T]{ask: line[:n:n]} // has room
}

// ask looks the rows up with one request, and gives what there is for each; args are those of one of them. If it cannot
// tell, what it gives is not ok.
func (j *together[T]) ask(ctx context.Context, args []any, of []*waiting[T]) []answer[T] {
	values := different(of)
	args = slices.Clone(args)
	args[j.marker] = values
	query := Select[Row](j.query)
	query.statement.CQL, query.statement.Args = j.form.together(j.marker), args
	if query.pageSize == 0 {
		query.pageSize = len(of) + 1 // so that the first page is the last
	}
	var rows []Row
	err := query.Rows()(ctx, func(r Row) bool {
		rows = append(rows, r)
		return len(rows) <= len(of)
	})
	var found []answer[T]
	if err == nil {
		found, err = j.match(rows, of)
	}
	if err != nil {
		return make([]answer[T], len(of))
	}
	return found
}

// different are the values of lookups, each once as far as can be told before their type is known.
func different[T any](of []*waiting[T]) []any {
	values := make([]any, 0, len(of))
	seen := make(map[string]struct{}, len(of))
	for _, w := range of {
		if text, err := canonicalArguments([]any{w.value}); err == nil {
			if _, again := seen[string(text)]; again {
				continue
			}
			seen[string(text)] = struct{}{}
		}
		values = append(values, w.value)
	}
	return values
}

// errUnmatched is a row that nobody asked for, as far as can be told.
var errUnmatched = errors.New("a row has a value that was not asked for")

// match gives each lookup its row, decoded for it alone.
func (j *together[T]) match(rows []Row, of []*waiting[T]) ([]answer[T], error) {
	found := make([]answer[T], len(of))
	for i := range found {
		found[i].ok = true
	}
	if len(rows) == 0 {
		return found, nil
	}
	columns := rows[0].Columns()
	at := len(columns) - 1
	if j.form.columns[0] == "*" {
		at = rows[0].Index(unquoted(j.form.equal[j.marker]))
	} else {
		columns = columns[:at:at]
	}
	if at < 0 {
		return nil, errUnmatched
	}
	byValue := make(map[string]Row, len(rows))
	for _, r := range rows {
		byValue[string(r.Cell(at))] = r
	}
	decoder := &decode.Decoder[T]{Lenient: j.query.lenient}
	if err := decoder.Page(columns, len(of)); err != nil {
		return nil, err
	}
	matched := make(map[string]struct{}, len(rows))
	cells := make([][]byte, len(columns))
	for i, w := range of {
		value, err := rows[0].Columns()[at].Type.Marshal(w.value)
		if err != nil {
			return nil, err
		}
		row, ok := byValue[string(value)]
		if !ok {
			continue
		}
		for i := range cells {
			cells[i] = row.Cell(i)
		}
		decoded, err := decoder.Row(cells)
		if err != nil {
			return nil, err
		}
		found[i].rows = []T{decoded}
		matched[string(value)] = struct{}{}
	}
	if len(matched) != len(rows) {
		return nil, errUnmatched
	}
	return found, nil
}
