package source

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/decode"
	"github.com/rxcql/rxcql/internal/fields"
	"github.com/rxcql/rxcql/internal/ring"
	"github.com/rxcql/rxcql/rx"
)

// plan is what a run of a scan knows of its table and cluster.
type plan struct {
	table       cql.Table
	selected    []string // the columns that the scan reads, WRITETIME and TTL of them too
	statement   cql.Statement
	unfiltered  string // the statement without the user's condition, which is
	where       string
	tokens      string // the statement for the tokens of rows only
	clustering  []clusteringColumn
	cursors     cursors
	ring        *ring.Ring
	nodes       int
	replication map[string]string
}

func (t Scan[T]) plan(ctx context.Context) (*plan, error) {
	session := t.pages.session
	table, err := session.Table(ctx, t.table)
	if err != nil {
		return nil, err
	}
	p := &plan{table: table, clustering: clusteringColumns(table, t.where)}
	if err := p.write(t.columns, t.row, t.pages.lenient, t.where, t.args); err != nil {
		return nil, fmt.Errorf("source: scan of %s: %w", t.table, err)
	}
	if p.cursors, err = newCursors(table, p.statement); err != nil {
		return nil, err
	}
	if p.replication, err = session.Keyspace(ctx, table.Keyspace); err != nil {
		return nil, err
	}
	switch partitioner, err := session.Partitioner(ctx); {
	case err != nil:
		return nil, err
	case !strings.HasSuffix(partitioner, "Murmur3Partitioner"):
		return nil, fmt.Errorf("source: scan of %s: the cluster's partitioner is %s; only tables of Murmur3Partitioner can be scanned",
			t.table, partitioner)
	}
	hosts, err := session.Hosts(ctx)
	if err != nil {
		return nil, err
	}
	if p.ring, err = ringOf(hosts); err != nil {
		return nil, err
	}
	p.nodes = max(len(hosts), 1)
	return p, nil
}

// write makes the statement. Its first two markers are the bounds of a range. Without columns and a row type it selects
// nothing but the token.
func (p *plan) write(columns []string, row reflect.Type, lenient bool, where string, args []any) error {
	var selectors []string
	for _, name := range columns {
		s, err := p.selector(name)
		if err != nil {
			return err
		}
		selectors = append(selectors, s)
	}
	if len(columns) == 0 && row != nil {
		var err error
		if selectors, err = p.selectors(row, lenient); err != nil {
			return err
		}
	}
	var keys []string
	for _, c := range p.table.Columns {
		if c.Kind == cql.PartitionKey {
			keys = append(keys, cql.Quote(c.Name))
		}
	}
	token := "token(" + strings.Join(keys, ", ") + ")"
	rest := " FROM " + cql.Quote(p.table.Keyspace) + "." + cql.Quote(p.table.Name) +
		" WHERE " + token + " > ? AND " + token + " <= ?"
	text := "SELECT " + strings.Join(append(selectors, token), ", ") + rest
	p.tokens = "SELECT " + token + rest
	p.unfiltered, p.where = text, where
	if where != "" {
		if err := onlyCondition(where); err != nil {
			return err
		}
		text += " AND " + where + "\nALLOW FILTERING" // on its own line: a comment may end the condition
	}
	p.statement = cql.Statement{CQL: text, Args: args}
	return nil
}

// onlyCondition refuses what comes after a condition in a SELECT: it would hold for each range by itself, and leave out
// rows of the table.
func onlyCondition(where string) error {
	l := lexer{rest: where}
	for token := l.next(); token != ""; token = l.next() {
		switch upper := strings.ToUpper(token); {
		case upper == ";", upper == "PER", upper == "ORDER", upper == "GROUP", upper == "ALLOW", isLimit(token):
			return fmt.Errorf(
				"the condition has %s; Where takes what a row must fulfil and nothing else (write a column of that name in double quotes)",
				upper)
		}
	}
	return nil
}

