package sink_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

var errTest = errors.New("the test's secret")

func TestAFailureBeforeTheFirstByteIsAStatus(t *testing.T) {
	server, session := serve(t)
	query := func(args ...any) rx.Observable[item] {
		return source.Query[item](session, "SELECT k, v FROM shop.items WHERE k = ?", args...).Retry(operators.Backoff{Attempts: 1}).Rows()
	}
	for _, tt := range []struct {
		name   string
		src    rx.Observable[item]
		fault  error
		status int
		class  cql.Class
	}{
		{"overloaded", query(7), cqltest.Overloaded("secret"), 503, cql.Overloaded},
		{"unavailable", query(7), cqltest.Unavailable(2, 1), 503, cql.Unavailable},
		{"time-out", query(7), cqltest.ReadTimeout(0, 1, false), 503, cql.ReadTimeout},
		{"failure", query(7), cqltest.ReadFailure(0, 1, 1, false), 500, cql.ReadFailure},
		{"unauthorized", query(7), cqltest.Unauthorized("secret"), 500, cql.Unauthorized},
		{"invalid", query(7), cqltest.Invalid("secret"), 500, cql.Invalid},
		{"argument", query("secret"), nil, 400, cql.Malformed},
		{"other", failing(0, errTest), nil, 500, cql.Unknown},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.fault != nil {
				defer server.Inject(cqltest.Fault{Match: cqltest.On("shop.items"), Err: tt.fault}).Remove()
			}
			h, outcomes := answering(tt.src, nil)
			response := recorded(h, request(t, "http://x/"))
			text, err := io.ReadAll(response.Body)
			require.NoError(t, err)
			o := <-outcomes
			require.Equal(t, tt.class, cql.ClassOf(o.err), "%v", o.err)
			require.Equal(t, tt.status, response.StatusCode)
			require.Equal(t, sink.HTTPReport{MediaType: sink.NDJSON, Status: tt.status, Bytes: int64(len(text))}, o.report)
			require.Equal(t, "application/problem+json", response.Header.Get("Content-Type"))
			require.Equal(t, tt.status == 503, response.Header.Get("Retry-After") != "")
			var problem map[string]any
			require.NoError(t, json.Unmarshal(text, &problem))
			require.Equal(t, map[string]any{"title": http.StatusText(tt.status), "status": float64(tt.status)}, problem, "and nothing else")
		})
	}
}

func TestTheHandlerSaysWhatItsErrorsMean(t *testing.T) {
	_, session := serve(t)
	keys, err := source.NewKeys(make([]byte, 32))
	require.NoError(t, err)
	src := source.Query[item](session, "SELECT k, v FROM shop.items").FromToken(source.Tokens{Keys: keys}, "forged").Rows()
	h, outcomes := answering(src, func(x sink.Response[item]) sink.Response[item] {
		return x.Status(func(err error) int {
			if errors.Is(err, source.ErrBadToken) {
				return http.StatusBadRequest
			}
			return 0
		})
	})
	require.Equal(t, http.StatusBadRequest, recorded(h, request(t, "http://x/")).StatusCode)
	require.ErrorIs(t, (<-outcomes).err, source.ErrBadToken)
}

// protocols runs a test over HTTP/1.1 and HTTP/2, by loopback.
func protocols(t *testing.T, h http.Handler, f func(t *testing.T, client *http.Client, url string)) {
	for _, two := range []bool{false, true} {
		t.Run(map[bool]string{false: "HTTP/1.1", true: "HTTP/2"}[two], func(t *testing.T) {
			server := httptest.NewUnstartedServer(h)
			server.EnableHTTP2 = two
			server.StartTLS()
			t.Cleanup(server.Close)
			response, _, _ := get(t, server.Client(), request(t, server.URL))
			require.Equal(t, two, response.ProtoMajor == 2)
			f(t, server.Client(), server.URL)
		})
	}
}

const problemOf500 = `{"title":"Internal Server Error","status":500}`

