package source_test

import (
	"context"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/source"
)

// endless is one line that does not end. It calls read with every read, and after most of them it gives nothing.
type endless struct {
	read func()
	most int
}

func (e *endless) Read(p []byte) (int, error) {
	e.read()
	if e.most--; e.most < 0 {
		return 0, nil
	}
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// texts are runs of a text of two columns that it may be in.
func texts(text io.Reader) map[string]rx.Observable[map[string]any] {
	type row struct{ A, B string }
	asMap := func(rows rx.Observable[row]) rx.Observable[map[string]any] {
		return func(ctx context.Context, yield func(map[string]any) bool) error {
			return rows(ctx, func(r row) bool { return yield(map[string]any{"a": r.A}) })
		}
	}
	open := source.Reader("x", text)
	return map[string]rx.Observable[map[string]any]{
		"CSV":   asMap(source.CSV[row](open).NoHeader().MaxLine(1000).OnError(source.SkipText).Rows()),
		"JSONL": asMap(source.JSONL[row](open).MaxLine(1000).OnError(source.SkipText).Rows()),
	}
}

func TestALineWithoutAnEndCanBeCancelled(t *testing.T) {
	for _, kind := range []string{"CSV", "JSONL"} {
		ctx, cancel := context.WithCancel(t.Context())
		reads := 0
		text := &endless{most: 1 << 30, read: func() {
			if reads++; reads == 100 {
				cancel()
			}
		}}
		_, err := texts(text)[kind].Collect(ctx)
		require.Equal(t, context.Canceled, err, kind)
		require.Equal(t, 100, reads, kind)
	}
}

func TestAReaderThatGivesNothingIsAnError(t *testing.T) {
	for _, kind := range []string{"CSV", "JSONL"} {
		_, err := texts(&endless{most: 100, read: func() {}})[kind].Collect(t.Context())
		require.ErrorIs(t, err, io.ErrNoProgress, kind)
	}
}
