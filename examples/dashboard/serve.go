package main

import (
	"context"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	rxprom "github.com/rxcql/rxcql/contrib/prometheus"
	"github.com/rxcql/rxcql/rx/flow"
	"github.com/rxcql/rxcql/rx/flow/live"
)

// serve shows the monitor on an address until stop is called: the page, and metrics. With the page alone that is
// live.Listen.
func serve(address string, monitor *flow.Monitor) (url string, stop func(), err error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return "", nil, err
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(rxprom.NewCollector(monitor))
	page := live.New(monitor, live.Options{})
	mux := http.NewServeMux()
	mux.Handle("/", page)
	mux.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	server.RegisterOnShutdown(page.Close)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	return "http://" + listener.Addr().String() + "/", func() {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		if server.Shutdown(ctx) != nil {
			_ = server.Close()
		}
		<-ended
	}, nil
}
