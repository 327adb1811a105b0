package integration_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/rxtest"
)

// TestAQueryKeepsTheRulesOfReactiveStreams has subscribers request rows in all ways. The last page is not full, so the
// end is known without another request.
func TestAQueryKeepsTheRulesOfReactiveStreams(t *testing.T) {
	onBoth(t, func(t *target) {
		t.numbers(10)
		rxtest.Publisher(t, rxtest.Publication[int]{
			New:     func() rxtest.Subscribable[int] { return t.selectNumbers("").PageSize(4).Rows() },
			Want:    upTo(10),
			Foreign: []string{"github.com/gocql/gocql", "github.com/rxcql/rxcql/cql/cqltest"},
		})
	})
}

// tens requests ten rows in its first signal, and counts the pages that had been fetched at each row.
type tens struct {
	rx.Subscription
	target *target
	pages  []int64
}

func (s *tens) OnSubscribe(sub rx.Subscription) {
	s.Subscription = sub
	s.Request(10)
}

func (s *tens) OnNext(int) {
	if s.pages = append(s.pages, s.target.reads.Load()); len(s.pages) == 10 {
		s.Request(10)
	}
	if len(s.pages) == 20 {
		s.Cancel()
	}
}

func (s *tens) OnError(err error) { require.NoError(s.target, err) }
func (s *tens) OnComplete()       {}

func TestPagesAreFetchedWhenTheyAreRequested(t *testing.T) {
	onBoth(t, func(t *target) {
		t.numbers(1000)
		s := &tens{target: t}
		require.NoError(t, t.selectNumbers("").PageSize(10).Rows().Subscribe(t.Context(), s))
		require.Equal(t, slices.Concat(slices.Repeat([]int64{1}, 10), slices.Repeat([]int64{2}, 10)), s.pages)
		require.EqualValues(t, 2, t.reads.Load())
	})
}
