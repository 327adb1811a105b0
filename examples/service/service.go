package main

import (
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

// order is a row of the table, and what clients get of it.
type order struct {
	Customer int       `json:"customer"`
	Number   int       `json:"number"`
	At       time.Time `json:"at"`
	Item     string    `json:"item"`
	Cents    int       `json:"cents"`
}

// service is what the handlers share.
type service struct {
	session     *cql.Session
	table       cql.Table
	consistency cql.Consistency
	keys        source.Keys
	log         *slog.Logger
	slots       chan struct{} // holds one for each stream
	stopping    atomic.Bool
}

func newService(session *cql.Session, table cql.Table, s *settings, log *slog.Logger) *service {
	return &service{
		session: session, table: table, consistency: s.cluster.Consistency, keys: s.keys, log: log,
		slots: make(chan struct{}, s.streams),
	}
}

func (s *service) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /orders", s.page)
	mux.HandleFunc("GET /orders/stream", s.stream)
	mux.HandleFunc("GET /healthz", func(http.ResponseWriter, *http.Request) {}) // it runs
	mux.HandleFunc("GET /readyz", s.readyz)
	return mux
}

var (
	errCustomer = errors.New("customer must be a number")
	errForm     = errors.New("the query string is malformed")
)

// orders is the query that a request asks for: the orders of a customer, or of all.
func (s *service) orders(r *http.Request) (source.Select[order], error) {
	statement := "SELECT customer, number, at, item, cents FROM " + s.table.String()
	if err := r.ParseForm(); err != nil { // FormValue would leave the customer out, and the answer be all orders
		return source.Select[order]{}, errForm
	}
	text := r.FormValue("customer")
	if text == "" {
		return source.Query[order](s.session, statement).Consistency(s.consistency), nil
	}
	customer, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return source.Select[order]{}, errCustomer
	}
	return source.Query[order](s.session, statement+" WHERE customer = ?", customer).Consistency(s.consistency), nil
}

// stream answers with all orders that there are.
func (s *service) stream(w http.ResponseWriter, r *http.Request) {
	orders, err := s.orders(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	default:
		w.Header().Set("Retry-After", "5")
		http.Error(w, "too many streams", http.StatusServiceUnavailable)
		return
	}
	started := time.Now()
	report, err := sink.HTTP[order](w, r).Write(r.Context(), orders.Rows())
	log := s.log.With("path", r.URL.Path, "as", report.MediaType, "status", report.Status, "rows", report.Rows, "took", time.Since(started))
	switch {
	case errors.Is(err, sink.ErrClientGone):
		log.Info("the client is gone")
	case err != nil:
		log.Error("the stream failed", "error", err)
	default:
		log.Info("streamed")
	}
}

// readyz tells whether requests should be sent here.
func (s *service) readyz(w http.ResponseWriter, r *http.Request) {
	if s.stopping.Load() {
		http.Error(w, "shutting down", http.StatusServiceUnavailable)
		return
	}
	_, err := source.Query[string](s.session, "SELECT key FROM system.local").
		Timeout(2 * time.Second).Retry(operators.Backoff{Attempts: 1}).Page(r.Context())
	if err != nil {
		s.log.Warn("the database does not answer", "error", err)
		http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
	}
}
