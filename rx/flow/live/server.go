package live

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/rxcql/rxcql/rx/flow"
)

// Server serves one page, on an address of its own.
type Server struct {
	page   *Page
	http   *http.Server
	url    string
	served chan struct{} // closed when no more connections are taken
}

// Listen serves the page of m on an address such as 127.0.0.1:8090, until [Server.Close]. Port 0 is for any that is free.
// An address that other machines can reach, such as :8090, is an error unless [Options] has hosts.
func Listen(address string, m *flow.Monitor, o Options) (*Server, error) {
	addr, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("live: %q is no address to listen on: %w", address, err)
	}
	if !addr.IP.IsLoopback() && len(o.Hosts) == 0 {
		return nil, fmt.Errorf("live: others than this machine could reach the page on %q, which asks for no password: "+
			"listen on 127.0.0.1, or name in Options.Hosts what it may be reached by", address)
	}
	listener, err := net.ListenTCP("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("live: %w", err)
	}
	page := New(m, o)
	s := &Server{page: page, url: urlOf(listener.Addr().(*net.TCPAddr), o.Hosts), served: make(chan struct{}), http: &http.Server{
		Handler:           page,
		ReadHeaderTimeout: 5 * time.Second,
		WriteTimeout:      patience, // events have their own
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
	}}
	go func() {
		defer close(s.served)
		_ = s.http.Serve(listener) // an error by Close, or one that takes the page away and must not end the program
	}()
	return s, nil
}

// URL is where the page is.
func (s *Server) URL() string { return s.url }

func urlOf(addr *net.TCPAddr, hosts []string) string {
	host := addr.IP.String()
	if addr.IP.IsUnspecified() { // which is for listening only
		host = canonical(hosts[0])
	}
	return "http://" + net.JoinHostPort(host, strconv.Itoa(addr.Port)) + "/"
}

// Close ends the server. Those who look see the last state, for which they have a second.
func (s *Server) Close() {
	s.page.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if s.http.Shutdown(ctx) != nil {
		_ = s.http.Close()
	}
	<-s.served
}
