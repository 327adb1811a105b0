package sink_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/pipe"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/sink"
)

// overPipe runs an HTTP server on pipes and gives a client for it. Both end with the test.
func overPipe(t testing.TB, server *http.Server) *http.Client {
	t.Helper()
	listener := pipe.Listen()
	transport := &http.Transport{DialContext: listener.Dial, DisableCompression: true, Protocols: server.Protocols}
	var wg sync.WaitGroup
	wg.Go(func() { _ = server.Serve(listener) })
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		_ = server.Close()
		wg.Wait()
	})
	return &http.Client{Transport: transport}
}

// outcome is what a handler's response came to.
type outcome struct {
	report sink.HTTPReport
	err    error
}

// answering is a handler that answers with a stream, and tells what came of it. The channel has space for 1,000.
func answering[T any](src rx.Observable[T], with func(sink.Response[T]) sink.Response[T]) (http.HandlerFunc, <-chan outcome) {
	outcomes := make(chan outcome, 1000)
	return func(w http.ResponseWriter, r *http.Request) {
		x := sink.HTTP[T](w, r)
		if with != nil {
			x = with(x)
		}
		report, err := x.Write(r.Context(), src)
		outcomes <- outcome{report, err}
	}, outcomes
}

// request makes a GET request; headers are names and values in turn.
func request(t testing.TB, url string, headers ...string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return r
}

// get makes a request and reads the whole answer; the error is that of reading it.
func get(t testing.TB, client *http.Client, r *http.Request) (*http.Response, string, error) {
	t.Helper()
	response, err := client.Do(r)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return response, string(body), err
}

// recorded gives what a handler writes to a client that reads all.
func recorded(h http.Handler, r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

// failing yields n rows and fails.
func failing(n int, err error) rx.Observable[item] {
	return func(ctx context.Context, yield func(item) bool) error {
		left := false
		if e := items(n)(ctx, func(v item) bool { left = !yield(v); return !left }); e != nil || left {
			return e
		}
		return err
	}
}
