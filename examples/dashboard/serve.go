package main

import (
	"net/http"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	rxprom "github.com/rxcql/rxcql/contrib/prometheus"
	"github.com/rxcql/rxcql/rx/flow"
	"github.com/rxcql/rxcql/rx/flow/live"
)

// serve shows the monitor on an address until it is closed: the page, and metrics beside it. Neither asks for a password,
// so other machines reach them only by the names in hosts.
func serve(address, hosts string, monitor *flow.Monitor) (*live.Server, error) {
	registry := prometheus.NewRegistry()
	registry.MustRegister(rxprom.NewCollector(monitor))
	options := live.Options{Beside: map[string]http.Handler{"/metrics": promhttp.HandlerFor(registry, promhttp.HandlerOpts{})}}
	if hosts != "" {
		options.Hosts = strings.Split(hosts, ",")
	}
	return live.Listen(address, monitor, options)
}
