package source

import (
	"bytes"
	"context"
	"errors"
	"maps"

	"github.com/rxcql/rxcql/cql"
	"github.com/rxcql/rxcql/internal/decode"
	"github.com/rxcql/rxcql/rx"
)

// Page is one page of a query's rows.
type Page[T any] struct {
	Index    int    // from 1, counted from where the run started
	Rows     []T    // may be empty, also when more pages follow
	State    []byte `json:"-"` // where the next page starts; empty when this is the last. It holds key values: clients get a Token
	Host     string `json:"-"` // the coordinator that sent it
	Warnings []string
	TraceID  string            `json:"-"` // the session_id of its trace in system_traces, if it was traced; see [Select.Tracing]
	Payload  map[string][]byte `json:"-"` // the server's custom payload; see [Select.Payload]

	statement *cql.Statement // that State belongs to
}

func clonePayload(payload map[string][]byte) map[string][]byte {
	clone := maps.Clone(payload)
	for name, value := range clone {
		clone[name] = bytes.Clone(value)
	}
	return clone
}

// page is a page that is being consumed.
type page struct {
	fetched
	cql.Page
	marks *marks
	pager *pager
}

// yieldRows yields the page's rows; false when the consumer stopped.
func yieldRows[T any](ctx context.Context, p *page, d *decode.Decoder[T], yield func(T) bool) (bool, error) {
	done := ctx.Done()
	row := new(T) // its place outlives the calls that decode into it, so it is not on the stack
	for range p.Len() {
		select {
		case <-done:
			return false, rx.Cause(ctx)
		default:
		}
		d.Clear(row)
		width, err := d.Take(p.Page, row)
		if err != nil {
			return false, p.malformed(err)
		}
		p.pager.size.saw(width)
		if !yield(*row) {
			return false, nil
		}
		p.pager.consumed()
	}
	return true, nil
}

// decodePage decodes a page as a whole.
func decodePage[T any](ctx context.Context, p *page, d *decode.Decoder[T]) (Page[T], error) {
	rows := make([]T, 0, min(p.Len(), largest)) // what a page says of itself is not to be trusted with memory
	for range p.Len() {
		if err := rx.Cause(ctx); err != nil {
			return Page[T]{}, err
		}
		rows = append(rows, *new(T))
		width, err := d.Take(p.Page, &rows[len(rows)-1])
		if err != nil {
			return Page[T]{}, p.malformed(err)
		}
		p.pager.size.saw(width)
	}
	return Page[T]{
		Index: p.index, Rows: rows, State: p.marks.show(p.State()), Host: p.Host(), Warnings: p.Warnings(),
		TraceID: p.TraceID(), Payload: clonePayload(p.Payload()), statement: p.marks.statement,
	}, nil
}

// malformed is the error of a page that came but cannot be decoded.
func (p *page) malformed(err error) error {
	var cell *decode.Error
	if errors.As(err, &cell) {
		d := DecodeError(*cell)
		err = &d
	}
	return &PageError{
		Page: p.index, Host: p.Host(), Attempts: p.attempts, Class: cql.Malformed, State: p.state, Yielded: p.pager.taken, Err: err,
	}
}
