package sink

import (
	"context"

	"golang.org/x/time/rate"

	"github.com/rxcql/rxcql/internal/payment"
	"github.com/rxcql/rxcql/internal/stage"
)

// rates are the limits in rows and bytes a second; nil is none. Whoever holds the limiters may change them at any time,
// and share them between writes.
type rates struct {
	rows, bytes *rate.Limiter
}

// watch has a monitor see the limiters; nil is none. The figures of a limiter of rows are there before one of bytes.
func (r rates) watch(seen *stage.Probe) {
	for _, l := range []*rate.Limiter{r.rows, r.bytes} {
		if l != nil {
			p := payment.To(l)
			p.Watch(seen)
		}
	}
}

// pay waits until so many rows of so many bytes may be sent. It returns early with why ctx has ended. Any number of
// goroutines may call it.
func (r rates) pay(ctx context.Context, rows, bytes int) error {
	for _, due := range []struct {
		to     *rate.Limiter
		tokens int
	}{{r.rows, rows}, {r.bytes, bytes}} {
		if due.to == nil {
			continue
		}
		p := payment.To(due.to)
		p.Waits(stage.From(ctx))
		err := p.Pay(ctx, due.tokens)
		p.Stop()
		if err != nil {
			return err
		}
	}
	return nil
}
