package stage_test

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/rxcql/rxcql/internal/stage"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// host keeps all runs.
type host struct {
	ticker stage.Ticker

	mu           sync.Mutex
	begun, ended []*stage.Run
}

func (h *host) Begin(r *stage.Run) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.begun = append(h.begun, r)
}

func (h *host) End(r *stage.Run) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ended = append(h.ended, r)
}

func (h *host) Ticker() *stage.Ticker { return &h.ticker }

// watched gives a host and a context with it.
func watched(t *testing.T) (*host, context.Context) {
	h := &host{}
	return h, stage.With(t.Context(), h)
}

// read gives what a stage of the only run knows.
func (h *host) read(t require.TestingT, name string) stage.Reading {
	require.Len(t, h.begun, 1)
	all, _ := h.begun[0].Graph()
	for _, s := range all {
		if s.Name == name {
			return s.Read(stage.Now())
		}
	}
	require.Fail(t, "no stage "+name)
	return stage.Reading{}
}

// graph gives the edges of a run by names; those aside have a ~.
func graph(r *stage.Run) (all []string) {
	stages, edges := r.Graph()
	for _, e := range edges {
		by := " > "
		if e.Aside {
			by = " ~ "
		}
		all = append(all, stages[e.From].Name+by+stages[e.To].Name)
	}
	return all
}

// upTo is a source of n items.
func upTo(n int) func(context.Context, func(int) bool) error {
	return func(_ context.Context, yield func(int) bool) error {
		for i := 0; i < n && yield(i); i++ {
		}
		return nil
	}
}

func all(int) bool { return true }