// selectors are those of a row type's own columns, else of all columns.
func (p *plan) selectors(row reflect.Type, lenient bool) ([]string, error) {
	if row.Kind() == reflect.Pointer {
		row = row.Elem()
	}
	var names []string
	itself := reflect.PointerTo(row).Implements(reflect.TypeFor[decode.RowUnmarshaler]())
	if row.Kind() == reflect.Struct && !itself && !fields.SingleValue(row) {
		all, err := fields.Of(row)
		if err != nil {
			return nil, err
		}
		for _, f := range all {
			names = append(names, f.Column)
		}
		p.sort(names)
	} else {
		for _, c := range p.table.Columns {
			names = append(names, c.Name)
		}
	}
	var selectors []string
	for _, name := range names {
		function, column, isCall := call(name)
		if !isCall {
			column = name
		}
		s, err := p.choose(function, column)
		switch {
		case err == nil:
			selectors = append(selectors, s)
		case !lenient:
			return nil, err
		}
	}
	if len(selectors) == 0 {
		return nil, fmt.Errorf("%v has no field for any of its columns", row)
	}
	return selectors, nil
}

// sort puts the names of a struct's fields in the order of the table's columns: that of the fields makes no difference
// to a cursor or a checkpoint.
func (p *plan) sort(names []string) {
	at := func(name string) int {
		_, column, isCall := call(name)
		if !isCall {
			column = name
		}
		return slices.IndexFunc(p.table.Columns, func(c cql.TableColumn) bool { return c.Name == column })
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(at(a), at(b)), cmp.Compare(a, b)) })
}

// times are the functions that tell the times of a column.
var times = []string{"writetime", "maxwritetime", "ttl"}

// call takes apart the name that WRITETIME or TTL of a column has in rows.
func call(name string) (function, column string, ok bool) {
	for _, function := range times {
		if rest, found := strings.CutPrefix(name, function+"("); found && strings.HasSuffix(rest, ")") {
			return function, strings.TrimSuffix(rest, ")"), true
		}
	}
	return "", "", false
}

// selector checks what Columns got, which is CQL.
func (p *plan) selector(text string) (string, error) {
	l := lexer{rest: text}
	var tokens []string
	for token := l.next(); token != ""; token = l.next() {
		tokens = append(tokens, token)
	}
	function, name := "", ""
	switch {
	case len(tokens) == 1:
		name = tokens[0]
	case len(tokens) == 4 && tokens[1] == "(" && tokens[3] == ")":
		function, name = strings.ToLower(tokens[0]), tokens[2]
	}
	if name == "" || function != "" && !slices.Contains(times, function) {
		return "", fmt.Errorf("%q is not a column; write a name, WRITETIME(name), MAXWRITETIME(name) or TTL(name)", text)
	}
	return p.choose(function, unquoted(name))
}

// choose notes a column of the table as read, and gives its selector.
func (p *plan) choose(function, name string) (string, error) {
	if !slices.ContainsFunc(p.table.Columns, func(c cql.TableColumn) bool { return c.Name == name }) {
		return "", fmt.Errorf("the table has no column %q", name)
	}
	p.selected = append(p.selected, name)
	if function == "" {
		return cql.Quote(name), nil
	}
	return function + "(" + cql.Quote(name) + ") AS " + cql.Quote(function+"("+name+")"), nil
}

