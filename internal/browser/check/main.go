// Command check says so if this machine has no browser, for want of which the tests of pages are skipped. With
// RXCQL_NO_SKIP=1 that is a failure.
package main

import (
	"fmt"
	"os"

	"github.com/rxcql/rxcql/internal/browser"
)

func main() {
	if browser.Find() == "" {
		fmt.Println("SKIPPED: the tests of the live page in a browser. There is no Chromium: apt-get install chromium, or name one in RXCQL_BROWSER.")
		if os.Getenv("RXCQL_NO_SKIP") == "1" {
			os.Exit(1)
		}
	}
}
