package main

import (
	"bytes"
	"context"
	"net"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/examples/internal/sample"
)

func TestMain(m *testing.M) {
	// A driver that is closed soon after it connected may still be filling its pool, which it does in the background.
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("github.com/gocql/gocql.(*hostConnPool).fill.func1"),
		goleak.IgnoreAnyFunction("github.com/gocql/gocql.(*hostConnPool).connect"),
		goleak.IgnoreAnyFunction("github.com/gocql/gocql.(*controlConn).heartBeat"))
}

func TestWithoutFlagsATableOfItsOwnIsCounted(t *testing.T) {
	var out, log bytes.Buffer
	require.NoError(t, run(context.Background(), []string{"-rows=12345"}, &out, &log))
	require.Equal(t, "12400\n", out.String())
	require.Contains(t, log.String(), "test server inside this process")
	require.Regexp(t, `100\.0%, (\d+) of \d+ ranges, 12400 rows, \d+ rows/s\n$`, log.String())
}

func TestATableOfAClusterIsCounted(t *testing.T) {
	server := cqltest.NewServer()
	t.Cleanup(server.Close)
	sample.Fill(server, "shop.sales", 3000)
	config := server.Cluster()
	hosts := "-hosts=" + net.JoinHostPort(config.Hosts[0], strconv.Itoa(config.Port))
	for want, args := range map[string][]string{
		"3000\n": {hosts, "-parallel=3", "-rate=1e9", "-consistency=ONE", "shop.sales"},
		"750\n":  {hosts, "-where=item = 'tea'", "shop.sales"},
	} {
		var out bytes.Buffer
		require.NoError(t, run(context.Background(), args, &out, new(bytes.Buffer)))
		require.Equal(t, want, out.String())
	}
	require.ErrorIs(t, run(context.Background(), []string{hosts, "shop.nothing"}, nil, new(bytes.Buffer)), cql.ErrUndefined)
	require.ErrorContains(t, run(context.Background(), []string{hosts}, nil, nil), "name one table")
	require.ErrorContains(t, run(context.Background(), []string{"-x"}, nil, nil), "-h lists the flags")

	var help bytes.Buffer
	require.NoError(t, run(context.Background(), []string{"-h"}, &help, nil))
	require.Contains(t, help.String(), "-where condition")

	stopped, cancel := context.WithCancel(context.Background())
	cancel()
	require.ErrorIs(t, run(stopped, []string{"-rows=100"}, nil, new(bytes.Buffer)), context.Canceled)
}
