package main

import (
	"context"
	"time"

	"golang.org/x/time/rate"

	"github.com/rxcql/rxcql/cql"
	op "github.com/rxcql/rxcql/operators"
	"github.com/rxcql/rxcql/rx/flow"
	"github.com/rxcql/rxcql/sink"
	"github.com/rxcql/rxcql/source"
)

// Order is a row that is read.
type Order struct {
	Customer, Number int
	At               time.Time
	Item             string
	Cents            int
}

// Receipt is a row that is written.
type Receipt struct {
	Customer, Number int
	At               time.Time
	Cents, Tax       int
}

// write makes receipts of all orders that are not tea. It is like any other job: all that the page needs is the monitor in
// ctx, and names for what should be told apart.
func write(ctx context.Context, session *cql.Session, s *settings) (report sink.Report, err error) {
	orders := source.Table[Order](session, s.from).Columns("customer", "number", "at", "item", "cents").Rows()
	taxable := flow.Named(op.Filter(orders, func(o Order) bool { return o.Item != "tea" }), "all but tea")
	made := flow.Named(op.Map(taxable, receipt), "receipt")
	insert := sink.Insert[Receipt](session, s.to)
	if s.rate > 0 {
		insert = insert.Throttle(rate.NewLimiter(rate.Limit(s.rate), 100))
	}
	err = flow.Do(ctx, "receipts", func(ctx context.Context) error {
		report, err = insert.Write(ctx, made)
		return err
	})
	return report, err
}

// receipt has the tax that is in a price, of 19 per cent.
func receipt(o Order) Receipt {
	return Receipt{Customer: o.Customer, Number: o.Number, At: o.At, Cents: o.Cents, Tax: o.Cents * 19 / 119}
}
