package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/virtualtime"
)

func TestProgressIsToldEverySecond(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		p := newProgress(&lab{pages: &pages{}, rows: 1_000_000}, &out)
		for range 100 {
			p.read(Reading{})
			time.Sleep(100 * time.Millisecond)
		}
		require.Equal(t, 9, strings.Count(out.String(), "\n"), out.String())
	})
}

func TestTally(t *testing.T) {
	var seen tally
	for _, r := range []Reading{madeUp(1, 0), madeUp(1, 1), madeUp(2, 0), madeUp(1, 1), madeUp(1, 0), madeUp(2, 1)} {
		require.NoError(t, seen.count(r))
	}
	require.Equal(t, 6, seen.rows)
	require.Equal(t, 2, seen.twice)
	require.Equal(t, 4, seen.different())
}
