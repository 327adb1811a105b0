package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/examples/internal/connect"
	"github.com/rxcql/rxcql/examples/internal/sample"
	"github.com/rxcql/rxcql/internal/pipe"
	"github.com/rxcql/rxcql/internal/virtualtime"
)

// newTestService is a service in a bubble with 5,000 orders.
func newTestService(t *testing.T, streams int) (*cqltest.Server, *service, *settings) {
	// The driver may be filling its pool when it is closed, on a goroutine that sleeps between attempts.
	t.Cleanup(func() { time.Sleep(time.Minute) })
	server := cqltest.NewServer(cqltest.InMemory())
	t.Cleanup(server.Close)
	sample.Fill(server, sample.Table, 5000)
	session, err := cql.Connect(context.Background(), server.Cluster())
	require.NoError(t, err)
	t.Cleanup(session.Close)
	table, err := session.Table(t.Context(), sample.Table)
	require.NoError(t, err)
	k, err := keys("")
	require.NoError(t, err)
	s := &settings{
		cluster: &connect.Cluster{Consistency: cql.LocalQuorum}, keys: k, streams: streams,
		notice: 3 * time.Second, grace: 20 * time.Second,
	}
	server.ResetLog()
	return server, newService(session, table, s, slog.New(slog.DiscardHandler)), s
}

// ask makes a request as a user.
func ask(s *service, user, path string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.SetBasicAuth(user, "")
	w := httptest.NewRecorder()
	s.handler().ServeHTTP(w, r)
	return w
}

// pageOf is ask for a page, which must come.
func pageOf(t *testing.T, s *service, user, path string) (p page) {
	t.Helper()
	w := ask(s, user, path)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &p))
	return p
}

func TestPages(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		_, s, _ := newTestService(t, 1)
		for path, want := range map[string]int{"/orders?limit=1000": 5000, "/orders?limit=30&customer=7": 100} {
			seen := map[string]bool{}
			for cursor, more := "", true; more; {
				p := pageOf(t, s, "ann", path+"&cursor="+cursor)
				for _, o := range p.Orders {
					seen[fmt.Sprint(o.Customer, o.Number)] = true
				}
				cursor, more = p.Next, p.Next != ""
			}
			require.Len(t, seen, want)
		}
		require.Len(t, pageOf(t, s, "ann", "/orders").Orders, 100)
	})
}

// A cursor that is not good for a request is the client's fault, and never gets as far as the database.
func TestCursorsThatAreNotGood(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, s, _ := newTestService(t, 1)
		good := pageOf(t, s, "ann", "/orders?customer=7&limit=10").Next
		other := pageOf(t, s, "ann", "/orders?limit=10").Next
		altered := []byte(good)
		altered[len(altered)/2] ^= 1
		before := len(server.Requests())
		for what, path := range map[string]string{
			"altered":          "bob7/orders?customer=7&cursor=" + url.QueryEscape(string(altered)),
			"of another user":  "bob/orders?customer=7&cursor=" + good,
			"of no user":       "/orders?customer=7&cursor=" + good,
			"another customer": "ann/orders?customer=8&cursor=" + good,
			"all customers":    "ann/orders?cursor=" + good,
			"another query":    "ann/orders?customer=7&cursor=" + other,
			"cut off":          "ann/orders?customer=7&cursor=" + good[:len(good)-1],
			"made up":          "ann/orders?customer=7&cursor=AAAA",
			"no base64":        "ann/orders?customer=7&cursor=%22%00",
		} {
			user, path, _ := strings.Cut(path, "/")
			w := ask(s, user, "/"+path)
			require.Equal(t, http.StatusBadRequest, w.Code, what)
			require.Equal(t, "the cursor is not for this; start again without one\n", w.Body.String(), what)
		}
		require.Len(t, server.Requests(), before, "the database was not asked")

		require.Len(t, pageOf(t, s, "ann", "/orders?customer=7&limit=100&cursor="+good).Orders, 90, "the limit may change")
		time.Sleep(time.Hour)
		w := ask(s, "ann", "/orders?customer=7&cursor="+good)
		require.Equal(t, http.StatusBadRequest, w.Code)
		require.Equal(t, "the cursor has expired; start again without one\n", w.Body.String())
	})
}

func TestNonsenseIsABadRequest(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, s, _ := newTestService(t, 1)
		for _, path := range []string{
			"/orders?limit=0", "/orders?limit=1001", "/orders?limit=x", "/orders?customer=x", "/orders/stream?customer=9999999999",
		} {
			require.Equal(t, http.StatusBadRequest, ask(s, "ann", path).Code, path)
		}
		require.Empty(t, server.Requests())
	})
}

