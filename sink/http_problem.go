package sink

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/rxcql/rxcql/cql"
)

var (
	// ErrClientGone is why a stream ended whose client has closed the connection, or does not read from it. There is
	// nobody to tell.
	ErrClientGone = errors.New("sink: the client of the response is gone")
	// ErrNotAcceptable is the result of a response whose client accepts nothing of what is on offer; it was told so.
	ErrNotAcceptable = errors.New("sink: the client accepts no media type that is offered")
)

// StatusOf gives the status of HTTP that says what an error of a stream means for the client: 400 for an argument that
// does not fit its marker and for a bad token of package source, 503 for what may go better later, and 500 for all else. An
// error of yours tells by a method StatusCode() int, of 400 or more.
func StatusOf(err error) int {
	var says interface{ StatusCode() int }
	if errors.As(err, &says) && says.StatusCode() >= 400 && says.StatusCode() < 600 {
		return says.StatusCode()
	}
	var argument *cql.ArgumentError
	if errors.As(err, &argument) {
		return http.StatusBadRequest
	}
	switch cql.ClassOf(err) {
	case cql.NotSent, cql.Unavailable, cql.Bootstrapping, cql.Unprepared, cql.ReadTimeout, cql.WriteTimeout, cql.ServerError,
		cql.ClientTimeout, cql.ConnectionClosed, cql.Overloaded, cql.Canceled, cql.Closed:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// problem is problem details for an API (RFC 9457). It tells the status and never the error, which is for the log.
type problem struct {
	Title   string      `json:"title"`
	Status  int         `json:"status"`
	Offered []MediaType `json:"offered,omitempty"` // what could be accepted
}

func (p problem) json() []byte {
	p.Title = http.StatusText(p.Status)
	b, err := json.Marshal(p)
	if err != nil {
		panic(err) // of texts and a number
	}
	return b
}

// retryAfter is what a 503 asks for, in seconds.
const retryAfter = "5"

// answer sends the problem as the whole response.
func (p problem) answer(w http.ResponseWriter) (bytes int64) {
	h := w.Header()
	h.Del("Content-Length")
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	if p.Status == http.StatusServiceUnavailable && h.Get("Retry-After") == "" {
		h.Set("Retry-After", retryAfter)
	}
	w.WriteHeader(p.Status)
	n, _ := w.Write(append(p.json(), '\n')) // who cannot be told is gone
	return int64(n)
}
