package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/examples/internal/sample"
)

func main() {
	stop, release := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(stop, release) // who interrupts twice does not want to wait
	if err := run(stop, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "service:", err)
		os.Exit(1)
	}
}

// run is the program.
func run(stop context.Context, args []string, out, log io.Writer) error {
	s, err := parse(args, out)
	if err != nil || s == nil {
		return err
	}
	session, disconnect, err := sample.Open(stop, s.cluster, s.rows, log)
	if err != nil {
		return err
	}
	defer disconnect()
	table, err := session.Table(stop, s.table)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", s.listen)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Listening on http://%s\n", listener.Addr())
	api := newService(session, table, s, slog.New(slog.NewTextHandler(log, nil)))
	return errors.Join(serve(stop, listener, api, s), shutDown(session))
}

var errRestart = errors.New("the service is shut down")

// lastWords is how long streams that are broken off have to tell their clients.
const lastWords = 5 * time.Second

// serve answers requests until stop ends and what is under way then has ended, or has had its time.
func serve(stop context.Context, listener net.Listener, api *service, s *settings) error {
	requests, cutOff := context.WithCancelCause(context.Background())
	defer cutOff(nil)
	server := &http.Server{
		Handler:           api.handler(),
		BaseContext:       func(net.Listener) context.Context { return requests },
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      30 * time.Second, // sink.HTTP has its own for streams
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(api.log.Handler(), slog.LevelWarn),
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return err
	case <-stop.Done():
	}

	api.log.Info("not ready any more", "streams", len(api.slots))
	api.stopping.Store(true)
	time.Sleep(s.notice)
	err := shutDownWithin(s.grace, server)
	if err != nil { // something takes longer
		api.log.Warn("streams are broken off", "streams", len(api.slots))
		cutOff(errRestart)
		if err = shutDownWithin(lastWords, server); err != nil {
			err = server.Close()
		}
	}
	<-ended
	return err
}

func shutDownWithin(d time.Duration, server *http.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	return server.Shutdown(ctx)
}

// shutDown closes the session when all that it is asked for has ended, which it has unless a handler hangs.
func shutDown(session *cql.Session) error {
	ctx, cancel := context.WithTimeout(context.Background(), lastWords)
	defer cancel()
	return session.Shutdown(ctx)
}
