package live

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/rx"
	"github.com/rxcql/rxcql/rx/flow"
)

// ask asks the handler for a path, as a browser of this machine does.
func ask(h http.Handler, method, target string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(method, target, nil)
	r.Host = "127.0.0.1:8090"
	h.ServeHTTP(w, r)
	return w
}

// have makes a monitor that has seen a run of that name which ended so.
func have(t *testing.T, name string, err error) *flow.Monitor {
	t.Helper()
	m := flow.NewMonitor(flow.Options{})
	got := flow.Do(flow.With(t.Context(), m), name, func(ctx context.Context) error {
		return errors.Join(rx.From(1, 2, 3).ForEach(ctx, func(int) error { return nil }), err)
	})
	require.ErrorIs(t, got, err)
	return m
}

func TestTheFilesOfThePage(t *testing.T) {
	p := New(flow.NewMonitor(flow.Options{}), Options{})
	files, err := fs.ReadDir(assets, "assets")
	require.NoError(t, err)
	for _, f := range files {
		w := ask(p, http.MethodGet, "/"+f.Name())
		require.Equal(t, http.StatusOK, w.Code)
		require.NotEmpty(t, types[path.Ext(f.Name())], f.Name())
		require.Equal(t, types[path.Ext(f.Name())], w.Header().Get("Content-Type"))
		require.Contains(t, w.Header().Get("Content-Security-Policy"), "default-src 'none'")
		require.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))
		elsewhere := regexp.MustCompile(`(https?:)?//[a-z]`).FindAllString(strings.ReplaceAll(w.Body.String(), "http://www.w3.org/2000/svg", ""), -1)
		require.Empty(t, elsewhere, "%s fetches nothing from elsewhere", f.Name())
		for _, markup := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("} {
			require.NotContains(t, w.Body.String(), markup, f.Name())
		}
	}
	index := ask(p, http.MethodGet, "/")
	require.Contains(t, index.Body.String(), "<title>rxcql flow</title>")
	require.Equal(t, index.Body.String(), ask(p, http.MethodGet, "/index.html").Body.String())
	for _, path := range []string{"/nothing", "/../page.go", "/assets/app.js", "/.."} {
		require.Equal(t, http.StatusNotFound, ask(p, http.MethodGet, path).Code, path)
	}
}

func TestThePageBelowAPath(t *testing.T) {
	mux := http.NewServeMux()
	mux.Handle("/a/flow/", http.StripPrefix("/a/flow", New(have(t, "orders", nil), Options{})))
	index := ask(mux, http.MethodGet, "/a/flow/").Body.String()
	for _, link := range regexp.MustCompile(`(?:href|src)="([^"#]+)"`).FindAllStringSubmatch(index, -1) {
		require.False(t, strings.HasPrefix(link[1], "/"), link[1])
		require.Equal(t, http.StatusOK, ask(mux, http.MethodGet, "/a/flow/"+link[1]).Code, link[1])
	}
	require.Equal(t, http.StatusOK, ask(mux, http.MethodGet, "/a/flow/snapshot.json").Code)
	require.Equal(t, "/a/flow/", ask(mux, http.MethodGet, "/a/flow").Header().Get("Location"))
}

func TestThePageIsOnlyRead(t *testing.T) {
	p := New(flow.NewMonitor(flow.Options{}), Options{})
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodPatch, http.MethodOptions, http.MethodConnect} {
		for _, path := range []string{"/", "/events", "/snapshot.json", "/run.json?id=1"} {
			w := ask(p, method, path)
			require.Equal(t, http.StatusMethodNotAllowed, w.Code)
			require.Equal(t, "GET, HEAD", w.Header().Get("Allow"))
		}
	}
	for _, path := range []string{"/", "/events", "/snapshot.json"} {
		require.Equal(t, http.StatusOK, ask(p, http.MethodHead, path).Code)
	}
}

func TestNamesByWhichThePageMayBeAskedFor(t *testing.T) {
	p := New(flow.NewMonitor(flow.Options{}), Options{Hosts: []string{"Flow.Example.com", "10.0.0.7", "fd00::7"}})
	for host, want := range map[string]int{
		"localhost": 200, "LOCALHOST:8090": 200, "localhost.:1": 200, "127.0.0.1:8090": 200, "127.1.2.3": 200, "[::1]:8090": 200, "[::1]": 200,
		"flow.example.com": 200, "flow.example.com:443": 200, "10.0.0.7:80": 200, "[fd00::7]:80": 200, "[::ffff:10.0.0.7]": 200,
		"": 403, "evil.example.com": 403, "localhost.evil.com": 403, "127.0.0.1.nip.io": 403, "10.0.0.8": 403, "[fd00::8]": 403,
		"example.com": 403, "0.0.0.0:8090": 403, "localhost:x:y": 403, "[": 403,
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, "/snapshot.json", nil)
		r.Host = host
		p.ServeHTTP(w, r)
		require.Equal(t, want, w.Code, host)
		if want == 403 {
			require.NotContains(t, w.Body.String(), "runs")
		}
	}
}

func TestARunAsJSON(t *testing.T) {
	m := have(t, "orders", errors.New("no more tea"))
	p := New(m, Options{})
	var s flow.Snapshot
	require.NoError(t, json.Unmarshal(ask(p, http.MethodGet, "/snapshot.json").Body.Bytes(), &s))
	require.Len(t, s.Runs, 1)
	require.Equal(t, "orders", s.Runs[0].Name)
	require.Len(t, s.Pipelines, 1)

	var r flow.Run
	require.NoError(t, json.Unmarshal(ask(p, http.MethodGet, "/run.json?id=1").Body.Bytes(), &r))
	require.Equal(t, s.Runs[0], r)
	require.Equal(t, flow.Failed, r.State)
	require.Contains(t, r.Error, "no more tea")
	require.NotEmpty(t, r.Stages)
	require.Equal(t, http.StatusNotFound, ask(p, http.MethodGet, "/run.json?id=2").Code)
	for _, id := range []string{"", "-1", "x", "99999999999999999999"} {
		require.Equal(t, http.StatusBadRequest, ask(p, http.MethodGet, "/run.json?id="+id).Code)
	}
}