func TestATroubledDatabase(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		server, s, _ := newTestService(t, 1)
		require.Equal(t, http.StatusOK, ask(s, "", "/readyz").Code)
		server.Inject(cqltest.Fault{Match: cqltest.On("shop.orders"), Err: cqltest.Overloaded("secret")})
		server.Inject(cqltest.Fault{
			Match: func(r cqltest.Request) bool {
				return r.Op == cqltest.OpExecute && strings.Contains(r.Statement, "system.local")
			},
			Err: cqltest.Overloaded("secret"),
		})
		for _, path := range []string{"/orders", "/orders/stream", "/readyz"} {
			w := ask(s, "ann", path)
			require.Equal(t, http.StatusServiceUnavailable, w.Code, path)
			require.NotContains(t, w.Body.String(), "secret")
		}
		require.Equal(t, http.StatusOK, ask(s, "", "/healthz").Code, "a restart would not help")
	})
}

// running is a service that is being served.
type running struct {
	*http.Client
	stop  context.CancelFunc
	ended chan error
}

// start serves a service over pipes.
func start(t *testing.T, s *service, settings *settings) running {
	listener := pipe.Listen()
	transport := &http.Transport{DialContext: listener.Dial}
	stop, cancel := context.WithCancel(t.Context())
	r := running{&http.Client{Transport: transport}, cancel, make(chan error, 1)}
	go func() { r.ended <- serve(stop, listener, s, settings) }()
	t.Cleanup(transport.CloseIdleConnections)
	return r
}

func (r running) get(t *testing.T, path string) *http.Response {
	t.Helper()
	response, err := r.Get("http://service" + path)
	require.NoError(t, err)
	t.Cleanup(func() { _ = response.Body.Close() })
	return response
}

func TestStreamsBeyondTheLimitAreTurnedAway(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		_, s, settings := newTestService(t, 2)
		r := start(t, s, settings)
		first, second := r.get(t, "/orders/stream"), r.get(t, "/orders/stream")
		third := r.get(t, "/orders/stream")
		require.Equal(t, http.StatusServiceUnavailable, third.StatusCode)
		require.NotEmpty(t, third.Header.Get("Retry-After"))
		require.Equal(t, http.StatusOK, r.get(t, "/orders").StatusCode, "pages have no such limit")

		require.NoError(t, first.Body.Close())
		synctest.Wait()
		require.Equal(t, http.StatusOK, r.get(t, "/orders/stream?customer=1").StatusCode, "there is a place again")
		_, err := io.ReadAll(second.Body)
		require.NoError(t, err)
		r.stop()
		require.NoError(t, <-r.ended)
	})
}

func TestWhatIsUnderWayMayEnd(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		_, s, settings := newTestService(t, 2)
		r := start(t, s, settings)
		stream := r.get(t, "/orders/stream")
		require.Equal(t, http.StatusOK, r.get(t, "/readyz").StatusCode)
		r.stop()
		synctest.Wait()
		require.Equal(t, http.StatusServiceUnavailable, r.get(t, "/readyz").StatusCode)
		require.Equal(t, http.StatusOK, r.get(t, "/orders").StatusCode, "who did not hear of it yet is served")
		time.Sleep(settings.notice + 10*time.Second)
		_, err := r.Get("http://service/healthz")
		require.Error(t, err, "no new connections")

		begun := time.Now()
		body, err := io.ReadAll(stream.Body)
		require.NoError(t, err)
		require.Equal(t, 5000, strings.Count(string(body), "\n"))
		require.NoError(t, <-r.ended)
		require.Less(t, time.Since(begun), settings.grace)
		require.NoError(t, shutDown(s.session))
		require.ErrorIs(t, s.session.Execute(t.Context(), cql.Statement{}), cql.ErrClosed)
	})
}

// Who has not read all when the time is over is told that it is not all.
func TestWhatTakesTooLongIsBrokenOff(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		_, s, settings := newTestService(t, 2)
		r := start(t, s, settings)
		stream := r.get(t, "/orders/stream")
		lines := bufio.NewScanner(stream.Body)
		n := 0
		begun := time.Now()
		r.stop()
		last := ""
		for lines.Scan() {
			last = lines.Text()
			if n++; n%100 == 0 {
				time.Sleep(time.Second)
			}
		}
		require.True(t, errors.Is(lines.Err(), io.ErrUnexpectedEOF), "%v", lines.Err())
		require.JSONEq(t, `{"error":{"title":"Service Unavailable","status":503}}`, last)
		require.Less(t, n, 5000)
		require.NoError(t, <-r.ended)
		require.GreaterOrEqual(t, time.Since(begun), settings.notice+settings.grace)
	})
}
