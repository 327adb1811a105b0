package live

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"slices"
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
	if err := o.check(); err != nil {
		return nil, fmt.Errorf("live: %w", err)
	}
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
	return listenOn(New(m, o), listener, urlOf(listener.Addr().(*net.TCPAddr), o.Hosts)), nil
}

// listenOn serves a page until the server is closed.
func listenOn(page *Page, listener net.Listener, url string) *Server {
	s := &Server{page: page, url: url, served: make(chan struct{}), http: &http.Server{
		Handler:        page,
		ReadTimeout:    5 * time.Second, // with the header and whatever body; events take longer, and lift it
		WriteTimeout:   patience,        // events have their own
		IdleTimeout:    time.Minute,
		MaxHeaderBytes: 16 << 10,
	}}
	go func() {
		defer close(s.served)
		_ = s.http.Serve(listener) // an error by Close, or one that takes the page away and must not end the program
	}()
	return s
}

// URL is where the page is.
func (s *Server) URL() string { return s.url }

// urlOf gives an address that the page answers to: that of the listener, if that is one.
func urlOf(addr *net.TCPAddr, hosts []string) string {
	host := canonical(addr.IP.String())
	named := slices.ContainsFunc(hosts, func(h string) bool { return canonical(h) == host })
	if !addr.IP.IsLoopback() && !named {
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
