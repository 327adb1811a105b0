package sink

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNegotiation(t *testing.T) {
	for _, tt := range []struct {
		accept []string
		want   MediaType
	}{
		{nil, NDJSON},
		{[]string{""}, NDJSON},
		{[]string{"*/*"}, NDJSON},
		{[]string{"garbage, ;;, /, a/b/c;q"}, NDJSON},
		{[]string{"application/json"}, JSONArray},
		{[]string{"APPLICATION/JSON; charset=\"utf-8\""}, JSONArray},
		{[]string{"application/json, text/plain, */*"}, JSONArray}, // axios
		{[]string{"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"}, NDJSON},
		{[]string{"text/event-stream"}, EventStream},
		{[]string{"text/*"}, TextCSV},
		{[]string{"text/*;q=0.5, text/csv;q=0.4"}, EventStream},
		{[]string{"application/*;q=0.1, text/event-stream;q=0.2"}, EventStream},
		{[]string{"application/json;q=0.5", "application/x-ndjson;q=0.9"}, NDJSON},
		{[]string{"application/x-ndjson;q=0, */*;q=0.1"}, JSONArray},
		{[]string{"*/*, application/json;q=0, application/x-ndjson;q=0"}, TextCSV},
		{[]string{`text/plain;a="b,application/json", text/event-stream;q=0.3`}, EventStream},
		{[]string{`text/plain;a="\"b,application/json", text/event-stream;q=0.3`}, EventStream},
		{[]string{"text/html"}, ""},
		{[]string{"text/html;q=1, application/json;q=0"}, ""},
		{[]string{"application/json;q=2, text/html"}, ""}, // no quality
		{[]string{"application/json;q=NaN, text/html"}, ""},
		{[]string{"*/*;q=0"}, ""},
	} {
		got, ok := negotiate(tt.accept, allMediaTypes)
		require.Equal(t, tt.want, got, "%q", tt.accept)
		require.Equal(t, tt.want != "", ok, "%q", tt.accept)
	}
	got, _ := negotiate([]string{"application/*"}, []MediaType{EventStream, JSONArray, NDJSON})
	require.Equal(t, JSONArray, got, "of equal ones the one that is offered first")
}

func TestWhoTakesTrailers(t *testing.T) {
	for _, te := range []string{"trailers", "deflate, Trailers ;q=0.5", ",trailers"} {
		require.True(t, takesTrailers([]string{"gzip", te}), te)
	}
	for _, te := range []string{"", "trailer", "gzip;x=trailers", `"trailers"`} {
		require.False(t, takesTrailers([]string{te}), te)
	}
	require.False(t, takesTrailers(nil))
}

func FuzzNegotiation(f *testing.F) {
	f.Add("application/json;q=0.5, text/*;q=0.1, */*")
	f.Add(`a/b;c="d,e\"f";q=1`)
	f.Fuzz(func(t *testing.T, accept string) {
		media, ok := negotiate([]string{accept}, allMediaTypes)
		require.Equal(t, ok, slices.Contains(allMediaTypes, media))
		// What a header says is the same if it comes in parts, and if something comes with it that is not on offer.
		more, _ := negotiate([]string{accept, "image/png"}, allMediaTypes)
		if ranges := mediaRanges([]string{accept}); len(ranges) > 1 || ranges[0].text != "*/*" {
			require.Equal(t, media, more)
		}
		for _, r := range mediaRanges([]string{accept}) {
			require.True(t, r.quality >= 0 && r.quality <= 1)
		}
	})
}
