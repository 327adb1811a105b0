package live

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rxcql/rxcql/internal/virtualtime"
	"github.com/rxcql/rxcql/rx/flow"
)

func TestListen(t *testing.T) {
	m := have(t, "orders", nil)
	for _, address := range []string{"127.0.0.1:0", "localhost:0"} {
		s, err := Listen(address, m, Options{})
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(s.URL(), "http://127.0.0.1:"), s.URL())
		transport := &http.Transport{}
		client := &http.Client{Transport: transport}
		response, err := client.Get(s.URL() + "events")
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, response.StatusCode)
		s.Close()
		events, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.True(t, strings.HasSuffix(string(events), goodbye), "it has ended in order")
		require.NoError(t, response.Body.Close())
		_, err = client.Get(s.URL())
		require.Error(t, err)
		s.Close()
		transport.CloseIdleConnections()
	}
}

func TestListenWhereOthersCouldReachIt(t *testing.T) {
	m := flow.NewMonitor(flow.Options{})
	for _, address := range []string{":0", "0.0.0.0:0", "[::]:0"} {
		_, err := Listen(address, m, Options{})
		require.ErrorContains(t, err, "listen on 127.0.0.1, or name in Options.Hosts")
	}
	for _, address := range []string{"", "x", "127.0.0.1", "127.0.0.1:no such port", "127.0.0.1:99999"} {
		_, err := Listen(address, m, Options{})
		require.Error(t, err, address)
	}
	s, err := Listen("127.0.0.1:0", m, Options{})
	require.NoError(t, err)
	defer s.Close()
	_, err = Listen(strings.TrimSuffix(strings.TrimPrefix(s.URL(), "http://"), "/"), m, Options{})
	require.ErrorContains(t, err, "address already in use")
}

// An address that is for listening only is not what a browser asks for.
func TestTheURLOfAPageForOthers(t *testing.T) {
	s, err := Listen("0.0.0.0:0", flow.NewMonitor(flow.Options{}), Options{Hosts: []string{"Flow.example.com"}})
	require.NoError(t, err)
	defer s.Close()
	require.Regexp(t, `^http://flow\.example\.com:\d+/$`, s.URL())
}

func TestTheURLIsOneThatThePageAnswersTo(t *testing.T) {
	for _, tt := range []struct {
		ip, host, url string
	}{
		{"127.0.0.1", "flow.example.com", "http://127.0.0.1:80/"},
		{"192.0.2.2", "flow.example.com", "http://flow.example.com:80/"},
		{"192.0.2.2", "192.0.2.2", "http://192.0.2.2:80/"},
		{"fd00::7", "FD00::7", "http://[fd00::7]:80/"},
		{"::", "fd00::7", "http://[fd00::7]:80/"},
	} {
		hosts := []string{tt.host}
		require.Equal(t, tt.url, urlOf(&net.TCPAddr{IP: net.ParseIP(tt.ip), Port: 80}, hosts))
		w := httptest.NewRecorder()
		New(flow.NewMonitor(flow.Options{}), Options{Hosts: hosts}).ServeHTTP(w, httptest.NewRequest(http.MethodGet, tt.url, nil))
		require.Equal(t, http.StatusOK, w.Code)
	}
}

// pipes is a listener for connections inside the process, so that time can be virtual.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	if c, ok := <-p; ok {
		return c, nil
	}
	return nil, net.ErrClosed
}
func (p pipes) Close() error   { close(p); return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

func (p pipes) connect() net.Conn {
	client, server := net.Pipe()
	p <- server
	return client
}

// A body that never comes holds a connection for seconds; events go on.
func TestAClientThatDoesNotSendItsBody(t *testing.T) {
	virtualtime.Test(t, func(t *testing.T) {
		all := make(pipes)
		s := listenOn(New(flow.NewMonitor(flow.Options{}), Options{}), all, "")
		start := time.Now()
		slow := all.connect()
		go func() {
			_, _ = io.WriteString(slow, "GET /snapshot.json HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n")
		}()
		_, err := io.ReadAll(slow)
		require.NoError(t, err)
		require.Equal(t, 5*time.Second, time.Since(start))
		require.NoError(t, slow.Close())

		start = time.Now()
		events := all.connect()
		go func() { _, _ = io.WriteString(events, "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n") }()
		lines := bufio.NewScanner(events)
		for n := 0; n < 60 && lines.Scan(); {
			if strings.HasPrefix(lines.Text(), "data: ") {
				n++
			}
		}
		require.NoError(t, lines.Err())
		require.Equal(t, 59*time.Second, time.Since(start))
		require.NoError(t, events.Close())
		s.Close()
	})
}

func TestHostsThatNobodyCanAskBy(t *testing.T) {
	m := flow.NewMonitor(flow.Options{})
	for _, host := range []string{"", ".", "flow.example.com:80", "http://flow.example.com", "flow.example.com/", "[::1]:80", "0.0.0.0", "::", "*", "a b", "straße.example"} {
		_, err := Listen("127.0.0.1:0", m, Options{Hosts: []string{host}})
		require.ErrorContains(t, err, "live: Options.Hosts: "+strconv.Quote(host))
		require.Panics(t, func() { New(m, Options{Hosts: []string{host}}) })
	}
}

func TestWhatIsServedBesideThePage(t *testing.T) {
	m := flow.NewMonitor(flow.Options{})
	p := New(m, Options{Beside: map[string]http.Handler{"/metrics": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "up 1")
	})}})
	require.Equal(t, "up 1", ask(p, http.MethodGet, "/metrics").Body.String())
	require.Contains(t, ask(p, http.MethodGet, "/").Body.String(), "<title>")
	w := httptest.NewRecorder()
	p.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://evil.example.com/metrics", nil))
	require.Equal(t, http.StatusForbidden, w.Code, "by the names of the page only")
	require.NotContains(t, w.Body.String(), "up 1")

	for _, path := range []string{"", "metrics", "/", "/events", "/index.html", "/a/", "/a//b", "/../a"} {
		_, err := Listen("127.0.0.1:0", m, Options{Beside: map[string]http.Handler{path: http.NotFoundHandler()}})
		require.ErrorContains(t, err, "live: Options.Beside: "+strconv.Quote(path))
	}
	_, err := Listen("127.0.0.1:0", m, Options{Beside: map[string]http.Handler{"/a": nil}})
	require.ErrorContains(t, err, "nil")
}
