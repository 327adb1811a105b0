package main

import (
	"bytes"
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"
)

func TestSettings(t *testing.T) {
	s, err := parse(nil, nil)
	require.NoError(t, err)
	require.Equal(t, 200, s.sensors)
	require.Equal(t, rate.Limit(20), s.rate)
	require.False(t, s.cluster.Named())

	s, err = parse([]string{"-rows=1001", "-rate=0", "-keyspace=mine", "-rf=3", "-hosts=h"}, nil)
	require.NoError(t, err)
	require.Equal(t, 2, s.sensors)
	require.Equal(t, rate.Inf, s.rate)
	require.Equal(t, "mine", s.keyspace)
	require.Equal(t, 3, s.replication)
	require.True(t, s.cluster.Named())
}

func TestMistakesAreToldInOneLine(t *testing.T) {
	for args, want := range map[string]string{
		"-rows=0":            "-rows: 0 is not between",
		"-rows=x":            `invalid value "x" for flag -rows`,
		"-rate=-1":           "-rate: -1 batches",
		"-rate=NaN":          "-rate: NaN batches",
		"-rf=0":              "-rf: 0 replicas",
		"-keyspace=a;b":      `-keyspace: "a;b" is not a name`,
		"-nothing":           "flag provided but not defined: -nothing",
		"something":          `nothing to do with "something"`,
		"-consistency=SIX":   "no consistency level",
		"-hosts=,":           "-hosts names no host",
		"-hosts=[::1]:x":     "neither host nor host:port",
		"-hosts=127.0.0.1:1": "127.0.0.1:1",
	} {
		var out bytes.Buffer
		err := run(context.Background(), []string{args}, &out)
		require.ErrorContains(t, err, want, args)
		require.NotContains(t, err.Error(), "\n")
		require.Empty(t, out.String(), args)
	}
}

func TestHelpShowsNoSecret(t *testing.T) {
	t.Setenv("RXCQL_PASSWORD", "hush")
	var out bytes.Buffer
	require.NoError(t, run(context.Background(), []string{"-password=whisper", "-h"}, &out))
	require.Contains(t, out.String(), "-password-file")
	require.Contains(t, out.String(), "-rows")
	require.NotContains(t, out.String(), "hush")
	require.NotContains(t, out.String(), "whisper")
}

func TestNumbers(t *testing.T) {
	for n, want := range map[int]string{0: "0 pages", 1: "1 page", 999: "999 pages", 1000: "1,000 pages", 1234567: "1,234,567 pages"} {
		require.Equal(t, want, plural(n, "page"))
	}
}
