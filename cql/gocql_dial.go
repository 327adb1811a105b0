package cql

import (
	"context"
	"net"
	"sync"

	"github.com/gocql/gocql"
)

// dialing makes connecting stop when a context ends, for which gocql's CreateSession has no argument: it fails dials
// that are under way and closes the connections that were made, until done is called.
type dialing struct {
	ctx  context.Context
	stop func() bool

	mu    sync.Mutex
	over  bool
	conns []net.Conn
}

func interruptDialing(ctx context.Context, cfg *gocql.ClusterConfig) *dialing {
	d := &dialing{ctx: ctx}
	d.stop = context.AfterFunc(ctx, d.abort)
	if cfg.HostDialer != nil {
		cfg.HostDialer = hostDialer{cfg.HostDialer, d}
		return d
	}
	inner := cfg.Dialer
	if inner == nil {
		inner = &net.Dialer{Timeout: cfg.ConnectTimeout, KeepAlive: cfg.SocketKeepalive}
	}
	cfg.Dialer = dialer{inner, d}
	return d
}

// abort closes what was dialled.
func (d *dialing) abort() {
	d.mu.Lock()
	conns := d.conns
	d.conns = nil
	d.mu.Unlock()
	for _, c := range conns {
		c.Close()
	}
}

// done ends the watch over connections: from now on they are the session's alone.
func (d *dialing) done() {
	d.stop()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.over, d.conns = true, nil
}

// dial runs connect under both contexts while connecting is under way.
func (d *dialing) dial(ctx context.Context, connect func(context.Context) (net.Conn, error)) error {
	d.mu.Lock()
	over := d.over
	d.mu.Unlock()
	if over {
		_, err := connect(ctx)
		return err
	}
	both, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(d.ctx, func() { cancel(context.Cause(d.ctx)) })()
	conn, err := connect(both)
	if err != nil {
		return err
	}
	d.mu.Lock()
	if !d.over {
		d.conns = append(d.conns, conn)
	}
	d.mu.Unlock()
	if d.ctx.Err() != nil {
		d.abort()
	}
	return nil
}

type dialer struct {
	gocql.Dialer
	d *dialing
}

func (w dialer) DialContext(ctx context.Context, network, addr string) (conn net.Conn, err error) {
	err = w.d.dial(ctx, func(ctx context.Context) (net.Conn, error) {
		conn, err = w.Dialer.DialContext(ctx, network, addr)
		return conn, err
	})
	return conn, err
}

type hostDialer struct {
	gocql.HostDialer
	d *dialing
}

func (w hostDialer) DialHost(ctx context.Context, host *gocql.HostInfo) (dialed *gocql.DialedHost, err error) {
	err = w.d.dial(ctx, func(ctx context.Context) (net.Conn, error) {
		dialed, err = w.HostDialer.DialHost(ctx, host)
		if err != nil {
			return nil, err
		}
		return dialed.Conn, nil
	})
	return dialed, err
}
