package live

import (
	"errors"
	"net/http"
	"time"
)

// patience is how long a client may take to read a frame. One that is slower than a frame a second misses some.
const patience = 10 * time.Second

// goodbye is sent after the last frame when the page is closed.
const goodbye = "event: goodbye\ndata: {}\n\n"

// serveEvents sends frames until the client goes, or the page is closed.
func (p *Page) serveEvents(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // proxies are to pass on what comes at once
	if r.Method == http.MethodHead {
		return
	}
	select {
	case p.seats <- struct{}{}:
	default:
		w.Header().Set("Retry-After", "10")
		http.Error(w, "As many look at this page as can at a time; live.Options.Clients is for more.", http.StatusServiceUnavailable)
		return
	}
	defer func() { <-p.seats }()

	client := stream{w, http.NewResponseController(w)}
	_ = client.controller.SetReadDeadline(time.Time{}) // a server's time for reading a request is over; this is no end of it
	if client.send([]byte("retry: 1000\n\n")) != nil {
		return
	}
	for {
		f, err := p.feed.frame(r.Context(), interval)
		if err != nil || client.send(f.event) != nil {
			return
		}
		next := time.NewTimer(time.Until(f.taken.Add(interval)))
		select {
		case <-next.C:
		case <-r.Context().Done():
			next.Stop()
			return
		case <-p.open.Done():
			next.Stop()
			if f, err := p.feed.frame(r.Context(), 0); err == nil && client.send(f.event) == nil {
				_ = client.send([]byte(goodbye))
			}
			return
		}
	}
}

// stream is the way to a client.
type stream struct {
	w          http.ResponseWriter
	controller *http.ResponseController
}

// send fails if the client has gone, or does not read.
func (s stream) send(event []byte) error {
	if err := s.controller.SetWriteDeadline(time.Now().Add(patience)); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	if _, err := s.w.Write(event); err != nil {
		return err
	}
	return s.controller.Flush()
}
