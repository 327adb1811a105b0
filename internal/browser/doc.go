// Package browser tests the pages of this repository in a real browser, a headless Chromium. It is a module of its own, as
// what drives the browser is large.
//
// Without a browser on the machine its tests are skipped, and `make test` says so: apt-get install chromium, or whatever
// brings one to the machine. RXCQL_BROWSER names one that is not found by itself.
//
//	go test -tags screenshots -run Screenshots .    # takes the pictures anew
package browser