// unchanged checks that the table is still as it was for what the scan reads.
func (p *plan) unchanged(ctx context.Context, s *cql.Session) error {
	now, err := s.Table(ctx, cql.Quote(p.table.Keyspace)+"."+cql.Quote(p.table.Name))
	switch canceled := rx.Cause(ctx); {
	case canceled != nil:
		return canceled
	case err != nil && cql.ClassOf(err) == cql.Invalid: // it is not there any more
		return fmt.Errorf("%w: %w", ErrSchemaChanged, err)
	case err != nil:
		return err
	case now.ID != p.table.ID:
		return fmt.Errorf("%w: the table was dropped and made anew", ErrSchemaChanged)
	}
	for _, name := range p.selected {
		is := func(c cql.TableColumn) bool { return c.Name == name }
		i, j := slices.IndexFunc(now.Columns, is), slices.IndexFunc(p.table.Columns, is)
		if i < 0 {
			return fmt.Errorf("%w: column %q was dropped", ErrSchemaChanged, name)
		}
		if now.Columns[i] != p.table.Columns[j] {
			return fmt.Errorf("%w: column %q was %s and is %s", ErrSchemaChanged, name, p.table.Columns[j].Type, now.Columns[i].Type)
		}
	}
	return nil
}

// split gives the ranges to read.
func (t Scan[T]) split(ctx context.Context, p *plan) ([]Range, error) {
	if t.ranges != nil {
		return t.given()
	}
	n := t.splits
	if n == 0 {
		n = 4 * t.width(p)
		bytes, _, err := t.pages.session.SizeEstimate(ctx, p.table)
		if err != nil {
			return nil, err
		}
		n = max(n, int(min(bytes/rangeTarget, mostRanges)))
	}
	var ranges []Range
	for _, r := range p.ring.Split(n) {
		ranges = append(ranges, Range{Start: r.Start, End: r.End})
	}
	if !t.ordered {
		rand.Shuffle(len(ranges), func(i, j int) { ranges[i], ranges[j] = ranges[j], ranges[i] })
	}
	return ranges, nil
}

// given are the ranges that were asked for.
func (t Scan[T]) given() ([]Range, error) {
	bounds := make([]ring.Range, len(t.ranges))
	for i, r := range t.ranges {
		bounds[i] = r.bounds()
	}
	if _, err := ring.Disjoint(bounds); err != nil {
		return nil, fmt.Errorf("source: %w", err)
	}
	ranges := slices.Clone(t.ranges)
	if t.ordered {
		sortRanges(ranges)
	}
	return ranges, nil
}

func sortRanges(ranges []Range) {
	slices.SortFunc(ranges, func(a, b Range) int { return cmp.Compare(a.Start, b.Start) })
}

const (
	rangeTarget  = 64 << 20 // bytes
	mostRanges   = 10_000   // by size
	perNode      = 2        // ranges at a time
	mostAtATime  = 16       // unless told otherwise
	mostParallel = 10_000
	mostSplits   = 1_000_000
	mostAhead    = 1000
)

// width is how many ranges are read at a time.
func (t Scan[T]) width(p *plan) int {
	switch {
	case t.ordered:
		return 1
	case t.parallel > 0:
		return t.parallel
	default:
		return min(perNode*p.nodes, mostAtATime)
	}
}

// held is how many pages of a range are held at most, for n consumers at a time.
func (t Scan[T]) held(width, n int) int {
	switch {
	case t.readAhead != defaultReadAhead:
		return 1 + t.readAhead
	case t.parallel > 0:
		return 1 + 1
	default:
		return 1 + (n+width-1)/width
	}
}

func ringOf(hosts []cql.Host) (*ring.Ring, error) {
	nodes := make([]ring.Node, len(hosts))
	for i, h := range hosts {
		tokens, err := ring.ParseTokens(h.Tokens)
		if err != nil {
			return nil, fmt.Errorf("source: node %s: %w", h.Address, err)
		}
		nodes[i] = ring.Node{ID: h.ID, DC: h.DataCenter, Rack: h.Rack, Tokens: tokens}
	}
	return ring.New(nodes), nil
}

// Splits gives the ranges that a run would read: those that were given, else parts of the ring in random order, or, with
// [Scan.InTokenOrder], in that of the ring. Each run draws a random order of its own.
func (t Scan[T]) Splits(ctx context.Context) ([]Range, error) {
	p, err := t.plan(ctx)
	if err != nil {
		return nil, err
	}
	return t.split(ctx, p)
}
