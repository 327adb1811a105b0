package browser

import (
	"os"
	"os/exec"
)

// Find gives the path of this machine's browser, or an empty one.
func Find() string {
	if path := os.Getenv("RXCQL_BROWSER"); path != "" {
		return path
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}
