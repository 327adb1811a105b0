package live

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/rxcql/rxcql/rx/flow"
)

// Options of a [Page]. The zero value is ready.
type Options struct {
	// Hosts are the names and IP addresses, without ports, by which browsers may ask for the page, beside localhost and
	// the loopback addresses. [Listen] takes an address that other machines can reach only if there are some.
	Hosts []string
	// Beside is what else is served, by its path, such as /metrics: to those who may ask for the page, and to nobody else.
	Beside map[string]http.Handler
	// Clients is how many browsers can look at a time; more are told so. 0 is for 16.
	Clients int
}

const clientsByDefault = 16

// Page serves the page of a monitor, and what it is made of; see the package for the path that it needs. It only answers
// GET and HEAD.
type Page struct {
	feed   feed
	hosts  map[string]bool
	beside map[string]http.Handler
	seats  chan struct{} // one for each client that events go to
	open   context.Context
	close  context.CancelFunc
}

// New makes the page of m. [Page.Close] it before its server shuts down. It panics if the options make no sense.
func New(m *flow.Monitor, o Options) *Page {
	if m == nil {
		panic("live.New: nil monitor")
	}
	if err := o.check(); err != nil {
		panic("live.New: " + err.Error())
	}
	if o.Clients <= 0 {
		o.Clients = clientsByDefault
	}
	p := &Page{feed: newFeed(m.Snapshot), hosts: make(map[string]bool), beside: maps.Clone(o.Beside),
		seats: make(chan struct{}, o.Clients)}
	p.open, p.close = context.WithCancel(context.Background())
	for _, h := range o.Hosts {
		p.hosts[canonical(h)] = true
	}
	return p
}

// check tells what is wrong with options.
func (o Options) check() error {
	for _, h := range o.Hosts {
		if err := checkHost(h); err != nil {
			return err
		}
	}
	for at, h := range o.Beside {
		switch name, rooted := strings.CutPrefix(at, "/"); {
		case h == nil:
			return fmt.Errorf("Options.Beside has nil for %q", at)
		case !rooted || path.Clean(at) != at:
			return fmt.Errorf("Options.Beside: %q is no path such as /metrics", at)
		case owned(name):
			return fmt.Errorf("Options.Beside: %q is the page's own", at)
		}
	}
	return nil
}

// owned tells whether the page has something of that name.
func owned(name string) bool {
	switch name {
	case "", "events", "run.json", "snapshot.json":
		return true
	}
	_, err := assets.ReadFile("assets/" + name)
	return err == nil
}

// Close has all who look see the last state, and ends what goes to them, which otherwise lasts as long as they look.
func (p *Page) Close() { p.close() }

//go:embed assets
var assets embed.FS

// types are those of the embedded files; what the machine says of their endings may be anything.
var types = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
}

// policy lets the page load its own files and nothing else, run no script that is in a text, and be in no frame.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h := p.beside[r.URL.Path]; h != nil && p.mayAsk(r.Host) {
		h.ServeHTTP(w, r)
		return
	}
	header := w.Header()
	header.Set("Content-Security-Policy", policy)
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Frame-Options", "DENY")
	header.Set("Cache-Control", "no-store")
	switch {
	case !p.mayAsk(r.Host):
		http.Error(w, "This page is not served under this name: live.Options.Hosts has those that are fine.", http.StatusForbidden)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		header.Set("Allow", "GET, HEAD")
		http.Error(w, "This page can only be read.", http.StatusMethodNotAllowed)
	default:
		p.serve(w, r)
	}
}

func (p *Page) serve(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/")
	switch name {
	case "events":
		p.serveEvents(w, r)
	case "run.json":
		p.serveRun(w, r)
	case "snapshot.json":
		if f, err := p.feed.frame(r.Context(), interval); err == nil {
			serveJSON(w, f.snapshot)
		}
	default:
		if name == "" {
			name = "index.html"
		}
		content, err := assets.ReadFile("assets/" + name)
		if err != nil {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", types[path.Ext(name)])
		_, _ = w.Write(content)
	}
}

// serveRun gives one run with its stages, which events have only of those that are under way.
func (p *Page) serveRun(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.ParseUint(r.URL.Query().Get("id"), 10, 64)
	if err != nil {
		http.Error(w, "id is not the number of a run.", http.StatusBadRequest)
		return
	}
	f, err := p.feed.frame(r.Context(), interval)
	if err != nil {
		return // whoever asked has gone
	}
	for _, run := range f.snapshot.Runs {
		if run.ID == id {
			serveJSON(w, run)
			return
		}
	}
	http.Error(w, "The monitor does not have this run any more.", http.StatusNotFound)
}

func serveJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // fails if whoever asked has gone
}
