package cqltest

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"

	"github.com/rxcql/rxcql/cql/cqltest/internal/syntax"
)

// page is one page of a result.
type page struct {
	rows  []byte // as [bytes], one after the other
	n     int
	state []byte // nil on the last page
}

// pager fills a page.
type pager struct {
	*selectPlan
	scan         scan
	state        *pageState
	perPartition int64 // 0 for no limit
	target       int   // rows that the page may have
	keep         bool  // a further page follows even without rows
	noLookAhead  bool
	out          page
	more         bool
	last         []byte // the partition of the last row
	inPartition  int64  // rows given from it
}

// read runs a SELECT. db's lock need not be held if the content is generated.
func (p *selectPlan) read(e *evaluation, tab content, pr *params, sizes []int, exactFit bool) (*page, error) {
	r, err := e.restrict(p.where)
	if err != nil {
		return nil, err
	}
	limit, err := e.limit(p.Limit, "LIMIT")
	if err != nil {
		return nil, err
	}
	perPartition, err := e.limit(p.PerPartition, "PER PARTITION LIMIT")
	if err != nil {
		return nil, err
	}
	g := &pager{selectPlan: p, perPartition: max(perPartition, 0)}
	g.scan = scan{restriction: r, content: tab, reverse: p.reverse, partOnly: p.Distinct, v: newView(p.schema)}
	// A page that can hold the whole limit is not paged at all, and a state that comes with it is forgotten: so does
	// Cassandra.
	paged := pr.pageSize > 0 && !p.counts && (limit < 0 || int64(pr.pageSize) < limit)
	sorted := len(p.Order) > 0 && r.keys != nil && !r.single
	switch {
	case p.counts:
		return g.count()
	case sorted && paged:
		return nil, Invalid("Cannot page queries with both ORDER BY and a IN restriction on the partition key; you must either " +
			"remove the ORDER BY or the IN and sort client side, or disable paging for this query")
	case sorted:
		return g.sorted(limit)
	}
	state := pr.pageState
	if !paged {
		state = nil
	}
	if g.state, err = r.resume(state, limit); err != nil {
		return nil, err
	}
	g.size(pr.pageSize, paged, sizes, exactFit)
	return g.fill()
}

func (e *evaluation) limit(t *syntax.Term, what string) (int64, error) {
	if t == nil {
		return -1, nil
	}
	n, ok, err := e.number(t, intType)
	switch {
	case err != nil:
		return 0, err
	case !ok:
		return -1, nil
	case n <= 0:
		return 0, invalidAt(t.Pos, "%s must be strictly positive", what)
	}
	return n, nil
}

// size decides how many rows this page may have: what the script says, else what the request asks for.
func (g *pager) size(requested int, paged bool, sizes []int, exactFit bool) {
	g.target = math.MaxInt
	if !paged {
		return
	}
	g.target = requested
	g.noLookAhead = exactFit
	if k := g.state.page; k < len(sizes) {
		g.target = sizes[k]
		g.keep = k+1 < len(sizes)
		g.noLookAhead = false
	}
}

func (g *pager) fill() (*page, error) {
	g.scan.from = g.state.at
	if g.state.at != nil {
		g.last, g.inPartition = g.state.at.raw, g.state.inPartition
	}
	g.scan.visit = g.visit
	if g.target < math.MaxInt {
		g.out.rows = make([]byte, 0, 32*min(g.target, 10_000))
	}
	if g.state.remaining != 0 {
		if err := g.scan.run(); err != nil {
			return nil, err
		}
	}
	if (g.more || g.keep) && g.state.remaining != 0 {
		g.state.page++
		g.out.state = g.state.encode()
	}
	return &g.out, nil
}

func (g *pager) visit(v *view) (bool, error) {
	if g.perPartition > 0 {
		if !bytes.Equal(v.raw, g.last) {
			g.last, g.inPartition = v.raw, 0
		}
		if g.inPartition >= g.perPartition {
			return true, nil
		}
	}
	if g.out.n >= g.target {
		g.more = true
		return false, nil
	}
	g.out.rows = g.appendRow(g.out.rows, v)
	g.out.n++
	if g.state.remaining > 0 {
		g.state.remaining--
	}
	g.inPartition++
	full := g.out.n == g.target
	if full || g.keep {
		g.state.at = &position{raw: bytes.Clone(v.raw)}
		g.state.inPartition = g.inPartition
		if v.ck != nil && !g.Distinct {
			g.state.at.clustering = cloneValues(v.ck)
		}
	}
	if full && g.noLookAhead {
		g.more = true
		return false, nil
	}
	return g.state.remaining != 0, nil
}

func (g *pager) count() (*page, error) {
	var n uint64
	g.scan.visit = func(*view) (bool, error) { n++; return true, nil }
	err := g.scan.run()
	return &page{rows: binary.BigEndian.AppendUint64(appendInt(nil, 8), n), n: 1}, err
}

// sorted reads several partitions whole and merges them into the order of their clusterings.
func (g *pager) sorted(limit int64) (*page, error) {
	type entry struct {
		ck  [][]byte
		row []byte
	}
	var all []entry
	g.scan.visit = func(v *view) (bool, error) {
		all = append(all, entry{cloneValues(v.ck), g.appendRow(nil, v)})
		return true, nil
	}
	if err := g.scan.run(); err != nil {
		return nil, err
	}
	slices.SortStableFunc(all, func(a, b entry) int {
		if g.reverse {
			a, b = b, a
		}
		return g.schema.compareClustering(a.ck, b.ck)
	})
	if limit >= 0 && int64(len(all)) > limit {
		all = all[:limit]
	}
	for _, e := range all {
		g.out.rows = append(g.out.rows, e.row...)
		g.out.n++
	}
	return &g.out, nil
}
