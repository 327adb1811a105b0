package sink_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/cql/cqltest"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

// An API that streams a query of any size, as the client likes it.
func ExampleHTTP() {
	server := cqltest.NewServer()
	defer server.Close()
	server.MustExec("CREATE KEYSPACE lab WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
	server.MustExec("CREATE TABLE lab.readings (sensor int, at int, celsius double, PRIMARY KEY (sensor, at))")
	for at := range 3 {
		server.MustExec("INSERT INTO lab.readings (sensor, at, celsius) VALUES (7, ?, ?)", at, 20.5+float64(at))
	}
	session, err := cql.Connect(context.Background(), server.Cluster())
	if err != nil {
		log.Fatal(err)
	}
	defer session.Close()

	type Reading struct {
		At      int     `json:"at"`
		Celsius float64 `json:"celsius"`
	}
	api := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		readings := source.Query[Reading](session, "SELECT at, celsius FROM lab.readings WHERE sensor = 7")
		if _, err := sink.HTTP[Reading](w, r).Write(r.Context(), readings.Rows()); err != nil && !errors.Is(err, sink.ErrClientGone) {
			log.Print(err)
		}
	})

	web := httptest.NewServer(api)
	defer web.Close()
	for _, accept := range []string{"application/x-ndjson", "application/json;q=0.9, text/*;q=0.5", "text/event-stream"} {
		request, err := http.NewRequest(http.MethodGet, web.URL, nil)
		if err != nil {
			log.Fatal(err)
		}
		request.Header.Set("Accept", accept)
		response, err := web.Client().Do(request)
		if err != nil {
			log.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		fmt.Println(response.Header.Get("Content-Type"))
		fmt.Printf("%s%v %s\n\n", body, err, response.Trailer.Get(sink.StreamStatus))
	}
	// Output:
	// application/x-ndjson
	// {"at":0,"celsius":20.5}
	// {"at":1,"celsius":21.5}
	// {"at":2,"celsius":22.5}
	// <nil> 200
	//
	// application/json
	// [{"at":0,"celsius":20.5}
	// ,{"at":1,"celsius":21.5}
	// ,{"at":2,"celsius":22.5}
	// ]
	// <nil> 200
	//
	// text/event-stream; charset=utf-8
	// retry: 3000
	//
	// data: {"at":0,"celsius":20.5}
	//
	// data: {"at":1,"celsius":21.5}
	//
	// data: {"at":2,"celsius":22.5}
	//
	// event: end
	// data: {"rows":3}
	//
	// <nil> 200
}
