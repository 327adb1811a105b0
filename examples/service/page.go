package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

// page is the answer to a request for some orders.
type page struct {
	Orders []order `json:"orders"`         // may be none, also when more follow
	Next   string  `json:"next,omitempty"` // the cursor of the next page; none: this is the last
}

// mostOrders is the greatest limit that a client may ask for.
const mostOrders = 1000

// page answers with as many orders as the client wants, from where its cursor points to, and with the next cursor.
func (s *service) page(w http.ResponseWriter, r *http.Request) {
	orders, err := s.orders(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	limit, err := strconv.Atoi(cmp.Or(r.FormValue("limit"), "100"))
	if err != nil || limit < 1 || limit > mostOrders {
		http.Error(w, "limit must be a number from 1 to "+strconv.Itoa(mostOrders), http.StatusBadRequest)
		return
	}
	user, _, _ := r.BasicAuth() // a real service would check the password; never take what the client just claims
	cursors := source.Tokens{Keys: s.keys, Tenant: user, Lifetime: time.Hour}
	got, err := orders.PageSize(limit).FromToken(cursors, r.FormValue("cursor")).Page(r.Context())
	switch {
	case errors.Is(err, source.ErrTokenExpired):
		http.Error(w, "the cursor has expired; start again without one", http.StatusBadRequest)
		return
	case errors.Is(err, source.ErrBadToken):
		http.Error(w, "the cursor is not for this; start again without one", http.StatusBadRequest)
		return
	case err != nil:
		s.log.Error("no page", "path", r.URL.Path, "error", err)
		status := sink.StatusOf(err)
		http.Error(w, http.StatusText(status), status)
		return
	}
	next, err := got.Token(cursors)
	if err != nil {
		s.log.Error("no cursor", "path", r.URL.Path, "error", err)
		http.Error(w, "no cursor", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if err := json.NewEncoder(w).Encode(page{got.Rows, next}); err != nil {
		s.log.Info("the client is gone", "path", r.URL.Path)
	}
}
