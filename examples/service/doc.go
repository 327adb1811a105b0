// Service is a small data service over HTTP: it streams a table of any size, hands out pages with cursors, and stops
// without cutting anything off.
//
//	go run ./examples/service
//	go run ./examples/service -hosts 10.0.0.1 -dc dc1 -table shop.orders -secret-file /run/secrets/cursors
//
// Without -hosts it starts a Cassandra server inside its own process and serves a table from there. Ask it:
//
//	curl 'localhost:8080/orders/stream'                                     # all orders, as lines of JSON
//	curl 'localhost:8080/orders/stream?customer=7' -H 'Accept: text/event-stream'
//	curl 'localhost:8080/orders?customer=7&limit=20'                        # a page, and the cursor of the next
//	curl 'localhost:8080/orders?customer=7&limit=20&cursor=…'
//	curl 'localhost:8080/healthz' 'localhost:8080/readyz'
//
// A stream takes as many pages from Cassandra as its client reads, and ends when the client goes. There are -streams at a
// time; beyond that the answer is 503. A cursor is good for the user to whom it was given (by basic authentication, whose
// password nobody checks here), for the same customer, and for an hour; any other is a 400.
//
// On SIGTERM or ^C it says at /readyz that it is not ready any more, goes on for -notice, takes no new connections, and
// lets what is under way end, for -grace at most. Streams that take longer are told of the failure and broken off, so
// that nobody takes what came for the whole.
package main
