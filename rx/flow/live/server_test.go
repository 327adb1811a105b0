package live

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

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
