// Command dashboard copies a table of orders to one of receipts, and shows on a page in the browser how that goes:
//
//	cd examples/dashboard && go run .                     # the writes are slow: the page names the sink
//	go run . -rate 0                                      # the writes are as fast as they can be
//	go run . -hosts 10.0.0.1 -from shop.orders -to shop.receipts
//
// The page is on http://127.0.0.1:8090, and on /metrics there is the same for Prometheus. Both stay when the job is done,
// until ^C, or not with -stay=false.
//
// It is a module of its own, as the client of Prometheus is nothing that the others need.
package main