// After rows were sent, a failure is told in the body, and nobody can take what came for the whole.
func TestAFailureBetweenRowsIsToldInTheBody(t *testing.T) {
	const rows = 3000 // several blocks
	h, outcomes := answering(failing(rows, errTest), nil)
	protocols(t, h, func(t *testing.T, client *http.Client, url string) {
		require.ErrorIs(t, (<-outcomes).err, errTest)
		for media, last := range map[sink.MediaType]string{
			sink.NDJSON:      `{"error":` + problemOf500 + "}\n",
			sink.JSONArray:   `,{"K":2999,"V":2999}` + "\n",
			sink.TextCSV:     "\n2999,2999\n",
			sink.EventStream: "event: error\ndata: " + problemOf500 + "\n\n",
		} {
			response, text, err := get(t, client, request(t, url, "Accept", string(media), "TE", "trailers"))
			require.NoError(t, err, "the trailer tells")
			require.Equal(t, http.StatusOK, response.StatusCode)
			require.True(t, strings.HasSuffix(text, last), "%q", text[len(text)-100:])
			require.Contains(t, text, "2999", "all rows come before the error")
			require.Equal(t, "500", response.Trailer.Get(sink.StreamStatus))
			require.Equal(t, outcome{sink.HTTPReport{MediaType: media, Status: 200, Rows: rows, Bytes: int64(len(text))}, errTest}, <-outcomes)

			response, text, err = get(t, client, request(t, url, "Accept", string(media)))
			require.Error(t, err, "the connection was broken off")
			require.True(t, strings.HasSuffix(text, last), "after the client was told")
			require.Empty(t, response.Trailer.Get(sink.StreamStatus))
			require.ErrorIs(t, (<-outcomes).err, errTest)
		}
	})
}

func TestAWholeStreamHasItsTrailer(t *testing.T) {
	h, _ := answering(items(3000), nil)
	protocols(t, h, func(t *testing.T, client *http.Client, url string) {
		for range 3 { // also over a connection that was used before
			response, text, err := get(t, client, request(t, url))
			require.NoError(t, err)
			require.Equal(t, 3000, strings.Count(text, "\n"))
			require.Equal(t, "200", response.Trailer.Get(sink.StreamStatus))
		}
	})
}

// A client that goes away over a real network ends the stream, in both protocols.
func TestAClientThatGoesAwayOverTheNetwork(t *testing.T) {
	endless := rx.Observable[item](func(ctx context.Context, yield func(item) bool) error {
		for i := 0; ; i++ {
			if err := rx.Cause(ctx); err != nil || !yield(item{i, i}) {
				return err
			}
		}
	})
	h, outcomes := answering(endless, nil)
	once := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept") != "" { // protocols' own request has none
			h(w, r)
		}
	})
	protocols(t, once, func(t *testing.T, client *http.Client, url string) {
		response, err := client.Do(request(t, url, "Accept", "text/csv"))
		require.NoError(t, err)
		_, err = io.ReadFull(response.Body, make([]byte, 100_000))
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		o := <-outcomes
		require.ErrorIs(t, o.err, sink.ErrClientGone)
		require.Greater(t, o.report.Rows, int64(1000))
	})
}

func TestAPanicOfTheStreamBreaksTheConnection(t *testing.T) {
	var seen any
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			seen = recover()
			panic(http.ErrAbortHandler)
		}()
		_ = sink.HTTP[int](w, r).Flush(0, 1).Sink()(r.Context(), operators.Map(rx.From(1, 2), func(n int) int {
			if n == 2 {
				panic(errTest)
			}
			return n
		}))
	}))
	client := server.Client()
	response, err := client.Do(request(t, server.URL))
	if err == nil {
		_, err = io.ReadAll(response.Body)
		_ = response.Body.Close()
	}
	require.Error(t, err)
	server.Close() // waits for the handler
	var p *rx.PanicError
	require.ErrorAs(t, seen.(error), &p)
	require.Equal(t, errTest, p.Value)
}

// hiding is middleware whose writer hides what the server's can, as too many do.
type hiding struct{ http.ResponseWriter }

// showing is middleware as it should be.
type showing struct{ http.ResponseWriter }

func (s showing) Unwrap() http.ResponseWriter { return s.ResponseWriter }

func TestMiddleware(t *testing.T) {
	answer := func(w http.ResponseWriter, r *http.Request) error {
		_, err := sink.HTTP[item](w, r).Write(r.Context(), failing(3000, errTest))
		return err
	}
	t.Run("with Unwrap", func(t *testing.T) {
		errs := make(chan error, 1)
		client := overPipe(t, &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			errs <- answer(showing{w}, r)
		})})
		_, text, err := get(t, client, request(t, "http://x/"))
		require.Error(t, err)
		require.True(t, strings.HasSuffix(text, "}\n"))
		require.Equal(t, errTest, <-errs)
	})
	t.Run("without", func(t *testing.T) {
		panics := make(chan any, 1)
		client := overPipe(t, &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer func() {
				p := recover()
				panics <- p
				panic(p)
			}()
			_ = answer(hiding{w}, r)
		})})
		_, _, err := get(t, client, request(t, "http://x/"))
		require.Error(t, err)
		require.Equal(t, http.ErrAbortHandler, <-panics)
	})
}
