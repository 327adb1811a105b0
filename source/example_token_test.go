package source_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/source"
)

// readingsAPI serves the readings of a sensor, page by page, to clients that are not trusted.
func readingsAPI(session *cql.Session, keys source.Keys) http.Handler {
	type answer struct {
		Values []float64 `json:"values"`
		Next   string    `json:"next,omitempty"`
	}
	api := http.NewServeMux()
	api.HandleFunc("GET /sensors/{sensor}", func(w http.ResponseWriter, r *http.Request) {
		user, _, ok := r.BasicAuth() // as your service does it
		sensor, err := strconv.Atoi(r.PathValue("sensor"))
		if !ok || err != nil {
			http.Error(w, "who, and which sensor?", http.StatusBadRequest)
			return
		}
		tokens := source.Tokens{Keys: keys, Tenant: user}
		page, err := source.Query[float64](session, "SELECT value FROM lab.readings WHERE sensor = ?", sensor).
			FromToken(tokens, r.FormValue("after")).PageSize(2).Page(r.Context())
		switch {
		case errors.Is(err, source.ErrBadToken):
			http.Error(w, "start again without after", http.StatusBadRequest)
			return
		case err != nil:
			http.Error(w, "try again later", http.StatusServiceUnavailable)
			return
		}
		next, err := page.Token(tokens)
		if err != nil {
			http.Error(w, "no cursor", http.StatusInternalServerError)
			return
		}
		json.NewEncoder(w).Encode(answer{page.Rows, next})
	})
	return api
}

// Cursors that a public HTTP API hands out.
func ExampleTokens() {
	_, session, done := laboratory()
	defer done()
	keys, err := source.NewKeys(bytes.Repeat([]byte("secret"), 6)) // 32 random bytes or more, from where you keep secrets
	if err != nil {
		log.Fatal(err)
	}
	api := readingsAPI(session, keys)
	get := func(user, path string) string {
		request := httptest.NewRequest("GET", path, nil)
		request.SetBasicAuth(user, "")
		response := httptest.NewRecorder()
		api.ServeHTTP(response, request)
		body := strings.TrimSpace(response.Body.String())
		var answer struct{ Next string }
		if json.Unmarshal([]byte(body), &answer); answer.Next != "" {
			body = strings.Replace(body, answer.Next, "…", 1)
		}
		fmt.Println(response.Code, body)
		return answer.Next
	}
	next := get("ann", "/sensors/1")
	get("ann", "/sensors/1?after="+next)
	get("ann", "/sensors/0?after="+next)
	get("bob", "/sensors/1?after="+next)
	get("ann", "/sensors/1?after="+strings.ToUpper(next))
	// Output:
	// 200 {"values":[10,11],"next":"…"}
	// 200 {"values":[12]}
	// 400 start again without after
	// 400 start again without after
	// 400 start again without after
}

// A new secret goes in front. Tokens that were made before are good until the old one is dropped.
func ExampleNewKeys() {
	_, session, done := laboratory()
	defer done()
	ctx := context.Background()
	last, this := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	before, _ := source.NewKeys(last)
	during, _ := source.NewKeys(this, last)
	afterwards, _ := source.NewKeys(this)

	values := source.Query[float64](session, "SELECT value FROM lab.readings WHERE sensor = 1").PageSize(2)
	page, err := values.Page(ctx)
	if err != nil {
		log.Fatal(err)
	}
	token, err := page.Token(source.Tokens{Keys: before, Tenant: "ann"})
	if err != nil {
		log.Fatal(err)
	}
	for _, keys := range []source.Keys{before, during, afterwards} {
		page, err := values.FromToken(source.Tokens{Keys: keys, Tenant: "ann"}, token).Page(ctx)
		fmt.Println(page.Rows, err)
	}
	// Output:
	// [12] <nil>
	// [12] <nil>
	// [] source: bad token; start again without one
}
