package cqltest

import (
	"bytes"
	"math"
	"sort"

	"github.com/rxcql/rxcql/cql/cqltest/internal/murmur3"
)

// position is a place in the result of a query: after a row, or after a whole partition when clustering is nil.
type position struct {
	raw        []byte // the partition key; nil before the first row
	clustering [][]byte
}

// scan reads the rows of a restriction in order.
type scan struct {
	*restriction
	content  content
	reverse  bool
	partOnly bool // DISTINCT: one row for each partition
	from     *position
	v        *view
	visit    func(v *view) (more bool, err error)
}

// run calls visit for every matching row until it returns false.
func (s *scan) run() error {
	if s.none {
		return nil
	}
	if s.keys != nil {
		return s.byKeys()
	}
	return s.byTokens()
}

func (s *scan) byKeys() error {
	skip := s.from != nil && !s.single // one partition takes any state's row mark for its own, as Cassandra does
	for _, key := range s.keys {
		raw := murmur3.Key(key)
		var mark *position
		switch {
		case s.from != nil && s.single:
			mark = s.from
		case skip && !bytes.Equal(raw, s.from.raw):
			continue
		case skip:
			mark, skip = s.from, false
		}
		i, ok := s.content.find(murmur3.Token(raw), raw)
		if !ok {
			continue
		}
		if more, err := s.partition(i, mark); !more || err != nil {
			return err
		}
	}
	return nil
}

// byTokens reads a range. A state overrides its start; if that lies behind the end, the range wraps around the ring, as
// it does in Cassandra.
func (s *scan) byTokens() error {
	n := s.content.count()
	first, _ := s.content.find(s.lo, nil)
	end := n
	if s.hi < math.MaxInt64 {
		end, _ = s.content.find(s.hi+1, nil)
	}
	var mark *position
	if s.from != nil {
		var at bool
		first, at = s.content.find(murmur3.Token(s.from.raw), s.from.raw)
		if at {
			mark = s.from
		}
		if first >= end && murmur3.Token(s.from.raw) > s.hi {
			if more, err := s.partitions(first, n, mark); !more || err != nil {
				return err
			}
			first, mark = 0, nil
		}
	}
	_, err := s.partitions(first, end, mark)
	return err
}

// partitions reads those from i to before end; mark is where to start in the first one.
func (s *scan) partitions(i, end int, mark *position) (bool, error) {
	for ; i < end; i++ {
		if more, err := s.partition(i, mark); !more || err != nil {
			return more, err
		}
		mark = nil
	}
	return true, nil
}

func (s *scan) partition(i int, mark *position) (more bool, err error) {
	if mark != nil && mark.clustering == nil {
		return true, nil // the whole partition was read
	}
	rows := s.content.open(i, s.v)
	lo, hi, err := s.span(rows, mark)
	if err != nil {
		return false, err
	}
	empty := true
	for k := lo; k < hi; k++ {
		r := k
		if s.reverse {
			r = hi - 1 - (k - lo)
		}
		live, err := rows.load(r, s.v)
		if err != nil {
			return false, err
		}
		if !live {
			continue
		}
		empty = false
		if !s.matches(s.v.vals) {
			continue
		}
		if more, err := s.visit(s.v); !more || err != nil {
			return more, err
		}
		if s.partOnly {
			return true, nil
		}
	}
	if empty && mark == nil && s.wholePartition() && rows.loadStatic(s.v) && s.matches(s.v.vals) {
		return s.visit(s.v)
	}
	return true, nil
}

// wholePartition: only then does a partition of nothing but static values count as a row.
func (s *scan) wholePartition() bool {
	for _, p := range s.preds {
		if p.cols[0].kind == clusteringCl {
			return false
		}
	}
	return true
}

// span finds the rows between the bounds and after the mark, as indices.
func (s *scan) span(rows rowSet, mark *position) (lo, hi int, err error) {
	n := rows.count()
	search := func(prefix [][]byte, atLeast int) int {
		return sort.Search(n, func(r int) bool {
			ck, e := rows.clustering(r)
			if e != nil {
				err = e
				return true
			}
			return s.schema.compareClustering(ck, prefix) >= atLeast
		})
	}
	lo, hi = 0, n
	if len(s.restriction.from) > 0 {
		lo = search(s.restriction.from, 0)
	}
	if len(s.to) > 0 {
		hi = search(s.to, 1)
	}
	if mark != nil && s.reverse {
		hi = min(hi, search(mark.clustering, 0))
	} else if mark != nil {
		lo = max(lo, search(mark.clustering, 1))
	}
	return lo, hi, err
}
