package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/rxcql/rxcql/rx/flow"
)

func TestMain(m *testing.M) {
	// A driver that is closed soon after it connected may still be filling its pool, which it does in the background.
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("github.com/gocql/gocql.(*hostConnPool).fill.func1"),
		goleak.IgnoreAnyFunction("github.com/gocql/gocql.(*hostConnPool).connect"),
		goleak.IgnoreAnyFunction("github.com/gocql/gocql.(*controlConn).heartBeat"))
}

// The job is seen on the page's address and in the metrics when it is done, until the program is told to end.
func TestTheJobIsSeen(t *testing.T) {
	stop, cancel := context.WithCancel(context.Background())
	defer cancel()
	reader, out := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(stop, []string{"-http=127.0.0.1:0", "-rows=2000", "-rate=0"}, out, io.Discard)
		out.CloseWithError(err)
		ended <- err
	}()
	lines := bufio.NewScanner(reader)
	require.True(t, lines.Scan())
	url := strings.TrimSuffix(strings.Fields(lines.Text())[3], ",")
	for lines.Scan() && lines.Text() != "The page stays until ^C." {
		if n, ok := strings.CutSuffix(lines.Text(), " receipts are written."); ok {
			require.Equal(t, "1500", n, "a quarter is tea")
		}
	}

	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	get := func(path string) string {
		t.Helper()
		response, err := (&http.Client{Transport: transport}).Get(url + path)
		require.NoError(t, err)
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, response.StatusCode)
		return string(body)
	}
	require.Contains(t, get(""), "<title>rxcql flow</title>")
	elsewhere, err := http.NewRequest(http.MethodGet, url+"metrics", nil)
	require.NoError(t, err)
	elsewhere.Host = "evil.example"
	refused, err := transport.RoundTrip(elsewhere)
	require.NoError(t, err)
	require.NoError(t, refused.Body.Close())
	require.Equal(t, http.StatusForbidden, refused.StatusCode, "no name that a page from elsewhere lets point here")
	require.Regexp(t, `rxcql_stage_items_in_total\{kind="sink",pipeline="receipts",stage="[^"]*receipts"\} 1500\n`, get("metrics"))
	var seen flow.Snapshot
	require.NoError(t, json.Unmarshal([]byte(get("snapshot.json")), &seen))
	require.Equal(t, "receipts", seen.Runs[0].Name)
	require.Equal(t, flow.Completed, seen.Runs[0].State)

	cancel()
	for lines.Scan() {
	}
	require.NoError(t, <-ended)
}

func TestItEndsWithTheJob(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(context.Background(), []string{"-http=127.0.0.1:0", "-rows=100", "-stay=false"}, &out, io.Discard))
	require.Contains(t, out.String(), "75 receipts are written.\nreceipts: completed after ")
}

func TestMistakes(t *testing.T) {
	for text, args := range map[string][]string{
		"-h lists the flags":       {"-x"},
		"is no flag":               {"x"},
		"must not be negative":     {"-rate=-1"},
		"-http: ":                  {"-http=nowhere:0:0"},
		"others than this machine": {"-http=:0"},
		"Options.Hosts":            {"-http=:0", "-http-names=http://dash.example"},
		"not in the schema":        {"-from=shop.nothing", "-http=127.0.0.1:0", "-stay=false"},
	} {
		require.ErrorContains(t, run(context.Background(), args, io.Discard, io.Discard), text)
	}
	var help bytes.Buffer
	require.NoError(t, run(context.Background(), []string{"-h"}, &help, nil))
	require.Contains(t, help.String(), "-rate")
}
