// Package checks tests that the dashboard and the alerting rules of contrib/prometheus ask for metrics that are really
// exported. It is a module of its own for Prometheus's parser, so that nobody else gets its requirements.
package checks
