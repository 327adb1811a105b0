package sink_test

import (
	"encoding/json"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

// body is what is written as a media type, by a sink with some settings.
func body[T any](t *testing.T, media sink.MediaType, src rx.Observable[T], with func(sink.Response[T]) sink.Response[T]) string {
	t.Helper()
	h, outcomes := answering(src, with)
	response := recorded(h, request(t, "http://x/", "Accept", string(media)))
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	o := <-outcomes
	require.NoError(t, o.err)
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Equal(t, "200", response.Trailer.Get(sink.StreamStatus))
	require.True(t, strings.HasPrefix(response.Header.Get("Content-Type"), string(media)))
	require.Equal(t, sink.HTTPReport{MediaType: media, Status: 200, Rows: o.report.Rows, Bytes: int64(len(text))}, o.report)
	return string(text)
}

func TestForms(t *testing.T) {
	for _, tt := range []struct {
		media sink.MediaType
		want  []string // of 0, 1, 2 rows
	}{
		{sink.NDJSON, []string{"", `{"K":0,"V":0}` + "\n", `{"K":0,"V":0}` + "\n" + `{"K":1,"V":1}` + "\n"}},
		{sink.JSONArray, []string{"[]\n", `[{"K":0,"V":0}` + "\n]\n", `[{"K":0,"V":0}` + "\n" + `,{"K":1,"V":1}` + "\n]\n"}},
		{sink.TextCSV, []string{"k,v\n", "k,v\n0,0\n", "k,v\n0,0\n1,1\n"}},
		{sink.EventStream, []string{
			"retry: 3000\n\nevent: end\ndata: {\"rows\":0}\n\n",
			"retry: 3000\n\ndata: {\"K\":0,\"V\":0}\n\nevent: end\ndata: {\"rows\":1}\n\n",
			"retry: 3000\n\ndata: {\"K\":0,\"V\":0}\n\ndata: {\"K\":1,\"V\":1}\n\nevent: end\ndata: {\"rows\":2}\n\n",
		}},
	} {
		for n, want := range tt.want {
			require.Equal(t, want, body(t, tt.media, items(n), nil))
		}
	}
}

func TestAnArrayOfManyBlocksIsJSON(t *testing.T) {
	var got []item
	text := body(t, sink.JSONArray, items(5000), func(x sink.Response[item]) sink.Response[item] { return x.Flush(0, 100) })
	require.NoError(t, json.Unmarshal([]byte(text), &got))
	want, err := items(5000).Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func TestTextIsAsItIs(t *testing.T) {
	for _, media := range []sink.MediaType{sink.NDJSON, sink.JSONArray, sink.EventStream} {
		require.Contains(t, body(t, media, rx.From("<a & b>\nß\u2028"), nil), `"<a & b>\nß\u2028"`)
	}
}

func TestEventsHaveIds(t *testing.T) {
	with := func(x sink.Response[string]) sink.Response[string] {
		return x.EventID(func(s string) string { return "id of " + s }).Reconnect(1500e6)
	}
	require.Equal(t, "retry: 1500\n\nid: id of a\ndata: \"a\"\n\nid: id of b\ndata: \"b\"\n\nevent: end\ndata: {\"rows\":2}\n\n",
		body(t, sink.EventStream, rx.From("a", "b"), with))

	for _, bad := range []string{"a\nb", "a\rb", "\x00"} {
		h, outcomes := answering(rx.From(bad), with)
		response := recorded(h, request(t, "http://x/", "Accept", "text/event-stream"))
		require.Equal(t, http.StatusInternalServerError, response.StatusCode)
		require.ErrorContains(t, (<-outcomes).err, "row 0 of the stream cannot be written as text/event-stream: its event id has a line end")
	}
}

// A stream of rows without a struct.
func TestRowsOfTheSchema(t *testing.T) {
	server, session := serve(t)
	server.MustExec("INSERT INTO shop.items (k, v) VALUES (1, 2)")
	rows := source.Query[source.Row](session, "SELECT k, v FROM shop.items").Rows()
	require.JSONEq(t, `{"k":1,"v":2}`, body(t, sink.NDJSON, rows, nil))
	require.JSONEq(t, `[{"k":1,"v":2}]`, body(t, sink.JSONArray, rows, nil))
	require.Equal(t, "k,v\n1,2\n", body(t, sink.TextCSV, rows, nil))
	require.Empty(t, body(t, sink.TextCSV, rx.Empty[source.Row](), nil), "nothing tells the names")
	require.Equal(t, "1;2\n", body(t, sink.TextCSV, rows, func(x sink.Response[source.Row]) sink.Response[source.Row] {
		return x.CSV(sink.CSV[source.Row]().NoHeader().Delimiter(';'))
	}))
}

func TestWhatCannotBeWrittenFailsTheStream(t *testing.T) {
	for _, media := range []sink.MediaType{sink.NDJSON, sink.JSONArray, sink.EventStream} {
		h, outcomes := answering(rx.From(1, math.NaN()), nil)
		response := recorded(h, request(t, "http://x/", "Accept", string(media), "TE", "trailers"))
		text, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.ErrorContains(t, (<-outcomes).err, "sink: row 1 of the stream cannot be written as "+string(media)+": json: unsupported value: NaN")
		require.NotContains(t, string(text), "NaN")
	}
}

func TestAHeadRequestAsksForNothing(t *testing.T) {
	server, session := serve(t)
	h, outcomes := answering(source.Query[item](session, "SELECT k, v FROM shop.items").Rows(), nil)
	r := request(t, "http://x/", "Accept", "text/event-stream")
	r.Method = http.MethodHead
	response := recorded(h, r)
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Equal(t, "text/event-stream; charset=utf-8", response.Header.Get("Content-Type"))
	require.Equal(t, "Accept", response.Header.Get("Vary"))
	require.Equal(t, outcome{sink.HTTPReport{MediaType: sink.EventStream, Status: 200}, nil}, <-outcomes)
	require.Zero(t, server.Pages("shop.items"))
}

func TestWhoAcceptsNothingIsToldWhatThereIs(t *testing.T) {
	server, session := serve(t)
	h, outcomes := answering(source.Query[item](session, "SELECT k, v FROM shop.items").Rows(), func(x sink.Response[item]) sink.Response[item] {
		return x.Offer(sink.JSONArray, sink.NDJSON)
	})
	response := recorded(h, request(t, "http://x/", "Accept", "text/html, text/event-stream"))
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusNotAcceptable, response.StatusCode)
	require.Equal(t, "application/problem+json", response.Header.Get("Content-Type"))
	require.JSONEq(t, `{"title":"Not Acceptable","status":406,"offered":["application/json","application/x-ndjson"]}`, string(text))
	o := <-outcomes
	require.Equal(t, sink.ErrNotAcceptable, o.err)
	require.Equal(t, sink.HTTPReport{Status: 406, Bytes: int64(len(text))}, o.report)
	require.Zero(t, server.Pages("shop.items"))
}

// Rows that have no columns are not offered as CSV.
func TestCSVIsOfferedOfRowsWithColumns(t *testing.T) {
	h, outcomes := answering(rx.From(1), nil)
	require.Equal(t, http.StatusNotAcceptable, recorded(h, request(t, "http://x/", "Accept", "text/csv")).StatusCode)
	require.Equal(t, sink.ErrNotAcceptable, (<-outcomes).err)
	require.Equal(t, "k,v\n0,0\n", body(t, sink.TextCSV, operators.Map(items(1), func(i item) *item { return &i }), nil))
}

func TestHeadersOfTheHandlerStay(t *testing.T) {
	h, _ := answering(items(1), nil)
	outer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "max-age=60")
		w.Header().Set("Vary", "Authorization")
		w.Header().Set("Content-Length", "1")
		h(w, r)
	})
	header := recorded(outer, httptest.NewRequest("GET", "/", nil)).Header
	require.Equal(t, "max-age=60", header.Get("Cache-Control"))
	require.Equal(t, []string{"Authorization", "Accept"}, header.Values("Vary"))
	require.Empty(t, header.Get("Content-Length"))
	require.Equal(t, "no-store", recorded(h, httptest.NewRequest("GET", "/", nil)).Header.Get("Cache-Control"))
}

func TestNonsenseIsRefusedAtOnce(t *testing.T) {
	x := sink.HTTP[int](nil, nil)
	require.Panics(t, func() { x.Offer() })
	require.Panics(t, func() { x.Offer("text/html") })
	require.Panics(t, func() { x.Flush(-1, 1) })
	require.Panics(t, func() { x.Flush(0, 0) })
	require.Panics(t, func() { x.WriteTimeout(0) })
	require.Panics(t, func() { x.Heartbeat(0) })
	require.Panics(t, func() { x.Reconnect(1) })
}
