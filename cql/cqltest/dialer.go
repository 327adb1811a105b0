package cqltest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"strings"

	"github.com/gocql/gocql"
)

type dialer struct{ s *Server }

// pipe is the client's end of a net.Pipe, with the address that gocql wants to find.
type pipe struct {
	net.Conn
	remote net.Addr
}

func (p pipe) RemoteAddr() net.Addr { return p.remote }

// Dialer connects to the nodes, by their addresses, without sockets. Into a testing/synctest bubble it connects only if
// the server was made in it.
func (s *Server) Dialer() gocql.Dialer { return dialer{s} }

var errOtherBubble = errors.New("cqltest: the server belongs to another testing/synctest bubble, or to none; " +
	"call NewServer inside the function that synctest.Test runs")

// DialContext implements gocql.Dialer.
func (d dialer) DialContext(ctx context.Context, _, addr string) (net.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if bubble() != d.s.bubble {
		return nil, errOtherBubble // before the server's WaitGroup makes the runtime end the process
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	for _, n := range d.s.nodes {
		if n.ip.String() == host {
			client, server := net.Pipe()
			if err := d.s.serve(server, n); err != nil {
				return nil, err
			}
			return pipe{client, &net.TCPAddr{IP: n.ip, Port: n.port}}, nil
		}
	}
	return nil, fmt.Errorf("cqltest: no node has the address %s", addr)
}

// bubble names the testing/synctest bubble that it is called in; empty outside of one. Only the head of a stack trace
// tells: "goroutine 7 [running, synctest bubble 3]:".
func bubble() string {
	var buf [128]byte
	head, _, _ := strings.Cut(string(buf[:runtime.Stack(buf[:], false)]), "]")
	_, name, _ := strings.Cut(head, "synctest bubble ")
	return name
}
